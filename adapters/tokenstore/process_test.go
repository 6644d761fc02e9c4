package tokenstore_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/session"
	"github.com/taegis-go/taegis/ports"
)

// TestMain lets the test binary play another program that shares the file: it then runs the
// role that a test has named instead of the tests.
func TestMain(m *testing.M) {
	if role, ok := roles[os.Getenv("TOKENSTORE_ROLE")]; ok {
		_, _ = io.Copy(io.Discard, os.Stdin) // the starting gun: all wait for the end of their input
		if err := role(context.Background(), &tokenstore.File{Path: os.Args[1]}, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var roles = map[string]func(ctx context.Context, f *tokenstore.File, args []string) error{
	// login logs in unless another process already has, and says whether it did.
	"login": func(ctx context.Context, f *tokenstore.File, _ []string) error {
		key := clientKey("mine")
		if _, err := f.Load(ctx, key); !errors.Is(err, core.ErrNoToken) {
			return err
		}
		_, err := f.Update(ctx, key, func(_ context.Context, stored core.Token) (core.Token, error) {
			if !stored.IsZero() {
				return stored, nil
			}
			fmt.Println("logged in")
			return core.NewToken(ofClient("mine"), time.Now()), nil
		})
		return err
	},
	// hold begins to log in as a credential of charlie and never ends.
	"hold": func(ctx context.Context, f *tokenstore.File, args []string) error {
		key := core.TokenKey{Section: "charlie", Host: host, Account: core.Account(args[0])}
		_, err := f.Update(ctx, key, func(context.Context, core.Token) (core.Token, error) {
			fmt.Println("held")
			select {}
		})
		return err
	},
	// write sets N keys of a section.
	"write": func(ctx context.Context, f *tokenstore.File, args []string) error {
		n, err := strconv.Atoi(args[1])
		for i := range n {
			err = errors.Join(err, f.Set(ctx, args[0], fmt.Sprint("k", i), fmt.Sprint(i)))
		}
		return err
	},
}

// program is another process that shares the file.
type program struct {
	*exec.Cmd
	out *bufio.Reader
}

// start starts a process in a role. It begins once the gun, its standard input, is closed.
func start(t *testing.T, gun io.Reader, role, path string, args ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{Cmd: exec.Command(self, append([]string{path}, args...)...)}
	p.Env = append(os.Environ(), "TOKENSTORE_ROLE="+role, "GORACE=atexit_sleep_ms=0")
	p.Stdin, p.Stderr = gun, t.Output()
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	return p
}

// hold starts a process that is logging in as c, and waits until it is.
func hold(t *testing.T, path string, c core.Account) *program {
	t.Helper()
	wait, fire := gun(t)
	holder := start(t, wait, "hold", path, string(c))
	fire()
	if line, err := holder.out.ReadString('\n'); line != "held\n" {
		t.Fatalf("%q, %v", line, err)
	}
	return holder
}

// gun returns what keeps processes waiting, and what lets them go all at once.
func gun(t *testing.T) (wait *os.File, fire func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, func() { _ = w.Close() }
}

// end returns what a process has written, once it has ended well.
func (p *program) end(t *testing.T) string {
	out, err := io.ReadAll(p.out)
	if err := errors.Join(err, p.Wait()); err != nil {
		t.Error(err)
	}
	return string(out)
}

func TestOf64ProcessesOneLogsIn(t *testing.T) {
	ofManyOneLogsIn(t, filepath.Join(t.TempDir(), "config"))
}

func TestOf64ProcessesThatKnowTheFileByTwoNamesOneLogsIn(t *testing.T) {
	path := fileWith(t, "").Path
	ofManyOneLogsIn(t, path, linkTo(t, path))
}

// ofManyOneLogsIn starts processes that reach one file by these names.
func ofManyOneLogsIn(t *testing.T, names ...string) {
	t.Helper()
	wait, fire := gun(t)
	var programs []*program
	for i := range 64 {
		programs = append(programs, start(t, wait, "login", names[i%len(names)]))
	}
	begin := time.Now()
	fire()
	logins := 0
	for _, p := range programs {
		logins += strings.Count(p.end(t), "logged in")
	}
	t.Logf("done after %v", time.Since(begin))
	if logins != 1 {
		t.Errorf("%d of 64 processes logged in, want one", logins)
	}
}

func TestAKilledHolderIsTakenOver(t *testing.T) {
	f := &tokenstore.File{Path: filepath.Join(t.TempDir(), "config")}
	holder := hold(t, f.Path, clientKey("mine").Account)
	gaveUp := errors.New("gave up")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gaveUp)
	if _, err := f.Update(ctx, clientKey("mine"), nil); !errors.Is(err, gaveUp) {
		t.Errorf("while it is held: %v", err)
	}

	var killed, takenOver time.Time
	var waiter sync.WaitGroup
	waiter.Go(func() {
		_, err := f.Update(t.Context(), clientKey("mine"), func(context.Context, core.Token) (core.Token, error) {
			takenOver = time.Now()
			return core.NewToken(ofClient("mine"), takenOver), nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	killed = time.Now()
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	waiter.Wait()
	if after := takenOver.Sub(killed); after > 10*time.Second {
		t.Errorf("taken over after %v, want 1 s", after)
	} else {
		t.Logf("taken over after %v", after)
	}
}

func TestNoWriteOfAnotherProcessIsLost(t *testing.T) {
	noWriteIsLost(t, filepath.Join(t.TempDir(), "config"))
}

func TestNoWriteIsLostOfAProcessThatKnowsTheFileByAnotherName(t *testing.T) {
	path := fileWith(t, "").Path
	noWriteIsLost(t, path, linkTo(t, path))
}

// noWriteIsLost lets processes write that reach one file by these names.
func noWriteIsLost(t *testing.T, names ...string) {
	t.Helper()
	f := &tokenstore.File{Path: names[0]}
	wait, fire := gun(t)
	var programs []*program
	for i := range 8 {
		programs = append(programs, start(t, wait, "write", names[i%len(names)], fmt.Sprint("s", i), "50"))
	}
	begin := time.Now()
	fire()
	for _, p := range programs {
		p.end(t)
	}
	t.Logf("8 processes wrote 50 keys each in %v", time.Since(begin))
	snapshot, err := f.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, section := range snapshot.Sections() {
		kept += len(snapshot.Keys(section))
	}
	if kept != 400 {
		t.Errorf("kept %d of 400 keys", kept)
	}
}

// A reader of the file finds it at every moment, on Windows too, however often it is replaced.
func TestReadingWhatIsBeingReplaced(t *testing.T) {
	f := fileWith(t, "[s]\nk = v\n")
	wait, fire := gun(t)
	writer := start(t, wait, "write", f.Path, "other", "200")
	fire()
	ended := make(chan struct{})
	go func() { writer.end(t); close(ended) }()
	for reads := 1; ; reads++ {
		if value, ok, err := f.Get(t.Context(), "s", "k"); value != "v" || !ok || err != nil {
			t.Errorf("Get: %q, %v, %v", value, ok, err)
			<-ended
		}
		select {
		case <-ended:
			t.Logf("%d times", reads)
			return
		default:
		}
	}
}

// notes collects what a logger writes, and tells when it has.
type notes struct {
	mu      sync.Mutex
	text    strings.Builder
	written chan struct{}
}

func newNotes() *notes { return &notes{written: make(chan struct{}, 100)} }

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.written <- struct{}{}
	return n.text.Write(p)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

func TestAWaiterSaysForWhomItWaits(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "config")
	holder := hold(t, path, clientKey("mine").Account)
	log := newNotes()
	f := &tokenstore.File{Path: path, Logger: newLogger(log)}
	ctx, cancel := context.WithCancel(t.Context())
	begin := time.Now()
	var waiter sync.WaitGroup
	waiter.Go(func() {
		if _, err := f.Update(ctx, clientKey("mine"), nil); !errors.Is(err, context.Canceled) {
			t.Errorf("Update: %v", err)
		}
	})
	<-log.written
	t.Logf("said so after %v", time.Since(begin))
	cancel()
	waiter.Wait()
	if want := fmt.Sprint("pid=", holder.Process.Pid); !strings.Contains(log.String(), want) {
		t.Errorf("log %q, want %q in it", log.String(), want)
	}
}

func TestANonInteractiveCallerDoesNotWaitForAUser(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config")
	hold(t, path, core.AnyUserAccount)
	env, err := core.FindEnvironment("charlie")
	if err != nil {
		t.Fatal(err)
	}
	s := session.New(session.Config{
		Authenticators: []ports.Authenticator{&authn.Interactive{}},
		Store:          &tokenstore.File{Path: path},
		Login:          core.LoginRequest{Environment: env, NonInteractive: "this is a test"},
	})
	defer s.Close()
	begin := time.Now()
	if _, err := s.Token(t.Context()); !errors.Is(err, core.ErrUnavailable) {
		t.Errorf("Token: %v", err)
	}
	t.Logf("said so after %v", time.Since(begin))
}
