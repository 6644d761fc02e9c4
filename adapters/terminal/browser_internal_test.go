package terminal

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The decision is tested here because a test cannot wait for a browser that does not open.
func TestWhenABrowserIsOpened(t *testing.T) {
	const page = "https://taegis.example/x"
	dir := t.TempDir()
	own := filepath.Join(dir, "browser")
	if err := os.WriteFile(own, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	display := map[string]string{"DISPLAY": ":0"}
	for name, test := range map[string]struct {
		goos    string
		env     map[string]string
		off     bool
		address string
		want    []string
	}{
		"a display":            {goos: "linux", env: display, want: []string{"xdg-open", page}},
		"Wayland":              {goos: "linux", env: map[string]string{"WAYLAND_DISPLAY": "w"}, want: []string{"xdg-open", page}},
		"no display":           {goos: "linux"},
		"macOS":                {goos: "darwin", want: []string{"open", page}},
		"Windows":              {goos: "windows", want: []string{"rundll32", "url.dll,FileProtocolHandler", page}},
		"over SSH":             {goos: "linux", env: map[string]string{"DISPLAY": ":0", "SSH_CONNECTION": "1 2 3 4"}},
		"macOS over SSH":       {goos: "darwin", env: map[string]string{"SSH_TTY": "/dev/pts/1"}},
		"switched off":         {goos: "linux", env: display, off: true},
		"no web page":          {goos: "linux", env: display, address: "file:///etc/passwd"},
		"BROWSER":              {goos: "linux", env: map[string]string{"DISPLAY": ":0", "BROWSER": own}, want: []string{own, page}},
		"BROWSER with a place": {goos: "linux", env: map[string]string{"DISPLAY": ":0", "BROWSER": own + " --new %s"}, want: []string{own, "--new", page}},
		"the first that is there": {goos: "linux", env: map[string]string{
			"DISPLAY": ":0", "BROWSER": filepath.Join(dir, "none") + string(os.PathListSeparator) + own,
		}, want: []string{own, page}},
		"BROWSER that is not there": {goos: "linux", env: map[string]string{"DISPLAY": ":0", "BROWSER": filepath.Join(dir, "none")}, want: []string{"xdg-open", page}},
		"BROWSER without a display": {goos: "linux", env: map[string]string{"BROWSER": own}},
	} {
		t.Run(name, func(t *testing.T) {
			address := page
			if test.address != "" {
				address = test.address
			}
			o := Options{NoBrowser: test.off, Getenv: func(name string) string { return test.env[name] }}
			if got := o.browserCommand(test.goos, address); !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
