//go:build !windows

package spool_test

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/spool"
)

// A disk that becomes full ends the copy. What was read of a pipe stays, as far as it was written; a
// file leaves nothing.
func TestAFullDisk(t *testing.T) {
	text := strings.Repeat("a line\n", 1000)
	for source, kept := range map[string]int64{"/a.log": -1, spool.Pipe: 3000} {
		t.Run(source, func(t *testing.T) {
			s, dir := open(t)
			var written int
			back := spool.SetWrite(func(file *os.File, p []byte) (int, error) {
				p = p[:min(len(p), 3000-written)]
				n, err := file.Write(p)
				if written += n; err == nil && written == 3000 {
					err = &os.PathError{Op: "write", Path: file.Name(), Err: syscall.ENOSPC}
				}
				return n, err
			})
			defer back()
			job, err := add(t, s, iotest.HalfReader(strings.NewReader(text)), source)
			fault, ok := errors.AsType[*core.FileError](err)
			if !ok || !errors.Is(err, syscall.ENOSPC) || !strings.HasPrefix(fault.Path, dir) || !strings.Contains(core.Hint(err), "another folder") {
				t.Errorf("error %v", err)
			}
			jobs, err := s.Jobs(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if kept < 0 {
				if job != nil || len(jobs) != 0 {
					t.Errorf("a file leaves %+v, %+v", job, jobs)
				}
				return
			}
			if job == nil || len(jobs) != 1 || !jobs[0].CutOff() || jobs[0].OnDisk() != kept {
				t.Fatalf("a pipe leaves %+v, %+v", job, jobs)
			}
			back()
			again, err := s.Take(t.Context(), job.ID)
			if err != nil {
				t.Fatal(err)
			}
			if again, err = s.Accept(t.Context(), again); err != nil {
				t.Fatal(err)
			}
			to := &host{}
			if err := again.Send(t.Context(), to, func(*spool.Part) {}); err != nil || strings.Join(to.got, "") != text[:kept] {
				t.Errorf("sent %d bytes, %v", len(strings.Join(to.got, "")), err)
			}
			if err := again.Release(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAQuota(t *testing.T) {
	s, _ := open(t)
	defer spool.SetWrite(func(*os.File, []byte) (int, error) { return 0, syscall.EDQUOT })()
	if _, err := add(t, s, strings.NewReader("x"), spool.Pipe); !strings.Contains(core.Hint(err), "free space") {
		t.Errorf("error %v", err)
	}
}
