// Package paging turns an operation that pages into an iterator over all of its rows. A run returns
// every row, or an error with the cursor of the last good row; it never skips a page.
//
// Generated services have a method for each operation that pages, for example
//
//	for alert, err := range alerts.New(client).AlertsServiceSearchAll(ctx, args, paging.Limit(5000)) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// [Raw] pages any operation without its types. Both use the same eight strategies; see
// docs/protocol.md#paging. Leaving the loop cancels what is running and waits for it.
//
// A page is read before its first row is returned. A row that comes twice is dropped and counted, by
// its id, among the rows of the latest pages. Rows without an id are never dropped. Null rows are
// left out.
package paging
