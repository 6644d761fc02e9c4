package plugins_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/internal/testutil"
	"github.com/taegis-go/taegis/plugins"
)

// container is a place in which a host runs a plugin: commands that make it, as root in mount
// and process namespaces of its own, and what comes of a login there.
type container struct {
	make    string   // commands of the shell; $DIR is a folder of the test, with the host and the plugin
	env     []string // variables of the host
	plugin  string   // the path of the plugin; empty means $DIR/plugin
	works   bool
	because []string // what the error says if it does not
}

// readOnly makes folders read-only without hiding what is in them.
const readOnly = `for d in %s; do mount --bind $d $d && mount -o remount,ro,bind $d; done; `

func TestContainers(t *testing.T) {
	if os.Geteuid() != 0 {
		testutil.Missing(t, "root, which can make namespaces")
	}
	testutil.Program(t, "unshare")
	everywhere := fmt.Sprintf(readOnly, "/tmp /var/tmp /dev/shm $DIR")
	long := strings.Repeat("/a-long-name", 10)
	for name, c := range map[string]container{
		"nothing is special":        {works: true},
		"/tmp is read-only":         {make: fmt.Sprintf(readOnly, "/tmp"), works: true},
		"TMPDIR is read-only":       {make: `mount -t tmpfs -o ro none $DIR/tmp; `, env: []string{"TMPDIR=$DIR/tmp"}, works: true},
		"TMPDIR does not exist":     {env: []string{"TMPDIR=/nowhere"}, works: true},
		"TMPDIR is long":            {make: `mkdir -p $DIR` + long + "; ", env: []string{"TMPDIR=$DIR" + long}, works: true},
		"nothing can be written":    {make: everywhere, because: []string{"there is no folder for the sockets", "/dev/shm: read-only file system", "tmpfs"}},
		"TMPDIR is noexec":          {make: `mount -t tmpfs -o noexec none $DIR/tmp; `, env: []string{"TMPDIR=$DIR/tmp"}, works: true},
		"TMPDIR is noexec, script":  {make: `mount -t tmpfs -o noexec none $DIR/tmp; `, env: []string{"TMPDIR=$DIR/tmp"}, plugin: "$DIR/script", works: true},
		"its file system is noexec": {make: `mount -t tmpfs -o noexec none $DIR/tmp; cp $DIR/plugin $DIR/tmp; `, plugin: "$DIR/tmp/plugin", because: []string{"mounted with noexec", "install it on a file system without noexec"}},
		"there is no /proc":         {make: `mount -t tmpfs none /proc; `, works: true},
		"no /proc, TMPDIR is noexec": {
			make: `mount -t tmpfs none /proc; mount -t tmpfs -o noexec none $DIR/tmp; `, env: []string{"TMPDIR=$DIR/tmp"}, works: true,
		},
		"no /proc, noexec everywhere": {
			make: `mount -t tmpfs none /proc; for d in /tmp /var/tmp /dev/shm $DIR/tmp; do mount -t tmpfs -o noexec none $d; done; `, env: []string{"TMPDIR=$DIR/tmp"},
			because: []string{"no folder for a copy of the program", "mounted with noexec", "memfd_create"},
		},
		"no memory files": {make: `echo 2 > /proc/sys/vm/memfd_noexec || exit 77; `, plugin: "$DIR/script", works: true},
		"no memory files, noexec everywhere": {
			make:   `echo 2 > /proc/sys/vm/memfd_noexec || exit 77; for d in /tmp /var/tmp /dev/shm $DIR/tmp; do mount -t tmpfs -o noexec none $d; done; `,
			plugin: "$DIR/script", env: []string{"TMPDIR=$DIR/tmp"}, because: []string{"no folder for a copy of the program", "memfd_create"},
		},
		"its loader is missing":      {plugin: "$DIR/unloadable", because: []string{"it is linked dynamically, and its loader /lib64/ld-linux-x86-64.so.9 does not exist", "CGO_ENABLED=0"}},
		"its interpreter is missing": {plugin: "$DIR/uninterpreted", because: []string{"its interpreter /usr/bin/no-such-snake does not exist", "install the interpreter"}},
		"another architecture":       {plugin: "$DIR/foreign", because: []string{"it was built for s390x", "install the program that is built for linux/"}},
		"not a program":              {plugin: "$DIR/text", because: []string{"does not recognize it as a program", "#!"}},
	} {
		t.Run(name, func(t *testing.T) { c.run(t) })
	}
}

// run logs in inside the container.
func (c container) run(t *testing.T) {
	dir, err := os.MkdirTemp("/srv", "t") //nolint:usetesting // not below /tmp, which is mounted over
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil { // a program in a folder of root alone runs from its path
		t.Fatal(err)
	}
	furnish(t, dir)
	plugin := strings.ReplaceAll(c.plugin, "$DIR", dir)
	if plugin == "" {
		plugin = filepath.Join(dir, "plugin")
	}
	cmd := exec.CommandContext(t.Context(), "unshare", "--mount", "--pid", "--fork", "--mount-proc", "--propagation", "private",
		"sh", "-c", c.make+`cd / && exec "$DIR/plugin" "$@"`, "host", plugin)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "DIR=" + dir, actVariable + "=container-host", "HOME=/nowhere", "GORACE=atexit_sleep_ms=0"}
	for _, variable := range c.env {
		cmd.Env = append(cmd.Env, strings.ReplaceAll(variable, "$DIR", dir))
	}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() == 77 {
		testutil.Missing(t, "a kernel with vm.memfd_noexec")
	}
	said := string(out)
	if err != nil || c.works != strings.Contains(said, "logged in") {
		t.Errorf("it worked: %v, %v\n%s", !c.works, err, said)
	}
	for _, part := range c.because {
		if !strings.Contains(said, part) {
			t.Errorf("%q is missing in: %s", part, said)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "tmp", "*")); len(left) > 1 {
		t.Errorf("left behind: %v", left)
	}
}

// furnish fills a folder with a plugin that works and others that cannot.
func furnish(t *testing.T, dir string) {
	t.Helper()
	path, err := self()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	elf, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	loader := []byte("/lib64/ld-linux-x86-64.so.2")
	if !bytes.Contains(elf, loader) {
		testutil.Missing(t, "a dynamic /bin/true for amd64")
	}
	foreign := bytes.Clone(elf)
	foreign[18] = 22 // EM_S390
	for name, content := range map[string][]byte{
		"plugin":        program,
		"script":        fmt.Appendf(nil, "#!/bin/sh\nexec %s/plugin\n", dir),
		"unloadable":    bytes.Replace(elf, loader, []byte("/lib64/ld-linux-x86-64.so.9"), 1),
		"foreign":       foreign,
		"uninterpreted": []byte("#!/usr/bin/no-such-snake\nprint(1)\n"),
		"text":          []byte("Read me first.\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
}

func init() { acts["container-host"] = containerHost }

// containerHost logs in by the plugin of its argument, twice, and prints what comes of it.
func containerHost() {
	sum, err := plugins.Checksum(os.Args[1])
	if err != nil {
		fmt.Println(err)
		return
	}
	s := &fixture{
		Config:    plugins.Config{Path: os.Args[1], Name: "opaque", SHA256: []string{sum}, Env: []string{actVariable}},
		variables: map[string]string{actVariable: "opaque"},
	}
	p, err := plugins.New(s.Config)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 3 { // a program that cannot be started is not suspended
		if _, err = p.Authenticate(context.Background(), s.request()); err != nil {
			fmt.Println(err)
		}
	}
	_ = p.Close()
	if err == nil {
		fmt.Println("logged in")
	}
}
