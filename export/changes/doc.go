// Package changes turns the versions of cases and alerts that an export delivers into a feed of
// changes: created, updated, commented and closed.
//
// [Sink] stands between an export of changes and another sink:
//
//	stream, err := export.NewStream(export.StreamConfig{Kind: export.Cases, Changes: true})
//	…
//	export.Run(ctx, export.Config{Sink: &changes.Sink{Next: sink, Path: "known", Since: now}, …})
//
// It remembers the last version of each record in a file, to know what has changed. Changes are
// delivered at least once, and those of one record in their order. If a record changes twice between
// two passes of the export, the server returns its last version only: the feed then has each comment,
// and one change for the rest.
package changes
