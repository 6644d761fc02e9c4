package plugins

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/taegis-go/taegis/internal/coredump"
	"github.com/taegis-go/taegis/ports"
)

// Requirements says what an authenticator needs, so that a host can be told what to grant.
type Requirements struct {
	Settings []string // names of settings of the plugin, such as "broker_url"
	Env      []string // names of environment variables, such as "ACME_BADGE"
	// Prompts says that every login prompts the user. A host that cannot prompt need not start the
	// program then.
	Prompts bool
}

// Requirer is implemented by an authenticator that says what it looks up.
type Requirer interface {
	Requirements() Requirements
}

// Release says which program a plugin is. Hosts show it.
type Release struct {
	Version string // for example "1.4.0"
	Vendor  string // the one that publishes the program, for example "ACME"
}

// Releaser is implemented by an authenticator that says which program it is. Of one that does not,
// hosts show the version of its main module, if the program was built with one.
type Releaser interface {
	Release() Release
}

// Serve makes this program a plugin that logs in as a does. Call it in main and nothing after
// it: it returns when the host has closed the connection and a, whose context ends with that, is
// done. The process ends a second later than the connection at the latest. Started by a user
// it says what the program is for, and exits with code 2.
//
// The request that a is given finds the plugin's settings and the granted variables by Lookup,
// asks the user whom the host can ask, and has an HTTP client with the host's proxies and
// certificate authorities. If a is a [ports.AccountResolver] or a [ports.Revoker], the host reaches
// that, too. What a writes to stdout or stderr goes to the host's log. The process
// leaves no core file, which would hold what a has looked up.
func Serve(a ports.Authenticator) {
	if os.Getenv(cookie.MagicCookieKey) != cookie.MagicCookieValue {
		introduce(a)
		os.Exit(2)
	}
	coredump.Off()
	alive := newConnectionMonitor()
	defer removeSockets()
	defer alive.await()
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  cookie,
		VersionedPlugins: versions(&server{authenticator: a}),
		Logger:           hclog.NewNullLogger(),
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			s := grpc.NewServer(append(options, grpc.StatsHandler(alive), grpc.UnaryInterceptor(alive.call), grpc.MaxRecvMsgSize(maxMessage))...)
			alive.stop = s.Stop
			return s
		},
	})
}

// releaseOf returns what an authenticator or the build says of the program.
func releaseOf(a ports.Authenticator) Release {
	if r, ok := a.(Releaser); ok {
		return r.Release()
	}
	build, ok := debug.ReadBuildInfo()
	if !ok || build.Main.Version == "(devel)" {
		return Release{}
	}
	return Release{Version: build.Main.Version}
}

// introduce prints how to use the plugin, for a user that starts it by hand.
func introduce(a ports.Authenticator) {
	name := filepath.Base(os.Args[0])
	fmt.Fprintf(os.Stderr, "%s logs in to Taegis as a plugin; it does nothing by itself.\n", name)
	if w, ok := a.(Requirer); ok {
		requirements := w.Requirements()
		for what, names := range map[string][]string{"settings": requirements.Settings, "variables": requirements.Env} {
			if len(names) > 0 {
				fmt.Fprintf(os.Stderr, "It looks up the %s %s.\n", what, strings.Join(names, ", "))
			}
		}
	}
	fmt.Fprintf(os.Stderr, "Name it in a configuration, then run: taegis plugin checksum %s\n", nameOf(name))
}
