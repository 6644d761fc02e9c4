// Package coredump keeps what a process holds in memory out of core files. It is for programs:
// whether a process leaves a core is its program's to say, not that of a library in it.
package coredump
