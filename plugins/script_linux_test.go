package plugins_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
)

func init() {
	acts["interpreter"] = interpret
	acts["evil"] = func() { fmt.Println("evil ran"); select {} }
}

// interpret is an interpreter that opens its script when it is told to. The script is the name of
// an act.
func interpret() {
	conn, err := net.Dial("tcp", os.Getenv("ADDRESS"))
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(conn, "started")
	_, _ = bufio.NewReader(conn).ReadString('\n')
	script, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	_, name, _ := strings.Cut(strings.TrimSpace(string(script)), "\n")
	acts[name]()
}

// TestScriptThatIsReadLater writes another script between the start of the process and the moment
// at which its interpreter opens it.
func TestScriptThatIsReadLater(t *testing.T) {
	for name, change := range map[string]func(path, text string) error{
		"written in place": func(path, text string) error { return os.WriteFile(path, []byte(text), 0o700) },
		"replaced": func(path, text string) error {
			return errors.Join(os.WriteFile(path+".new", []byte(text), 0o700), os.Rename(path+".new", path))
		},
		"removed": func(path, _ string) error { return os.Remove(path) },
	} {
		t.Run(name, func(t *testing.T) {
			s := play(t, "interpreter")
			interpreter := s.Path
			s.Path = filepath.Join(t.TempDir(), "script")
			if err := os.WriteFile(s.Path, []byte("#!"+interpreter+"\nopaque"), 0o700); err != nil {
				t.Fatal(err)
			}
			var err error
			s.repin(t)
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			s.Env = append(s.Env, "ADDRESS")
			s.variables["ADDRESS"] = listener.Addr().String()
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					return // the test is over
				}
				defer conn.Close()
				_, _ = bufio.NewReader(conn).ReadString('\n')
				if err := change(s.Path, "#!"+interpreter+"\nevil"); err != nil {
					t.Error(err)
				}
				fmt.Fprintln(conn, "go on")
			}()
			token, err := s.open(t).Authenticate(t.Context(), s.request())
			if err != nil || token.AccessToken.Reveal() != "opaque" {
				t.Errorf("%+v, %v", token, err)
			}
		})
	}
}

// TestScriptWithAConcurrentWriter starts a script of the shell many times while a writer changes
// it, as soon as a lease ends if there is one, else at any moment. What runs is what was pinned.
func TestScriptWithAConcurrentWriter(t *testing.T) {
	const rounds = 15
	s := play(t, "opaque")
	self := s.Path
	s.Path = filepath.Join(t.TempDir(), "script")
	good := "#!" + testutil.Program(t, "sh") + "\nexec " + self + "\n#good\n"
	evil := "#!" + testutil.Program(t, "sh") + "\necho evil; exit\n#"
	evil += strings.Repeat("#", len(good)-len(evil)-1) + "\n"
	var ran, refused, struck int
	for range rounds {
		if err := os.WriteFile(s.Path, []byte(good), 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		s.repin(t)
		started, written := make(chan struct{}), make(chan error, 1)
		go func() {
			<-started
			at := time.Now().Add(rand.N(40 * time.Millisecond))
			flags := unix.O_WRONLY | unix.O_NONBLOCK
			for time.Now().Before(at) {
				fd, err := unix.Open(s.Path, flags, 0)
				if errors.Is(err, unix.EWOULDBLOCK) {
					break // it is leased: wait for the end of that
				}
				unix.Close(fd)
			}
			fd, err := unix.Open(s.Path, unix.O_WRONLY, 0)
			if err == nil {
				_, err = unix.Pwrite(fd, []byte(evil), 0)
				unix.Close(fd)
			}
			written <- err
		}()
		p := s.open(t)
		close(started)
		token, err := p.Authenticate(t.Context(), s.request())
		if err := <-written; err != nil {
			t.Fatal(err)
		}
		_, checksum := errors.AsType[*plugins.ChecksumError](err)
		switch {
		case checksum:
			refused++
		case err == nil && token.AccessToken.Reveal() == "opaque":
			ran++
		default:
			struck++
			t.Logf("%v", err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("of %d starts %d ran what was pinned, %d were refused", rounds, ran, refused)
	if struck > 0 {
		t.Errorf("%d of %d ran something else", struck, rounds)
	}
}

// TestProgramWithAConcurrentWriter starts a program that the kernel loads while writers open it as
// it is hashed, and wait for the end of the lease: it starts all the same.
func TestProgramWithAConcurrentWriter(t *testing.T) {
	s := play(t, "opaque")
	program, err := os.ReadFile(s.Path)
	if err != nil {
		t.Fatal(err)
	}
	s.Path = filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(s.Path, program, 0o700); err != nil {
		t.Fatal(err)
	}
	waited := 0
	for range 5 {
		p, over, leased := s.open(t), make(chan struct{}), make(chan bool, 1)
		go func() {
			for {
				select {
				case <-over:
					leased <- false
					return
				default:
				}
				fd, err := unix.Open(s.Path, unix.O_WRONLY|unix.O_NONBLOCK, 0)
				if errors.Is(err, unix.EWOULDBLOCK) {
					if fd, err = unix.Open(s.Path, unix.O_WRONLY, 0); err == nil {
						unix.Close(fd)
					}
					leased <- true
					return
				}
				unix.Close(fd)
				time.Sleep(100 * time.Microsecond)
			}
		}()
		token, err := p.Authenticate(t.Context(), s.request())
		if err != nil || token.AccessToken.Reveal() != "opaque" {
			t.Errorf("%+v, %v", token, err)
		}
		close(over)
		if <-leased {
			waited++
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("the writer waited for a lease %d times of 5", waited)
}
