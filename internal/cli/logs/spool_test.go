package logs

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/taegis-go/taegis/internal/spool"
)

func TestWhatADiscardLoses(t *testing.T) {
	s, err := spool.Open(t.TempDir() + "/spool")
	if err != nil {
		t.Fatal(err)
	}
	errBroken := errors.New("broken")
	for name, c := range map[string]struct {
		in   io.Reader
		want string
	}{
		"one part":  {strings.NewReader("one\n"), "1 of its 1 part, 4 bytes, had not been sent"},
		"two parts": {strings.NewReader("one\ntwo\n"), "2 of its 2 parts, 8 bytes, had not been sent"},
		"cut off":   {io.MultiReader(strings.NewReader("one\nt"), iotest.ErrReader(errBroken)), "the 5 bytes that were read of its input had not been sent"},
	} {
		t.Run(name, func(t *testing.T) {
			job, err := s.Add(t.Context(), c.in, spool.Job{Source: spool.Pipe, Name: "a.log", Target: spool.Target{Tenant: "1"}}, 4)
			if err != nil && !errors.Is(err, errBroken) {
				t.Fatal(err)
			}
			if got := lostBy(job); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if err := job.Release(); err != nil {
				t.Error(err)
			}
		})
	}
}
