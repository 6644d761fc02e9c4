package core

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
)

// Application names the program that uses the SDK; see [UserAgent].
type Application struct {
	Name    string
	Version string // may be empty
}

// maxApplication is the longest name, and the longest version, of an application.
const maxApplication = 50

// Validate returns an error for a name or a version that a User-Agent header cannot hold: each is
// at most 50 letters, digits and characters of "!#$%&'*+-.^_`|~" (RFC 9110, section 10.1.5). The
// name must not be empty.
func (a Application) Validate() error {
	switch {
	case a.Name == "":
		return &ArgumentError{Operation: "the application", Reason: "its name is empty"}
	case !isToken(a.Name):
		return notToken("name", a.Name)
	case a.Version != "" && !isToken(a.Version):
		return notToken("version", a.Version)
	}
	return nil
}

func notToken(argument, value string) error {
	return &ArgumentError{
		Operation: "the application", Argument: argument,
		Reason: fmt.Sprintf("%q is not one word of at most %d ASCII characters", value, maxApplication),
	}
}

// isToken reports whether text is a token of RFC 9110, section 5.6.2.
func isToken(text string) bool {
	return len(text) <= maxApplication && !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}

// UserAgent returns the User-Agent header of calls and login requests: the SDK, its platform, and
// the application if it has a name, for example
// "taegis-go/0.1.0 (go1.26.0; linux/amd64) acme-soc/1.2". An empty name is "taegis-go", an empty
// version "dev".
func UserAgent(name, version string, application Application) string {
	agent := cmp.Or(name, "taegis-go") + "/" + cmp.Or(version, "dev") + platform
	if application.Name == "" {
		return agent
	}
	agent += " " + application.Name
	if application.Version != "" {
		agent += "/" + application.Version
	}
	return agent
}

// platform is the comment of the header. The version of a Go toolchain built from source may
// contain a space.
var platform = fmt.Sprintf(" (%s; %s/%s)", strings.Fields(runtime.Version() + " ")[0], runtime.GOOS, runtime.GOARCH)
