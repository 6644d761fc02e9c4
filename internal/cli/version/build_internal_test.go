package version

import (
	"runtime/debug"
	"testing"

	taegis "github.com/taegis-go/taegis"
)

func TestBuild(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	checkout := func(changed string) []debug.BuildSetting {
		return []debug.BuildSetting{
			{Key: "vcs", Value: "git"},
			{Key: "vcs.revision", Value: commit},
			{Key: "vcs.time", Value: "2026-11-30T20:15:00Z"},
			{Key: "vcs.modified", Value: changed},
		}
	}
	release := "v" + taegis.Version
	for name, c := range map[string]struct {
		version  string
		settings []debug.BuildSetting
		want     build
	}{
		"a release from its tag":   {release, checkout("false"), build{Commit: commit, Date: "2026-11-30T20:15:00Z"}},
		"a release by go install":  {release, nil, build{}},
		"a tag with changes":       {release, checkout("true"), build{Development: true, Commit: commit, Changed: true, Date: "2026-11-30T20:15:00Z"}},
		"a changed tag, as named":  {release + "+dirty", nil, build{Development: true}},
		"a checkout":               {"v0.1.1-0.20261130201500-0123456789ab", checkout("false"), build{Development: true, Commit: commit, Date: "2026-11-30T20:15:00Z"}},
		"a commit by go install":   {"v0.1.1-0.20261130201500-0123456789ab", nil, build{Development: true, Commit: "0123456789ab", Date: "2026-11-30T20:15:00Z"}},
		"a commit before any tag":  {"v0.0.0-20261130201500-0123456789ab", nil, build{Development: true, Commit: "0123456789ab", Date: "2026-11-30T20:15:00Z"}},
		"another version":          {"v9.9.9", nil, build{Development: true}},
		"a version for a trial":    {release + "-rc.1", nil, build{Development: true}},
		"no version":               {"(devel)", nil, build{Development: true}},
		"no information":           {"", nil, build{Development: true}},
		"three parts without time": {"v1.0.0-a-b", nil, build{Development: true}},
	} {
		got := read(&debug.BuildInfo{Main: debug.Module{Version: c.version}, Settings: c.settings})
		c.want.Version, c.want.Go, c.want.OS, c.want.Arch = taegis.Version, got.Go, got.OS, got.Arch
		if got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

func TestLine(t *testing.T) {
	b := build{Version: "0.1.0", Go: "go1.26.8", OS: "linux", Arch: "amd64"}
	if got, want := b.String(), "taegis 0.1.0 go1.26.8 linux/amd64"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	b.Development, b.Changed, b.Commit, b.Date = true, true, "0123456789abcdef", "2026-11-30T20:15:00Z"
	want := "taegis 0.1.0 (development build, commit 0123456789ab, with changes, 2026-11-30T20:15:00Z) go1.26.8 linux/amd64"
	if got := b.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
