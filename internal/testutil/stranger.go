package testutil

// Stranger is the number of a user that is not in any user database.
const Stranger = 54321
