// Package paging reads all rows of an operation that returns them in pages, as an iterator. A run
// returns every row, or an error with the cursor after the last good row; it never skips a page.
//
// Generated services have a method with the suffix All for each such operation, for example
//
//	for alert, err := range alerts.New(client).AlertsServiceSearchAll(ctx, args, paging.Limit(5000)) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// [Limit], [Size] and [Prefetch] control a run, [Track] and [From] continue it later, and [Count]
// counts its rows and requests. [Raw] pages an operation without its Go types. Typed pagers and Raw
// use the same eight strategies; see docs/protocol.md#paging. Leaving the loop cancels pending
// requests and waits for their end.
//
// A page is read completely before its first row is returned. If a row of the latest pages comes
// again, recognized by its id, it is dropped and counted. Rows without an id are never dropped.
// Null rows are left out.
package paging
