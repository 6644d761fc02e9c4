//go:build unix

package cli_test

// waited is an event that a command can wait for.
type waited string

const (
	forStdin    waited = "stdin"
	forFile     waited = "a FIFO as a file argument" // its path replaces FIFO in the arguments
	forProfiles waited = "a FIFO as the profile file"
	forBundle   waited = "a FIFO as the CA bundle"
	forServer   waited = "a server that does not answer"
	forLogin    waited = "another process that logs in"
	forPrompt   waited = "an answer to a question"
	forPlugin   waited = "a plugin that does not answer"
	forGo       waited = "the go command"
	forReader   waited = "a reader of stdout"
	forSignal   waited = "a signal" // that is its normal end
)

// waits are the events that a command can wait for, with the arguments for each.
type waits struct {
	// args are arguments that read the settings, as every use of the command does.
	args []string
	// on are the waits with these arguments.
	on []waited
	// with are the waits that need other arguments.
	with map[waited][][]string
	// quiet is true if a signal is a normal end: exit code 0 and no message.
	quiet bool
	// never is the reason why the command does not wait.
	never string
}

// settingsAnd returns the waits of a command that creates a client, and further ones.
func settingsAnd(further ...waited) []waited {
	return append([]waited{forProfiles, forBundle}, further...)
}

const (
	variables = "query ($id: String!) { client(id: $id) { name } }"
	static    = "it prints what the program holds"
)

