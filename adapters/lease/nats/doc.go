// Package nats is a store that several exporters share: a key-value bucket of NATS JetStream.
//
// The bucket has an entry for each feed with its owner, how far it came and the last marks. Each write
// names the revision of the entry that it replaces, so that an exporter that has lost a feed cannot
// commit any more, however late it notices. Marks that do not fit into the entry are in entries of
// their own, which are reused: the bucket has 24 bytes for each record within the overlap.
//
// One more entry is the table of the exporters. Each one counts its own row up, eight times within the
// time of a lease. An exporter that sees five of its own counts stored, and none of another one,
// removes the other's row: what it held is free. So a lease is measured by revisions; no clock is
// compared. If the servers are out of reach, no exporter loses its feeds.
//
// Each exporter holds at most its fair share of the feeds, and lets go of the rest when others join.
//
// The position of a sink belongs to the exporter's name, and is stored before the feeds: a sink with
// positions gets a record at least once, and each exporter has to have one of its own.
package nats
