// Package callers holds the reliability cases in which very many goroutines use one client at once,
// through expiry, rejection and every kind of failure to refresh.
//
// But for the waiters, whose delay is measured by the real clock, a case runs in a bubble of
// [testing/synctest]: its goroutines run in parallel as ever, its hours pass in no time, and what it counts or
// measures does not depend on how busy the machine is. A bubble also ends only when each of its
// goroutines has.
package callers