// commandWaits has the waits of each command.
var commandWaits = map[string]waits{
	"api": {
		args: line("api", query), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("api", "-"), line("api", "@-"), line("api", variables, "--var", "id=@-"), line("api", variables, "--variables", "@-")},
			forFile:  {line("api", "@FIFO"), line("api", variables, "--var", "id=@FIFO"), line("api", variables, "--variables", "@FIFO")},
		},
	},
	"call": {
		args: line("call", "clients", "client", "--arg", "id=1"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("call", "clients", "client", "--arg", "id=@-")},
			forFile:  {line("call", "clients", "client", "--arg", "id=@FIFO"), line("call", "clients", "client", "--arg", "id:=@FIFO")},
		},
	},
	"auth explain": {args: line("auth", "explain"), on: settingsAnd()},
	"auth login": {
		args: line("auth", "login"), on: settingsAnd(forServer),
		with: map[waited][][]string{
			forStdin:  {line("auth", "login", "--with-token")},
			forPrompt: {line("auth", "login", "--method", "interactive")},
			forPlugin: {line("auth", "login", "--method", "plugin:hang")},
		},
	},
	"auth list":      {args: line("auth", "list"), on: settingsAnd()},
	"auth logout":    {args: line("auth", "logout"), on: settingsAnd()},
	"auth status":    {args: line("auth", "status"), on: settingsAnd()},
	"auth switch":    {args: line("auth", "switch"), on: settingsAnd()},
	"auth store":     {args: line("auth", "store"), on: []waited{forProfiles}},
	"auth token":     {args: line("auth", "token"), on: settingsAnd(forServer, forLogin)},
	"clients create": {args: line("clients", "create", "acme"), on: settingsAnd(forServer, forLogin)},
	"alerts search": {
		args: line("alerts", "search"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("alerts", "search", "-")},
			forFile:  {line("alerts", "search", "@FIFO")},
		},
	},
	"alerts get": {
		args: line("alerts", "get", "id"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{forStdin: {line("alerts", "get", "-")}},
	},
	"events search": {
		args: line("events", "search"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("events", "search", "-")},
			forFile:  {line("events", "search", "@FIFO")},
		},
	},
	"events get": {
		args: line("events", "get", "id"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{forStdin: {line("events", "get", "-")}},
	},
	"cases search": {
		args: line("cases", "search"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("cases", "search", "-")},
			forFile:  {line("cases", "search", "@FIFO")},
		},
	},
	"cases get": {
		args: line("cases", "get", "id"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{forStdin: {line("cases", "get", "-")}},
	},
	"alerts history": {args: line("alerts", "history", "id"), on: settingsAnd(forServer, forLogin)},
	"cases comments": {args: line("cases", "comments", "id"), on: settingsAnd(forServer, forLogin)},
	"cases files":    {args: line("cases", "files", "id"), on: settingsAnd(forServer, forLogin)},
	"cases upload": {
		args: line("cases", "upload", "id", "/etc/passwd"), on: settingsAnd(forServer, forLogin),
	},
	"cases download": {args: line("cases", "download", "id"), on: settingsAnd(forServer, forLogin)},
	"logs send": {
		args: line("logs", "send", "/etc/passwd", "--tenant", "11063"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("logs", "send", "-", "--tenant", "11063")},
			forFile:  {line("logs", "send", "FIFO", "--tenant", "11063")},
		},
	},
	"logs resume":  {args: line("logs", "resume"), on: settingsAnd()},
	"logs status":  {args: line("logs", "status"), never: "it reads only the spool"},
	"logs discard": {args: line("logs", "discard", "id"), never: "it changes only the spool"},
	"cases watch": {
		args: line("cases", "watch", "--once"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("cases", "watch", "-", "--once")},
			forFile:  {line("cases", "watch", "@FIFO", "--once")},
		},
	},
	"alerts watch": {
		args: line("alerts", "watch", "--once"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{forStdin: {line("alerts", "watch", "-", "--once")}, forFile: {line("alerts", "watch", "@FIFO", "--once")}},
	},
	"export run": {
		args: line("export", "run", "alerts", "--sink", "stdout", "--state", "state", "--once"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forStdin: {line("export", "run", "alerts", "--query", "-", "--sink", "stdout", "--state", "state", "--once")},
			forFile:  {line("export", "run", "--config", "FIFO", "--once")},
		},
	},
	"export backfill": {
		args: line("export", "backfill", "alerts", "--sink", "stdout", "--state", "state", "--since", "1d"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{forFile: {line("export", "backfill", "--config", "FIFO", "--since", "1d")}},
	},
	"export verify": {
		args: line("export", "verify", "alerts", "--state", "state"), on: settingsAnd(),
		with: map[waited][][]string{forFile: {line("export", "verify", "--config", "FIFO")}},
	},
	"export check": {
		args: line("export", "check", "--config", "absent"),
		with: map[waited][][]string{forFile: {line("export", "check", "--config", "FIFO")}},
	},
	"export status": {
		args: line("export", "status", "--state", "state"),
		with: map[waited][][]string{forFile: {line("export", "status", "--config", "FIFO")}},
	},
	"export reset": {
		args: line("export", "reset", "alerts", "--state", "state", "--yes"),
		with: map[waited][][]string{forFile: {line("export", "reset", "alerts", "--config", "FIFO", "--yes")}},
	},
	"assets list":  {args: line("assets", "list"), on: settingsAnd(forServer, forLogin)},
	"assets get":   {args: line("assets", "get", "id"), on: settingsAnd(forServer, forLogin)},
	"rules list":   {args: line("rules", "list"), on: settingsAnd(forServer, forLogin)},
	"rules get":    {args: line("rules", "get", "id"), on: settingsAnd(forServer, forLogin)},
	"users list":   {args: line("users", "list"), on: settingsAnd(forServer, forLogin)},
	"users get":    {args: line("users", "get", "id"), on: settingsAnd(forServer, forLogin)},
	"tenants list": {args: line("tenants", "list"), on: settingsAnd(forServer, forLogin)},
	"tenants run": {
		args: line("tenants", "run", "--tenants", "all", "--", "true"), on: settingsAnd(forServer, forLogin),
		with: map[waited][][]string{
			forFile:  {line("tenants", "run", "--tenants", "@FIFO", "--", "true")},
			forStdin: {line("tenants", "run", "--tenants", "@-", "--", "true")},
		},
	},
	"tenants get":       {args: line("tenants", "get", "id"), on: settingsAnd(forServer, forLogin)},
	"clients list":      {args: line("clients", "list"), on: settingsAnd(forServer, forLogin)},
	"clients get":       {args: line("clients", "get", "id"), on: settingsAnd(forServer, forLogin)},
	"audits list":       {args: line("audits", "list"), on: settingsAnd(forServer, forLogin)},
	"clients rotate":    {args: line("clients", "rotate", "id"), on: settingsAnd(forServer, forLogin)},
	"clients delete":    {args: line("clients", "delete", "id", "--yes"), on: settingsAnd(forServer, forLogin)},
	"sharelinks create": {args: line("sharelinks", "create", "case", "id", "--tenant", "1"), on: settingsAnd(forServer, forLogin)},
	"sharelinks open":   {args: line("sharelinks", "open", "id"), on: settingsAnd(forServer, forLogin)},
	"query check": {
		args: line("query", "check", "EARLIEST=-1d"),
		with: map[waited][][]string{
			forStdin:  {line("query", "check", "-")},
			forFile:   {line("query", "check", "@FIFO")},
			forServer: {line("query", "check", "--live", "EARLIEST=-1d")},
		},
	},
	"config get":   {args: line("config", "get", "charlie", "key"), never: "it reads only the shared file, which has to be a regular file"},
	"config list":  {args: line("config", "list"), never: "it reads only the shared file, which has to be a regular file"},
	"config set":   {args: line("config", "set", "charlie", "key", "value"), never: "it waits only for the lock of the shared file"},
	"config unset": {args: line("config", "unset", "charlie", "key"), never: "it waits only for the lock of the shared file"},
	"doctor":       {args: line("doctor"), on: settingsAnd(forServer)},
	"emulator":     {args: line("emulator"), on: []waited{forSignal}, quiet: true},
	"man":          {args: line("man", "pages"), never: "it writes what the program holds into files"},
	"plugin build": {
		args: line("plugin", "build", "."),
		on:   []waited{forGo},
	},
	"plugin install": {args: line("plugin", "install", "PLUGIN", "--name", "hanging"), on: []waited{forProfiles, forPlugin}},
	"plugin list":    {args: line("plugin", "list"), on: []waited{forProfiles}},
	"plugin new": {
		args: line("plugin", "new", "acme"),
		with: map[waited][][]string{forFile: {line("plugin", "new", "acme", "--sdk", "FIFO")}}, // the FIFO is the go.mod of the folder
	},
	"plugin checksum": {args: line("plugin", "checksum", "hang"), on: []waited{forProfiles}},
	"plugin keygen": {
		args: line("plugin", "keygen", "--output", "acme.key", "--no-passphrase"),
		with: map[waited][][]string{forPrompt: {line("plugin", "keygen", "--output", "acme.key")}},
	},
	"plugin prune":    {args: line("plugin", "prune"), on: []waited{forProfiles}},
	"plugin rollback": {args: line("plugin", "rollback", "hang"), on: []waited{forProfiles}},
	"plugin sign":     {args: line("plugin", "sign", "PLUGIN", "--key", "nowhere"), with: map[waited][][]string{forFile: {line("plugin", "sign", "PLUGIN", "--key", "FIFO")}}},
	"plugin remove":   {args: line("plugin", "remove", "hang"), on: []waited{forProfiles}},
	"plugin run":      {args: line("plugin", "run", "hang"), on: settingsAnd(forPlugin)},
	"plugin verify":   {args: line("plugin", "verify", "hang"), on: []waited{forProfiles, forPlugin}},
	"profile delete":  {args: line("profile", "delete", "work"), on: []waited{forProfiles}},
	"profile init":    {args: line("profile", "init"), never: "it writes a file that does not exist"},
	"profile list":    {args: line("profile", "list"), on: []waited{forProfiles}},
	"profile set":     {args: line("profile", "set", "work", "tenant", "1"), on: []waited{forProfiles}},
	"profile show":    {args: line("profile", "show"), on: []waited{forProfiles}},
	"profile unset":   {args: line("profile", "unset", "work", "tenant"), on: []waited{forProfiles}},
	"profile use":     {args: line("profile", "use", "work"), on: []waited{forProfiles}},
	"quickstart":      {args: line("quickstart"), never: "it uses its own emulator, which always responds"},
	"schema dump": {
		args: line("schema", "dump"), on: []waited{forReader},
		with: map[waited][][]string{forServer: {line("schema", "dump", "clients", "--live")}},
	},
	"schema facts":      {args: line("schema", "facts"), on: settingsAnd(forServer, forLogin)},
	"schema operations": {args: line("schema", "operations"), with: map[waited][][]string{forServer: {line("schema", "operations", "clients", "--live")}}},
	"schema search":     {args: line("schema", "search", "client"), never: static},
	"schema services":   {args: line("schema", "services"), never: static},
	"schema show":       {args: line("schema", "show", "clients", "client"), with: map[waited][][]string{forServer: {line("schema", "show", "clients", "client", "--live")}}},
	"schema type":       {args: line("schema", "type", "clients", "Client"), with: map[waited][][]string{forServer: {line("schema", "type", "clients", "Client", "--live")}}},
	"__complete": {
		args: line("__complete", "profile", "use", ""), on: []waited{forProfiles}, quiet: true, // a shell that completes ignores errors
		with: map[waited][][]string{forProfiles: {line("__complete", "plugin", "run", ""), line("__complete", "auth", "login", "--method", "")}},
	},
	"__completeNoDesc":      {args: line("__completeNoDesc", "profile", "use", ""), on: []waited{forProfiles}, quiet: true},
	"completion bash":       {args: line("completion", "bash"), never: static},
	"completion fish":       {args: line("completion", "fish"), never: static},
	"completion powershell": {args: line("completion", "powershell"), never: static},
	"completion zsh":        {args: line("completion", "zsh"), never: static},
	"help":                  {args: line("help"), never: static},
	"version":               {args: line("version"), never: static},
}
