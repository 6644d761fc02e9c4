// Package crash holds the reliability cases in which a writer does not come to its end: it is
// killed at every system call of a write and at random, and the power fails.
package crash
