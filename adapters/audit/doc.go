// Package audit writes an audit log of logins, refreshes and logouts: one JSON object for each
// [core.LoginEvent], to a file, to syslog or to the journal of systemd:
//
//	client, err := taegis.New(taegis.WithLoginObserver(&audit.Log{Target: "/var/log/acme/taegis.jsonl"}))
//
// The command line and package profile write the logs that the profile file and the variable
// TAEGIS_AUDIT_LOG name. A program without profiles passes that of [FromEnvironment] to the client.
package audit

import "github.com/taegis-go/taegis/ports"

var _ ports.LoginObserver = (*Log)(nil)
