//go:build unix

package cli_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/creack/pty"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

// settle creates a home folder with a profile and a plugin, and variables that log in to an emulator.
func (w *wait) settle() {
	server, err := emulator.Start("127.0.0.1:0", emulator.Config{})
	w.check(err)
	w.t.Cleanup(server.Close)
	profiles := filepath.Join(w.dir, "config.toml")
	w.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.dir, "GORACE=" + raceOptions, "XDG_DATA_HOME=" + filepath.Join(w.dir, "data"),
		"TAEGIS_PROFILES_FILE=" + profiles, "TAEGIS_CONFIG_FILE=" + filepath.Join(w.dir, "shared", "config"),
		"TAEGIS_API_URL=" + server.URL, "CLIENT_ID=" + emulator.DemoClientID, "CLIENT_SECRET=" + emulator.DemoClientSecret,
	}
	w.check(os.MkdirAll(w.programs(), 0o700))
	text := fmt.Sprintf("[profiles.work]\n[plugins.hang]\npath = %q\nsha256 = %q\n", w.plugin(), selfSum())
	w.check(os.WriteFile(profiles, []byte(text), 0o600))
}

func (w *wait) setenv(name, value string) { w.cmd.Env = append(w.cmd.Env, name+"="+value) }

func (w *wait) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// replace replaces a word in the arguments of the command.
func (w *wait) replace(word, by string) {
	for i := range w.cmd.Args {
		w.cmd.Args[i] = strings.ReplaceAll(w.cmd.Args[i], word, by)
	}
}

// blocks prepares what a command will wait for.
var blocks = map[waited]func(*wait){
	forStdin:    (*wait).blockStdin,
	forFile:     (*wait).blockFile,
	forProfiles: func(w *wait) { w.setenv("TAEGIS_PROFILES_FILE", w.fifo(filepath.Join(w.dir, "fifo"))) },
	forBundle:   func(w *wait) { w.setenv("TAEGIS_CA_BUNDLE", w.fifo(filepath.Join(w.dir, "fifo"))) },
	forServer: func(w *wait) {
		w.setenv("TAEGIS_API_URL", w.hangingServer(sync.OnceFunc(func() { close(w.begun) })))
	},
	forLogin:  (*wait).otherLogin,
	forPrompt: (*wait).atTerminal,
	forPlugin: (*wait).blockPlugin,
	forGo:     (*wait).blockGo,
	forReader: (*wait).blockStdout,
	forSignal: (*wait).blockStdout,
}

// blockStdout reads one byte of stdout: then the command waits for a reader, or it serves.
func (w *wait) blockStdout() {
	stdout, end := w.pipe()
	w.cmd.Stdout = end
	go func() {
		if _, err := io.ReadFull(stdout, make([]byte, 1)); err == nil {
			close(w.begun)
		}
	}()
}

func (w *wait) blockPlugin() {
	w.installBinary(w.plugin())
	w.replace("PLUGIN", w.plugin())
	w.watchLife(w.programs())
}

func (w *wait) pipe() (reader, writer *os.File) {
	reader, writer, err := os.Pipe()
	w.check(err)
	w.t.Cleanup(func() {
		reader.Close()
		writer.Close()
	})
	return reader, writer
}

// blockStdin writes more than a pipe holds, which succeeds when the command reads, and then no more.
func (w *wait) blockStdin() {
	reader, writer := w.pipe()
	w.cmd.Stdin = reader
	go func() {
		if _, err := io.WriteString(writer, strings.Repeat(" ", 1<<17)); err == nil {
			close(w.begun)
		}
	}()
}

// blockFile replaces FIFO in the arguments with the path of a FIFO, or of a folder with a FIFO as go.mod.
func (w *wait) blockFile() {
	if strings.Contains(strings.Join(w.cmd.Args, " "), "--sdk") {
		dir := filepath.Join(w.dir, "sdk")
		w.check(os.Mkdir(dir, 0o700))
		w.fifo(filepath.Join(dir, "go.mod"))
		w.replace("FIFO", dir)
		return
	}
	w.replace("FIFO", w.fifo(filepath.Join(w.dir, "fifo")))
}

