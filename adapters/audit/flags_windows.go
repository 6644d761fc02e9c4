package audit

// openFlags are further flags for opening a log file.
const openFlags = 0
