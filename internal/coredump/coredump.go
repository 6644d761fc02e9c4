// Package coredump disables core files, which would contain the secrets in memory. Only programs
// use it: a library must not decide this for a process.
package coredump
