package taegis_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A program that uses one service is at most 1.4 times the size of one that makes the same request
// with the standard library alone, both stripped.
func TestAProgramWithOneServiceIsSmall(t *testing.T) {
	if testing.Short() {
		t.Skip("builds two programs, which the race detector does not make different")
	}
	size := func(name string) float64 {
		t.Helper()
		program := filepath.Join(t.TempDir(), "program")
		build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./testdata/size/"+name)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		info, err := os.Stat(program)
		if err != nil {
			t.Fatal(err)
		}
		return float64(info.Size())
	}
	floor, service := size("floor"), size("service")
	t.Logf("%.0f bytes, %.2f times the %.0f of the standard library alone", service, service/floor, floor)
	if service > 1.4*floor {
		t.Error("too large")
	}
}

// A program links the service that it uses, and no other.
func TestAProgramLinksOnlyItsService(t *testing.T) {
	const services = "github.com/taegis-go/taegis/services/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "./testdata/size/service").Output()
	if err != nil {
		t.Fatal(err)
	}
	var linked []string
	for line := range strings.Lines(string(out)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), services); ok {
			linked = append(linked, name)
		}
	}
	slices.Sort(linked)
	if want := []string{"internal/call", "subjects"}; !slices.Equal(linked, want) {
		t.Errorf("%q, want %q", linked, want)
	}
}
