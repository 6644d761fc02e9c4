package terminal

import (
	"os"
	"os/exec"
	"runtime"
	"strings"

	"github.com/taegis-go/taegis/internal/subprocess"
)

// openBrowser opens address in the user's browser if there is one on this machine. Nothing is
// said where that fails: the link is on the screen.
func (s *screen) openBrowser(address string) {
	command := s.browserCommand(runtime.GOOS, address)
	if len(command) == 0 {
		return
	}
	// The browser outlives the login: it writes nothing into our streams, and keeps no secrets in
	// its environment.
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = subprocess.WithoutSecrets(os.Environ())
	detach(cmd)
	if cmd.Start() == nil {
		go func() { _ = cmd.Wait() }() // only so that no zombie stays
	}
}

// browserCommand is the command that opens address, nil where none is to be opened: switched
// off, over SSH, without a display, or for anything but a web page.
func (o Options) browserCommand(goos, address string) []string {
	web := strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://")
	desktop := goos == "windows" || goos == "darwin" || o.anySet("DISPLAY", "WAYLAND_DISPLAY")
	if o.NoBrowser || !web || !desktop || o.anySet("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY") {
		return nil
	}
	if own := o.ownBrowser(address); own != nil {
		return own
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

// ownBrowser is the first command of BROWSER whose program exists, nil without any. As for
// xdg-open, BROWSER is a list of commands in which %s stands for the address; where it is
// missing, the address is the last argument.
func (o Options) ownBrowser(address string) []string {
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