// fifo creates a FIFO and returns its path. The test opens it for writing when the command reads it.
func (w *wait) fifo(path string) string {
	w.check(syscall.Mkfifo(path, 0o600))
	ends := make(chan *os.File, 1)
	go func() {
		if file, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			ends <- file
			close(w.begun)
		}
	}()
	w.t.Cleanup(func() {
		if file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
			defer file.Close() // ends the open of the test
		}
		(<-ends).Close()
	})
	return path
}

// hangingServer returns the URL of a server that never responds. It reports each request.
func (w *wait) hangingServer(asked func()) string {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server notices the end of the connection
		asked()
		<-r.Context().Done()
	}))
	w.t.Cleanup(server.Close)
	return server.URL
}

// otherLogin starts a process that holds the lock of the login.
func (w *wait) otherLogin() {
	asked := make(chan struct{})
	w.setenv("TAEGIS_API_URL", w.hangingServer(sync.OnceFunc(func() { close(asked) })))
	other := exec.CommandContext(w.t.Context(), w.cmd.Path, "auth", "token")
	other.Env = w.cmd.Env
	w.check(other.Start())
	w.t.Cleanup(func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	})
	<-asked
}

// atTerminal gives the command a terminal for its prompt.
func (w *wait) atTerminal() {
	master, slave, err := pty.Open()
	w.check(err)
	w.t.Cleanup(func() {
		slave.Close()
		master.Close()
	})
	w.cmd.ExtraFiles = []*os.File{slave}
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 3}
	w.setenv(atTerminal, "1")
	go w.noteText(watchScreen(master), ": ")
}

// noteText notes that the command waits when the terminal shows a text.
func (w *wait) noteText(s *screen, text string) {
	if s.await(text) {
		close(w.begun)
	}
}

// programs returns the folder of installed plugins.
func (w *wait) programs() string { return filepath.Join(w.dir, "data", "taegis", "plugins") }

// plugin returns the path of a plugin that hangs, if it exists.
func (w *wait) plugin() string { return filepath.Join(w.programs(), "taegis-plugin-hang") }

// installBinary makes this test binary a program at path.
func (w *wait) installBinary(path string) {
	self, err := os.Executable()
	w.check(err)
	if os.Link(self, path) == nil {
		return
	}
	program, err := os.ReadFile(self) // path is on another file system
	w.check(err)
	w.check(os.WriteFile(path, program, 0o700))
}

// lifeFile returns the path of a FIFO that a program holds open while it runs.
const lifeFile = "life"

// watchLife creates that FIFO. The command waits when the program has opened it.
func (w *wait) watchLife(dir string) {
	path := filepath.Join(dir, lifeFile)
	w.check(syscall.Mkfifo(path, 0o600))
	w.left = make(chan struct{})
	go func() {
		defer close(w.left)
		life, err := os.Open(path)
		if err != nil {
			return
		}
		defer life.Close()
		close(w.begun)
		_, _ = io.Copy(io.Discard, life)
	}()
	w.t.Cleanup(func() {
		if file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			file.Close()
		}
	})
}

// hang is a plugin that does not respond.
func hang() {
	life, err := os.OpenFile(filepath.Join(filepath.Dir(os.Args[0]), lifeFile), os.O_RDWR, 0)
	if err == nil {
		_, _ = life.Read(make([]byte, 1)) // it is never written to
	}
}

// blockGo puts a go command on PATH that starts another program, as the real one does.
func (w *wait) blockGo() {
	bin := filepath.Join(w.dir, "bin")
	w.check(os.Mkdir(bin, 0o700))
	w.watchLife(bin)
	script := "#!/bin/sh\nsleep 100000 > " + filepath.Join(bin, lifeFile) + " &\nwait\n"
	w.check(os.WriteFile(filepath.Join(bin, "go"), []byte(script), 0o700))
	w.setenv("PATH", bin+":"+os.Getenv("PATH"))
}

// selfSum returns the SHA-256 of this test binary.
var selfSum = sync.OnceValue(func() string {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	self, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer self.Close()
	sum := sha256.New()
	_, _ = io.Copy(sum, self)
	return hex.EncodeToString(sum.Sum(nil))
})
