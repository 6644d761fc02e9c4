// Package export moves records from Taegis to a sink without losing any, and continues after every
// interruption.
//
//	stream, err := export.NewStream(export.StreamConfig{Kind: export.Alerts, Query: "severity >= 0.6"})
//	…
//	store, err := export.OpenDir(ctx, "/var/lib/taegis-export")
//	…
//	defer store.Close()
//	summary, err := export.Run(ctx, export.Config{
//		Feeds: []export.Feed{{Stream: stream, Environment: "charlie", Transport: client, Since: since}},
//		Store: store,
//		Sink:  &file.Sink{Path: "alerts.jsonl"},
//	})
//
// # How nothing is lost
//
// A feed is one [Stream] of one tenant. It is read in closed windows of time. A window ends some time
// before now, the lag, and the next one begins before its end, the overlap: records that arrive late,
// up to lag and overlap after their time, are found by a later window. What was delivered before is
// recognized and dropped.
//
// A batch of records is delivered to the sink, the sink is synchronized, and then how far the feed
// came is committed to the [Store], in this order. So a record is delivered at least once: a process
// that is killed between the steps delivers the batch again, unless the sink can take it back.
//
// A window is complete if the server returned all of it. If there are too many records for one search
// or a page fails, nothing is skipped: the window is divided or repeated. A record that a sink refuses
// for good goes to the dead-letter file. What arrives later than lag and overlap is found by [Verify].
//
// All times are the server's: those of its answers and, for now, its Date header.
package export
