package plugin

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
)

// fetchSettings are the settings of the go command that say for which system a program is built, and
// from where and to where modules are fetched. A build takes these from the user, and no others.
var fetchSettings = []string{
	"GOOS", "GOARCH", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOAUTH", "GOVCS",
	"GOMODCACHE", "GOCACHE", "GOPATH", "GOTMPDIR", "GOTOOLCHAIN",
}

// fixedSettings decide which bytes the compiler writes. They are the defaults of Go, which a
// distribution or a file of the user's may have changed.
var fixedSettings = map[string]string{
	"GOENV": "off", "GOWORK": "off", "GO111MODULE": "on", "GOFIPS140": "off", "GOEXPERIMENT": "", "GODEBUG": "",
	"GOAMD64": "v1", "GOARM64": "v8.0", "GOARM": "7", "GO386": "sse2", "GOMIPS": "hardfloat", "GOMIPS64": "hardfloat",
	"GOPPC64": "power8", "GORISCV64": "rva20u64", "GOWASM": "",
}

// buildEnv returns the environment of a build in a folder: the same one whatever GOFLAGS, GOAMD64,
// GOEXPERIMENT and the like say, in variables or in the file of `go env -w`. With cgo, the C compiler
// and its flags are those of the user.
func buildEnv(ctx context.Context, a *cmdutil.App, dir string, cgo bool) ([]string, error) {
	plain := slices.DeleteFunc(os.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		_, fixed := fixedSettings[name]
		return name == "GOFLAGS" || fixed && name != "GOENV" // with some values the go command refuses to run
	})
	text, err := goCommand(ctx, a, dir, plain, "env", "-json")
	if err != nil {
		return nil, err
	}
	user := map[string]string{}
	if err := json.Unmarshal([]byte(text), &user); err != nil {
		return nil, err
	}
	settings := maps.Clone(fixedSettings)
	for _, name := range fetchSettings {
		settings[name] = user[name]
	}
	settings["GOFLAGS"] = "-mod=" + moduleMode(dir)
	settings["CGO_ENABLED"] = "0"
	if cgo {
		settings["CGO_ENABLED"] = "1"
		for name, value := range user {
			if isOfC(name) {
				settings[name] = value
			}
		}
	}
	var env []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		_, ofGo := user[name]
		_, fixed := settings[name]
		if !ofGo && !fixed && !strings.HasPrefix(name, "CGO_") {
			env = append(env, variable)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if value := settings[name]; value != "" || name == "GOEXPERIMENT" {
			env = append(env, name+"="+value)
		}
	}
	return env, nil
}

// isOfC reports whether a setting is about the C compiler.
func isOfC(name string) bool {
	return strings.HasPrefix(name, "CGO_") && name != "CGO_ENABLED" ||
		slices.Contains([]string{"CC", "CXX", "AR", "FC", "PKG_CONFIG", "GCCGO"}, name)
}

// moduleMode returns how modules are found: in the folder vendor of the module if it has one.
func moduleMode(dir string) string {
	for at, err := filepath.Abs(dir); err == nil; at = filepath.Dir(at) {
		if exists(filepath.Join(at, "go.mod")) {
			if exists(filepath.Join(at, "vendor", "modules.txt")) {
				return "vendor"
			}
			break
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return "readonly"
}
