package terminal

import (
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/taegis-go/taegis/internal/subprocess"
)

// openBrowser opens address in the user's browser. It ignores errors, because the address is on the
// screen.
func (s *screen) openBrowser(address string) {
	command := s.browserCommand(runtime.GOOS, address)
	if len(command) == 0 {
		return
	}
	// The browser outlives the login, so it gets neither the standard streams nor the secrets in the
	// environment.
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = subprocess.WithoutSecrets(os.Environ())
	detach(cmd)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }() // reaps the process
	}
}

// browserCommand returns the command that opens address. It returns nil if browsers are disabled,
// over SSH, without a display, and for any address but a web page.
func (o Options) browserCommand(goos, address string) []string {
	web := strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
	desktop := goos == "windows" || goos == "darwin" || o.anySet("DISPLAY", "WAYLAND_DISPLAY")
	if o.NoBrowser || !web || !desktop || o.anySet("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY") {
		return nil
	}
	if preferred := o.preferredBrowser(address); preferred != nil {
		return preferred
	}
	switch goos {
	case "darwin":
		return []string{"open", address}
	case "windows":
		return []string{"rundll32", "url.dll,FileProtocolHandler", address}
	}
	return []string{"xdg-open", address}
}

func (o Options) anySet(names ...string) bool {
	for _, name := range names {
		if o.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// preferredBrowser returns the first command of BROWSER with an existing program, nil if there is
// none. As in xdg-open, BROWSER is a list of commands in which %s stands for the address; without
// %s the address is the last argument.
func (o Options) preferredBrowser(address string) []string {
	for choice := range strings.SplitSeq(o.Getenv("BROWSER"), string(os.PathListSeparator)) {
		words := strings.Fields(choice)
		if len(words) == 0 {
			continue
		}
		if _, err := exec.LookPath(words[0]); err != nil {
			continue
		}
		named := false
		for i, word := range words {
			named = named || strings.Contains(word, "%s")
			words[i] = strings.ReplaceAll(word, "%s", address)
		}
		if !named {
			words = append(words, address)
		}
		return words
	}
	return nil
}
