package archtest

// commandRows are the rows of the command line.
var commandRows = []Row{{
	Folder:  "internal/cli",
	Purpose: "assembles the command line of its groups",
	Ours:    []string{"internal/cli/*", "internal/coredump", "internal/ctxio"},
	Others:  []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/cmdutil",
	Purpose: "implements what the command groups share",
	Ours: []string{
		".", "adapters/terminal", "adapters/tokenstore", "adapters/transport", "core",
		"internal/ctxio", "internal/envvar", "internal/output", "internal/redact",
		"internal/setting", "internal/shellquote", "internal/subprocess", "internal/text",
		"plugins", "ports", "profile",
	},
	Others: []string{
		"github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/vektah/gqlparser",
		"golang.org/x/term",
	},
}, {
	Folder:  "internal/output",
	Purpose: "prints records as tables, JSON, CSV, YAML or by a template",
	Ours:    []string{"internal/text"},
	Others:  []string{"github.com/itchyny/gojq", "golang.org/x/text"},
}, {
	Folder:  "internal/cli/operation",
	Purpose: "reads operations and arguments from the command line, and sends them",
	Ours: []string{
		".", "core", "internal/cli/cmdutil", "services/catalog", "services/schema",
		"internal/ctxio", "internal/redact", "internal/text",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/vektah/gqlparser/v2"},
}, {
	Folder:  "internal/cli/plugincheck",
	Purpose: "checks installed plugins",
	Ours:    []string{"core", "internal/cli/cmdutil", "plugins", "profile", "internal/fileperm"},
}, {
	Folder:  "internal/cli/api",
	Purpose: "implements the command api",
	Ours:    []string{"core", "internal/cli/cmdutil", "internal/cli/operation"},
	Others:  []string{"github.com/spf13/cobra", "github.com/vektah/gqlparser"},
}, {
	Folder:  "internal/cli/auth",
	Purpose: "implements the command group auth",
	Ours: []string{
		".", "core", "ports", "adapters/authn", "adapters/terminal", "adapters/tokenstore/...",
		"profile", "internal/cli/cmdutil", "internal/ctxio", "internal/output",
		"internal/policy", "internal/redact", "internal/setting",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/call",
	Purpose: "implements the command call",
	Ours: []string{
		".", "adapters/transport", "adapters/transport/drift", "core", "internal/cli/cmdutil",
		"internal/cli/across", "internal/cli/operation", "internal/cli/search", "internal/rawjson", "paging",
		"services/catalog",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/across",
	Purpose: "runs a command over many tenants",
	Ours: []string{
		".", "core", "fleet", "internal/cli/cmdutil", "internal/output", "internal/rawjson", "internal/redact",
		"paging", "ports", "profile",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/clients",
	Purpose: "implements the command group clients",
	Ours: []string{
		".", "core", "internal/cli/cmdutil", "internal/cli/search", "internal/output",
		"internal/shellquote", "internal/subprocess", "paging", "services/clients",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/config",
	Purpose: "implements the command group config",
	Ours: []string{
		"adapters/tokenstore", "internal/cli/cmdutil", "internal/redact",
		"internal/text",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/doctor",
	Purpose: "implements the command doctor",
	Ours: []string{
		".", "core", "ports", "adapters/authn", "adapters/tokenstore/...", "adapters/transport",
		"plugins", "profile", "internal/cli/cmdutil", "internal/cli/plugincheck",
		"internal/ctxio", "internal/filelock", "internal/fileperm", "internal/inifile",
		"internal/policy", "internal/proxy", "internal/redact", "internal/setting", "internal/shellquote",
		"internal/text",
	},
	Others: []string{"github.com/spf13/afero", "github.com/spf13/cobra", "golang.org/x/sys"},
}, {
	Folder:  "internal/cli/emulator",
	Purpose: "implements the command emulator",
	Ours: []string{
		"core", "taegistest/emulator", "internal/cli/cmdutil", "internal/netaddr",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/plugin",
	Purpose: "implements the command group plugin",
	Ours: []string{
		".", "core", "adapters/terminal", "adapters/tokenstore", "plugins", "profile",
		"internal/cli/cmdutil", "internal/cli/plugincheck", "internal/ctxio", "internal/fileperm",
		"internal/homedir", "internal/output", "internal/redact", "internal/shellquote",
		"internal/subprocess", "internal/atomicfile", "internal/filelock",
	},
	Others: []string{"aead.dev/minisign", "github.com/spf13/afero", "github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/plugin/skeleton",
	Purpose: "holds the files of a new plugin as templates",
}, {
	Folder:  "internal/cli/profile",
	Purpose: "implements the command group profile",
	Ours:    []string{"profile", "internal/cli/cmdutil", "internal/output", "internal/redact"},
	Others:  []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/quickstart",
	Purpose: "implements the command quickstart",
	Ours: []string{
		".", "core", "ports", "adapters/authn", "services/clients", "taegistest/emulator",
		"internal/cli/cmdutil",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/reference",
	Purpose: "implements the command man, and writes the reference of all commands",
	Ours:    []string{"internal/cli/cmdutil"},
	Others:  []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/schema",
	Purpose: "implements the command group schema",
	Ours: []string{
		".", "core", "ports", "services/catalog", "services/schema", "internal/cli/cmdutil",
		"internal/cli/operation", "internal/output", "internal/text",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/alerts",
	Purpose: "the command group that searches and shows alerts",
	Ours: []string{
		"export", "internal/cli/export",
		".", "core", "cql", "internal/cli/cmdutil", "internal/cli/search", "internal/output", "paging",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/assets",
	Purpose: "the command group that lists and shows assets",
	Ours: []string{
		".", "internal/cli/cmdutil", "internal/cli/search", "internal/output", "paging",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/audits",
	Purpose: "the command group that lists audit events",
	Ours: []string{
		".", "internal/cli/cmdutil", "internal/cli/search", "internal/output", "paging",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/export",
	Purpose: "the command group that exports records continuously",
	Ours: []string{
		".",
		"adapters/lease/*", "adapters/sink/*", "core", "cql", "export", "export/changes", "internal/atomicfile",
		"internal/cli/across", "internal/cli/cmdutil", "internal/cli/search", "internal/envvar", "internal/netaddr",
		"internal/output", "internal/pause", "internal/rawjson", "internal/subprocess", "ports",
	},
	Others: []string{"github.com/pelletier/go-toml/v2", "github.com/spf13/afero", "github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/logs",
	Purpose: "the command group that sends log files",
	Ours: []string{
		".", "core", "files", "internal/cli/cmdutil", "internal/ctxio", "internal/homedir",
		"internal/output", "internal/spool",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/cases",
	Purpose: "the command group that searches and shows cases, and moves their files",
	Ours: []string{
		"export", "internal/cli/export",
		".", "core", "cql", "files", "internal/cli/cmdutil", "internal/cli/search", "internal/ctxio",
		"internal/output", "paging",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/events",
	Purpose: "the command group that searches and shows events",
	Ours: []string{
		".", "core", "cql", "internal/cli/cmdutil", "internal/cli/search", "internal/output", "paging",
		"services/events",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/query",
	Purpose: "the command group that checks queries",
	Ours:    []string{".", "cql", "internal/cli/cmdutil", "internal/cli/search"},
	Others:  []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/rules",
	Purpose: "the command group that lists and shows rules",
	Ours: []string{
		".", "internal/cli/cmdutil", "internal/cli/search", "internal/output", "paging",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/search",
	Purpose: "what the commands share that search or list records",
	Ours: []string{
		".", "adapters/transport/drift", "core", "cql", "internal/atomicfile",
		"internal/cli/across", "internal/cli/cmdutil", "internal/ctxio", "internal/digest",
		"internal/envvar", "internal/fileperm", "internal/output", "paging", "ports",
		"services/catalog",
	},
	Others: []string{
		"github.com/spf13/afero", "github.com/spf13/cobra", "github.com/spf13/pflag",
	},
}, {
	Folder:  "internal/cli/sharelinks",
	Purpose: "the command group that makes links to the console",
	Ours: []string{
		".", "internal/cli/cmdutil", "internal/cli/search", "internal/output",
		"services/sharelinks",
	},
	Others: []string{"github.com/spf13/cobra"},
}, {
	Folder:  "internal/cli/tenants",
	Purpose: "the command group that lists and shows tenants, and runs programs for them",
	Ours: []string{
		".", "core", "fleet", "internal/cli/across", "internal/cli/cmdutil", "internal/cli/search",
		"internal/output", "internal/subprocess", "paging",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/users",
	Purpose: "the command group that lists and shows users",
	Ours: []string{
		".", "internal/cli/cmdutil", "internal/cli/search", "internal/output", "paging",
	},
	Others: []string{"github.com/spf13/cobra", "github.com/spf13/pflag"},
}, {
	Folder:  "internal/cli/version",
	Purpose: "implements the command version",
	Ours:    []string{".", "internal/cli/cmdutil"},
	Others:  []string{"github.com/spf13/cobra"},
}}
