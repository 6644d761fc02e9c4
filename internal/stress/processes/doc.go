// Package processes holds the reliability cases in which many processes of one user share a home:
// they start together, refresh together, and one of them is killed, stopped or slow while it logs
// in, or has no locks to hold.
package processes
