package spool_test

import (
	stdcontext "context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/internal/spool"
)

// host is a sender that keeps what was sent.
type host struct {
	logs []files.Log
	got  []string
	fail error
}

func (h *host) SendLog(_ stdcontext.Context, log files.Log) error {
	if log.Place.IsZero() {
		if err := log.OnPlace(files.Place{URL: core.NewSecret("https://store.example/?X-Amz-Signature=s")}); err != nil {
			return err
		}
	}
	text := make([]byte, log.Size)
	if _, err := log.Content.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if h.fail != nil {
		return h.fail
	}
	h.logs, h.got = append(h.logs, log), append(h.got, string(text))
	return nil
}

func open(t *testing.T) (*spool.Spool, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "spool")
	s, err := spool.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s, dir
}

func add(t *testing.T, s *spool.Spool, in io.Reader, source string) (*spool.Job, error) {
	t.Helper()
	return s.Add(t.Context(), in, spool.Job{Source: source, Name: "a.log", Target: spool.Target{Tenant: "1", SensorID: "fw"}}, 1<<10)
}

func TestAFailedPartStays(t *testing.T) {
	s, dir := open(t)
	job, err := add(t, s, strings.NewReader("line\n"), "/a.log")
	if err != nil {
		t.Fatal(err)
	}
	errDown := errors.New("down")
	to := &host{fail: errDown}
	if err := job.Send(t.Context(), to, func(*spool.Part) {}); !errors.Is(err, errDown) || job.Done() {
		t.Fatalf("%v", err)
	}
	if _, err := add(t, s, strings.NewReader("line\n"), "/a.log"); !errors.Is(err, spool.ErrBusy) {
		t.Errorf("the same input while a process works on it: %v", err)
	}
	if err := job.Release(); err != nil {
		t.Fatal(err)
	}
	again, err := add(t, s, strings.NewReader("line\n"), "/a.log")
	if err != nil || again.ID != job.ID {
		t.Fatalf("%+v, %v", again, err)
	}
	to.fail = nil
	if err := again.Send(t.Context(), to, func(*spool.Part) {}); err != nil || !again.Done() {
		t.Fatal(err)
	}
	if len(to.logs) != 1 || to.got[0] != "line\n" || to.logs[0].Place.IsZero() || to.logs[0].SensorID != "fw" {
		t.Errorf("%+v", to)
	}
	text, err := os.ReadFile(filepath.Join(dir, job.ID, "journal.json"))
	if err != nil || strings.Contains(string(text), "X-Amz") {
		t.Errorf("the journal keeps the URL of a part that was sent: %s, %v", text, err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, job.ID)); err != nil || len(left) != 2 {
		t.Errorf("%v, %v", left, err)
	}
	if err := again.Release(); err != nil {
		t.Error(err)
	}
}

func TestFilesOfTheSpoolArePrivate(t *testing.T) {
	s, dir := open(t)
	job, err := add(t, s, strings.NewReader("line\n"), "/a.log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = job.Release() }()
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestInputsThatFail(t *testing.T) {
	s, _ := open(t)
	errBroken := errors.New("broken")
	half := func() io.Reader { return io.MultiReader(strings.NewReader("half\n"), iotest.ErrReader(errBroken)) }
	if job, err := add(t, s, half(), "/a.log"); !errors.Is(err, errBroken) || job != nil {
		t.Errorf("a file: %+v, %v", job, err)
	}
	if _, err := add(t, s, strings.NewReader(""), spool.Pipe); !errors.Is(err, spool.ErrEmpty) {
		t.Errorf("nothing: %v", err)
	}
	job, err := add(t, s, half(), spool.Pipe)
	if !errors.Is(err, errBroken) || job == nil {
		t.Fatalf("a pipe: %+v, %v", job, err)
	}
	jobs, err := s.Jobs(t.Context())
	if err != nil || len(jobs) != 1 || !jobs[0].CutOff() || jobs[0].OnDisk() != 5 {
		t.Fatalf("%+v, %v", jobs, err)
	}
	taken, err := s.Take(t.Context(), job.ID[:4])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(t.Context(), job.ID); !errors.Is(err, spool.ErrBusy) {
		t.Errorf("taken twice: %v", err)
	}
	taken, err = s.Accept(t.Context(), taken)
	if err != nil || !taken.Complete || taken.Size != 5 {
		t.Fatalf("%+v, %v", taken, err)
	}
	if err := s.Discard(taken); err != nil {
		t.Error(err)
	}
	if _, err := s.Take(t.Context(), job.ID); !errors.Is(err, spool.ErrUnknown) {
		t.Errorf("a discarded job: %v", err)
	}
}

func TestADamagedInputIsNotSent(t *testing.T) {
	s, dir := open(t)
	job, err := add(t, s, strings.NewReader("line\n"), "/a.log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = job.Release() }()
	if err := os.WriteFile(filepath.Join(dir, job.ID, "input"), []byte("lime\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := new(host)
	if _, ok := errors.AsType[*core.FileError](job.Send(t.Context(), to, func(*spool.Part) {})); !ok || len(to.got) != 0 {
		t.Errorf("sent %q", to.got)
	}
}

// TestAPipeStaysIfItCannotBeRecorded has the same input in the hands of another process: what was read
// of the pipe, which cannot be read again, stays in the spool.
func TestAPipeStaysIfItCannotBeRecorded(t *testing.T) {
	s, _ := open(t)
	first, err := add(t, s, strings.NewReader("line\n"), spool.Pipe)
	if err != nil {
		t.Fatal(err)
	}
	second, err := add(t, s, strings.NewReader("line\n"), spool.Pipe)
	if !errors.Is(err, spool.ErrBusy) || second == nil || second.Complete {
		t.Fatalf("%+v, %v", second, err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	left, err := s.Take(t.Context(), second.ID)
	if err != nil || !left.CutOff() || left.OnDisk() != 5 {
		t.Errorf("what stays is %+v, %v", left, err)
	}
	if err := left.Release(); err != nil {
		t.Error(err)
	}
}
