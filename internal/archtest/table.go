// Package archtest defines the architecture of the SDK as a table, and checks a source tree against
// it.
package archtest

import "slices"

// House is the table of this module.
var House = Table{
	Module:      "github.com/taegis-go/taegis",
	MaxLines:    450,
	TestSupport: []string{"testing/..."},
	TestModules: []string{
		"github.com/creack/pty",
		"github.com/google/go-cmp",
		"github.com/rogpeppe/go-internal",
		"golang.org/x/net",
		"go.uber.org/goleak",
		"go.yaml.in/yaml/v3",
		"pgregory.net/rapid",
	},
	Rows: slices.Concat(rows, operationRows, commandRows),
}

var rows = []Row{{
	Folder:  ".",
	Purpose: "composes the parts into a client",
	Ours: []string{
		"core", "internal/session", "ports", "adapters/authn", "adapters/terminal",
		"adapters/tokenstore", "adapters/transport/...", "internal/envvar", "internal/inifile", "internal/lenientjson",
		"internal/policy", "internal/setting",
	},
	Others: []string{"golang.org/x/oauth2"},
}, {
	Folder:  "core",
	Purpose: "defines the shared types and errors: environments, tokens, secrets, requests",
	Ours:    []string{"internal/digest", "internal/netaddr", "internal/redact", "internal/setting", "internal/text"},
	Bans:    []string{"os/...", "syscall", "log"}, // log/slog defines types, log writes
}, {
	Folder:  "internal/session",
	Purpose: "manages the life of a token: login, refresh, rejection",
	Ours:    []string{"core", "ports"},
}, {
	Folder:  "ports",
	Purpose: "defines the interfaces that adapters implement",
	Ours:    []string{"core"},
}, {
	Folder:  "ports/portstest",
	Purpose: "tests that an adapter conforms to its port",
	Ours:    []string{"core", "ports"},
	Testing: true,
}, {
	Folder:  "adapters/authn",
	Purpose: "authenticators: client credentials, interactive, SSO, password, credential process",
	Ours: []string{
		"core", "ports", "internal/httpcopy", "internal/subprocess", "internal/proxy",
		"internal/redact", "internal/retry", "internal/setting", "internal/text",
		"internal/digest", "internal/netaddr", "internal/tlserror", "internal/pause",
	},
}, {
	Folder:  "adapters/terminal",
	Purpose: "prompts the user at the terminal",
	Ours:    []string{"core", "internal/subprocess", "internal/text"},
	Others:  []string{"golang.org/x/sys", "golang.org/x/term", "rsc.io/qr"},
}, {
	Folder:  "adapters/tokenstore",
	Purpose: "stores tokens in the file that the Python SDK shares, or in memory",
	Ours: []string{
		"core", "ports", "internal/homedir", "internal/inifile", "internal/filelock",
		"internal/fileperm", "internal/atomicfile", "internal/setting", "internal/digest",
		"internal/netaddr",
	},
	Others: []string{"github.com/spf13/afero"},
}, {
	Folder:  "adapters/tokenstore/keyring",
	Purpose: "stores tokens in a file that a key from the operating system's keyring seals",
	Ours: []string{
		"core", "ports", "adapters/tokenstore", "adapters/tokenstore/keyring/...",
		"internal/envvar", "internal/homedir", "internal/inifile", "internal/filelock",
		"internal/fileperm", "internal/subprocess", "internal/atomicfile",
		"internal/setting", "internal/text", "internal/digest",
	},
	Others: []string{"github.com/99designs/keyring", "github.com/godbus/dbus/v5", "github.com/spf13/afero"},
}, {
	Folder:  "adapters/tokenstore/keyring/internal/hiddenbus",
	Purpose: "hides the session bus from a library that dials it when a program starts",
}, {
	Folder:  "adapters/transport",
	Purpose: "sends GraphQL requests over HTTP and WebSocket",
	Ours: []string{
		"core", "ports", "internal/cabundle", "internal/evidence", "internal/httpcopy", "internal/introspection",
		"internal/lenientjson", "internal/proxy", "internal/redact", "internal/retry",
		"internal/setting", "internal/shellquote", "internal/text", "internal/netaddr",
		"internal/tlserror", "internal/fusion", "internal/pause", "internal/headers",
	},
	Others: []string{
		"github.com/cenkalti/backoff/v5", "github.com/coder/websocket", "github.com/vektah/gqlparser/v2",
	},
}, {
	Folder:  "adapters/transport/drift",
	Purpose: "adapts operations to servers with a different schema",
	Ours: []string{
		"core", "ports",
		"internal/evidence", "internal/introspection", "internal/fileperm", "internal/redact", "internal/atomicfile", "internal/text",
	},
	Others: []string{"github.com/spf13/afero", "github.com/vektah/gqlparser/v2"},
}, {
	Folder:  "adapters/sink/file",
	Purpose: "delivers exported records to a file that is rotated and compressed",
	Ours: []string{
		"core", "internal/atomicfile", "internal/diskfull", "internal/filelock", "internal/fileperm", "internal/recordjson",
		"internal/sinkfault",
	},
	Others: []string{"github.com/klauspost/compress", "github.com/spf13/afero"},
}, {
	Folder:  "adapters/sink/stdout",
	Purpose: "delivers exported records to a stream",
	Ours:    []string{"core", "internal/diskfull", "internal/recordjson", "internal/sinkfault"},
}, {
	Folder:  "adapters/sink/http",
	Purpose: "posts exported records as JSON lines",
	Ours:    []string{"core", "internal/httpbatch", "internal/recordjson", "internal/sinkfault"},
}, {
	Folder:  "adapters/sink/webhook",
	Purpose: "posts each exported record as a signed webhook",
	Ours:    []string{"core", "internal/httpbatch", "internal/sinkfault"},
}, {
	Folder:  "adapters/sink/splunk",
	Purpose: "posts exported records to the HTTP Event Collector of Splunk",
	Ours:    []string{"core", "internal/httpbatch", "internal/recordjson", "internal/sinkfault", "internal/pause"},
}, {
	Folder:  "adapters/sink/otlp",
	Purpose: "posts exported records as log records of OpenTelemetry",
	Ours:    []string{"core", "internal/httpbatch", "internal/recordjson", "internal/sinkfault"},
}, {
	Folder:  "adapters/sink/nats",
	Purpose: "publishes exported records to a stream of NATS JetStream",
	Ours:    []string{"core", "internal/natsconfig", "internal/natswire", "internal/recordjson", "internal/sinkfault"},
}, {
	Folder:  "adapters/lease/nats",
	Purpose: "keeps in NATS JetStream how far an export came that several machines share",
	Ours:    []string{"core", "export", "internal/digest", "internal/natsconfig", "internal/natswire", "internal/pause", "internal/sinkfault"},
}, {
	Folder:  "adapters/sink/syslog",
	Purpose: "sends exported records as syslog messages over TLS or TCP",
	Ours:    []string{"core", "internal/cabundle", "internal/pause", "internal/recordjson", "internal/sinkfault", "internal/tlserror"},
	Others:  []string{"golang.org/x/sys"},
}, {
	Folder:  "plugins",
	Purpose: "runs authenticators in another process",
	Ours: []string{
		"core", "ports", "plugins/internal/contract", "internal/coredump", "internal/envvar",
		"internal/subprocess", "internal/proxy", "internal/redact", "internal/text",
		"internal/digest", "internal/netaddr", "internal/filelock", "internal/fileperm", "internal/policy", "internal/setting", "internal/tlserror",
	},
	Others: []string{
		"aead.dev/minisign", "github.com/hashicorp/go-hclog", "github.com/hashicorp/go-plugin",
		"golang.org/x/sys", "google.golang.org/grpc", "google.golang.org/protobuf",
	},
}, {
	Folder:  "plugins/contract/*",
	Purpose: "publishes a version of the messages between a host and a plugin, for any language",
}, {
	Folder:  "plugins/internal/contract",
	Purpose: "defines the messages between a host and a plugin",
	Others:  []string{"google.golang.org/grpc", "google.golang.org/protobuf"},
}, {
	Folder:  "plugins/*",
	Purpose: "a plugin program that ships with the SDK",
	// Some find client credentials and exchange them as every program does.
	Ours: []string{"core", "plugins", "ports", "adapters/authn", "internal/subprocess", "internal/setting"},
}, {
	Folder:  "profile",
	Purpose: "turns a profile file into options",
	Ours: []string{
		".", "core", "ports", "adapters/...", "plugins", "internal/envvar", "internal/homedir", "internal/fileperm", "internal/atomicfile",
		"internal/filelock", "internal/policy", "internal/redact", "internal/setting",
	},
	Others: []string{"github.com/agnivade/levenshtein", "github.com/pelletier/go-toml/v2", "github.com/spf13/afero"},
}, {
	Folder:  "cql",
	Purpose: "builds, parses and checks text of the query language",
	Ours:    []string{"internal/text"},
}, {
	Folder:  "paging",
	Purpose: "turns an operation that pages into an iterator that can be continued",
	Ours:    []string{"core", "ports", "cql", "internal/lenientjson", "internal/pause", "internal/rawjson"},
}, {
	Folder:  "fleet",
	Purpose: "runs work over many tenants within their limits",
	Ours: []string{
		"core", "ports", "paging", "internal/pause", "internal/setting", "internal/text",
		"services/tenants", "services/tenants4",
	},
}, {
	Folder:  "export",
	Purpose: "moves records to a sink without losing any",
	Ours: []string{
		"core", "ports", "paging", "cql", "services/catalog", "services/events", "internal/atomicfile",
		"internal/digest", "internal/filelock", "internal/pause", "internal/rawjson",
	},
	Others: []string{"github.com/spf13/afero"},
}, {
	Folder:  "export/changes",
	Purpose: "turns exported versions into a feed of changes",
	Ours:    []string{"core", "ports", "internal/digest", "internal/rawjson"},
}, {
	Folder:  "files",
	Purpose: "uploads and downloads files by signed URLs",
	Ours: []string{
		"core", "ports", "internal/headers", "internal/netaddr", "internal/pause", "internal/redact", "internal/retry",
		"internal/tlserror", "services/fusion/cases", "services/investigations2",
	},
}, {
	Folder:  "services/schema",
	Purpose: "holds the services' SDL as a file system",
	Ours:    []string{"core"},
}, {
	Folder:  "services/schema/fusion",
	Purpose: "the SDL of the services of fusion",
}, {
	Folder:  "services/catalog",
	Purpose: "finds services, operations and types of Taegis",
	Ours:    []string{"core", "ports", "paging", "services/*", "services/fusion/*", "internal/introspection", "internal/text"},
	Others:  []string{"github.com/vektah/gqlparser/v2"},
}, {
	Folder:  "services/internal/call",
	Purpose: "holds what the generated services share",
	Ours:    []string{"core", "ports", "internal/lenientjson"},
}, {
	Folder:    "services/*",
	Purpose:   "typed operations of one service",
	Ours:      []string{"core", "ports", "paging", "internal/rawjson", "services/internal/call"},
	Generated: true,
}, {
	Folder:    "services/fusion/*",
	Purpose:   "typed operations of one service of the successor platform",
	Ours:      []string{"core", "ports", "paging", "internal/rawjson", "services/internal/call"},
	Generated: true,
}, {
	Folder:  "taegistest",
	Purpose: "helpers for tests: a server on loopback, a fake transport",
	Ours:    []string{"core", "ports", "taegistest/emulator", "services/schema", "internal/lenientjson"},
	Others:  []string{"github.com/vektah/gqlparser/v2"},
	Testing: true,
}, {
	Folder:  "cmd/taegis",
	Purpose: "the command taegis",
	Ours:    []string{"internal/cli"},
}, {
	Folder:  "internal/coredump",
	Purpose: "keeps the memory of a process out of core files",
}, {
	Folder:  "internal/headers",
	Purpose: "tells which headers carry an identity or belong to the connection",
	Ours:    []string{"core"},
}, {
	Folder:  "internal/pause",
	Purpose: "waits for a time, or until a context ends",
}, {
	Folder:  "internal/ctxio",
	Purpose: "ends waiting for files and streams when a context ends",
}, {
	Folder:  "taegistest/emulator/internal/corpus",
	Purpose: "generates the records of the emulator",
}, {
	Folder:  "taegistest/emulator/internal/eval",
	Purpose: "evaluates queries over records in memory",
	Ours:    []string{"cql"},
}, {
	Folder:  "taegistest/emulator",
	Purpose: "emulates Taegis on loopback",
	Ours: []string{
		"core", "cql", "internal/fusion", "services/schema", "taegistest/emulator/internal/corpus",
		"taegistest/emulator/internal/eval", "internal/redact", "internal/text", "internal/digest",
		"internal/headers",
	},
	Others: []string{
		"github.com/99designs/gqlgen", "github.com/coder/websocket",
		"github.com/golang-jwt/jwt/v5", "github.com/vektah/gqlparser/v2",
	},
}, {
	Folder:  "internal/fusion",
	Purpose: "holds rules of the successor's API that its schemas do not express",
	Ours:    []string{"core"},
	Others:  []string{"github.com/vektah/gqlparser/v2"},
}, {
	Folder:  "internal/evidence",
	Purpose: "decides what an answer proves about the execution of its operation",
	Ours:    []string{"core"},
}, {
	Folder:  "internal/inifile",
	Purpose: "reads and writes what Python's configparser reads and writes",
}, {
	Folder:  "internal/introspection",
	Purpose: "fetches a gateway's schema from the gateway",
	Ours:    []string{"core", "ports"},
	Others: []string{
		"github.com/vektah/gqlparser/v2/ast", "github.com/vektah/gqlparser/v2/formatter", "github.com/vektah/gqlparser/v2/lexer",
	},
}, {
	Folder:  "internal/diskfull",
	Purpose: "recognizes the errors of a full disk",
}, {
	Folder:  "internal/natsconfig",
	Purpose: "checks the settings of connections to NATS, and explains their errors",
	Ours: []string{
		"core", "internal/cabundle", "internal/natswire", "internal/netaddr", "internal/redact", "internal/sinkfault",
		"internal/tlserror",
	},
}, {
	Folder:  "internal/sinktest",
	Purpose: "has what the tests of several sinks need",
	Ours:    []string{"core", "ports"},
	Testing: true,
}, {
	Folder:  "internal/sinkfault",
	Purpose: "makes the errors that the sinks of an export share",
	Ours:    []string{"core"},
}, {
	Folder:  "internal/httpbatch",
	Purpose: "posts batches of exported records, and finds the ones that a collector refuses",
	Ours: []string{
		"core", "internal/cabundle", "internal/headers", "internal/netaddr", "internal/proxy", "internal/redact",
		"internal/retry", "internal/sinkfault", "internal/text", "internal/tlserror",
	},
}, {
	Folder:  "internal/natswire",
	Purpose: "publishes messages to a server of NATS, and receives their answers",
}, {
	Folder:  "internal/cabundle",
	Purpose: "loads certificate authorities from a file",
	Ours:    []string{"core"},
}, {
	Folder:  "internal/recordjson",
	Purpose: "writes exported records as lines of JSON",
	Ours:    []string{"core"},
}, {
	Folder:  "internal/filelock",
	Purpose: "locks files between processes",
	Others:  []string{"golang.org/x/sys"},
}, {
	Folder:  "internal/lenientjson",
	Purpose: "decodes JSON as far as it fits the Go type",
	Ours:    []string{"core"},
}, {
	Folder:  "internal/homedir",
	Purpose: "finds the user's folders, even without HOME",
}, {
	Folder:  "internal/fileperm",
	Purpose: "rejects files of ours that other users can read or write",
	Ours:    []string{"core", "internal/atomicfile", "internal/pause", "internal/shellquote"},
	Others:  []string{"golang.org/x/sys"},
}, {
	Folder:  "internal/policy",
	Purpose: "reads what the administrator of a machine allows",
	Ours:    []string{"core", "internal/fileperm"},
}, {
	Folder:  "internal/atomicfile",
	Purpose: "replaces a file atomically",
	Others:  []string{"github.com/spf13/afero"},
}, {
	Folder:  "internal/subprocess",
	Purpose: "starts programs that cannot reach the terminal",
	Ours:    []string{"internal/redact"},
}, {
	Folder:  "internal/redact",
	Purpose: "keeps secrets out of what is shown or logged",
	Ours:    []string{"internal/text"},
}, {
	Folder:  "internal/httpcopy",
	Purpose: "copies a caller's HTTP transport without changing it",
}, {
	Folder:  "internal/proxy",
	Purpose: "chooses the proxy of a request from environment variables",
	Ours:    []string{"core", "internal/envvar", "internal/setting", "internal/netaddr"},
}, {
	Folder:  "internal/rawjson",
	Purpose: "reads parts of JSON values without decoding them",
}, {
	Folder:  "internal/retry",
	Purpose: "decides when to repeat a request",
	Ours:    []string{"core"},
	Others:  []string{"github.com/cenkalti/backoff/v5"},
}, {
	Folder:  "internal/envvar",
	Purpose: "reads settings from environment variables and expands their paths",
	Ours:    []string{"core", "internal/homedir", "internal/setting"},
}, {
	Folder:  "internal/digest",
	Purpose: "makes short identifiers of values that must not appear themselves",
}, {
	Folder:  "internal/netaddr",
	Purpose: "classifies hosts",
}, {
	Folder:  "internal/tlserror",
	Purpose: "explains why TLS prevented a connection",
	Ours:    []string{"core"},
}, {
	Folder:  "internal/setting",
	Purpose: "cleans the values of settings",
}, {
	Folder:  "internal/spool",
	Purpose: "keeps log files on the disk until they are sent",
	Ours: []string{
		"core", "files", "internal/atomicfile", "internal/ctxio", "internal/diskfull", "internal/filelock", "internal/fileperm",
	},
	Others: []string{"github.com/spf13/afero"},
}, {
	Folder:  "internal/shellquote",
	Purpose: "quotes text for a POSIX shell",
	Ours:    []string{"internal/text"},
}, {
	Folder:  "internal/testutil",
	Purpose: "helpers that the tests of several packages share",
	Testing: true,
}, {
	Folder:  "internal/text",
	Purpose: "makes untrusted text safe for a terminal",
}, {
	Folder:  "internal/stress",
	Purpose: "runs the reliability cases and reports their figures",
	Ours:    []string{"internal/testutil"},
	Testing: true,
}, {
	Folder:  "internal/stress/*",
	Purpose: "holds the reliability cases of one topic",
}, {
	Folder:  "internal/archtest",
	Purpose: "checks the source tree against this table, and pages of docs against the source",
}, {
	Folder:  "examples/...",
	Purpose: "programs to copy from",
	Ours:    []string{".", "core", "ports", "adapters/...", "plugins/...", "profile", "services/*", "taegistest/..."},
	Others:  []string{"golang.org/x/oauth2"},
}, {
	Folder:  "docs/...",
	Purpose: "prose",
}, {
	Folder:  "tools/...",
	Purpose: "the generator, the linters and the stress runner",
	Module:  true,
}, {
	Folder:  "bench/...",
	Purpose: "benchmarks against other libraries",
	Module:  true,
}}
