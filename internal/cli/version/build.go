package version

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	taegis "github.com/taegis-go/taegis"
)

// build is the output of version. A release is built from a checkout of its tag, or installed by that
// tag; any other build is a development build.
type build struct {
	Version     string `json:"version"` // of a development build, the version that it comes after or leads to
	Development bool   `json:"development"`
	Commit      string `json:"commit,omitempty"`
	Changed     bool   `json:"changed,omitempty"` // the checkout had changes that are not in the commit
	Date        string `json:"date,omitempty"`    // of the commit
	Go          string `json:"go"`
	OS          string `json:"os"`
	Arch        string `json:"arch"`
}

// current returns the build of this program.
var current = sync.OnceValue(func() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return read(info)
})

func read(info *debug.BuildInfo) build {
	b := build{Version: taegis.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Date = s.Value
		case "vcs.modified":
			b.Changed = s.Value == "true"
		}
	}
	b.Development = b.Changed || info.Main.Version != "v"+taegis.Version
	if b.Commit == "" { // installed by a version, which may name its commit
		b.Date, b.Commit = pseudo(info.Main.Version)
	}
	return b
}

// pseudo returns the time and the commit of a pseudo-version, for example
// v0.1.1-0.20261130201500-0123456789ab.
func pseudo(version string) (date, commit string) {
	parts := strings.Split(version, "-")
	if len(parts) < 3 {
		return "", ""
	}
	stamp, commit := parts[len(parts)-2], parts[len(parts)-1]
	stamp = stamp[strings.LastIndex(stamp, ".")+1:]
	if len(stamp) != len("20060102150405") || strings.Trim(stamp, "0123456789") != "" {
		return "", ""
	}
	return fmt.Sprintf("%s-%s-%sT%s:%s:%sZ", stamp[:4], stamp[4:6], stamp[6:8], stamp[8:10], stamp[10:12], stamp[12:]), commit
}

// String returns the build in one line.
func (b build) String() string {
	var about []string
	if b.Development {
		about = append(about, "development build")
	}
	if b.Commit != "" {
		about = append(about, "commit "+b.Commit[:min(len(b.Commit), 12)])
	}
	if b.Changed {
		about = append(about, "with changes")
	}
	if b.Date != "" {
		about = append(about, b.Date)
	}
	line := "taegis " + b.Version
	if len(about) > 0 {
		line += " (" + strings.Join(about, ", ") + ")"
	}
	return fmt.Sprintf("%s %s %s/%s", line, b.Go, b.OS, b.Arch)
}
