package archtest

// operationRows are the folders for those who operate programs of this SDK.
var operationRows = []Row{{
	Folder:  "adapters/audit",
	Purpose: "writes an audit log of logins to a file, syslog or the journal",
	Ours:    []string{"core", "ports", "internal/envvar"},
}}
