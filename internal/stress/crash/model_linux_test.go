package crash_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// model is a disk: what is safe on it, and what has been asked of it since, which a power failure
// may take away.
//
// It allows all that POSIX does. Of the changes to a file or a folder since its last fsync any may
// have reached the disk and any not; of a write a part may have, or its length without its bytes.
// What an fsync covers stays. That is more than ext4 loses, which keeps the order of what happens
// to folders: a writer that survives here is not at the mercy of a mount option.
type model struct {
	dir  string // where the disk really is
	root *node
	open map[uint64]int64 // how far each file descriptor has come
	inos map[uint64]*node
}

// node is a file or a folder.
type node struct {
	ino uint64

	data  []byte // of a file, as it is safe
	edits []edit // since

	names   map[string]*node // of a folder, as they are safe; nil marks a file
	changes []change         // since
}

// edit writes to a file or, with nil data, cuts it.
type edit struct {
	at   int64
	data []byte
}

// change gives names in a folder to other nodes, all at once; nil takes a name away.
type change map[string]*node

// newModel returns a disk on which all that is in dir is safe.
func newModel(dir string) (*model, error) {
	m := &model{dir: dir, open: map[uint64]int64{}, inos: map[uint64]*node{}}
	var err error
	m.root, err = m.load(dir)
	return m, err
}

func (m *model) load(path string) (*node, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	n := &node{ino: info.Sys().(*syscall.Stat_t).Ino}
	m.inos[n.ino] = n
	if !info.IsDir() {
		n.data, err = os.ReadFile(path)
		return n, err
	}
	n.names = map[string]*node{}
	entries, err := os.ReadDir(path)
	for _, entry := range entries {
		child, childErr := m.load(filepath.Join(path, entry.Name()))
		n.names[entry.Name()], err = child, errors.Join(err, childErr)
	}
	return n, err
}

// apply returns whether a call that was made has changed the disk.
func (m *model) apply(c call) (changed bool, err error) {
	fd := c.args[0]
	switch c.name {
	case "close":
		delete(m.open, fd)
	case "flock", "fcntl", "fstat", "newfstatat", "statx", "faccessat", "faccessat2", "readlinkat", "getdents64", "pread64":
	case "fchmod", "fchmodat", "fchown", "fchownat":
		// The mode that a file gets is not wider than it began, or comes before its fsync.
	case "read":
		m.open[fd] += c.result
	case "lseek":
		m.open[fd] = c.result
	case "openat":
		return m.openat(c)
	case "write":
		changed, err = m.edit(c, edit{m.open[fd], c.data[:c.result]})
		m.open[fd] += c.result
	case "pwrite64":
		return m.edit(c, edit{int64(c.args[3]), c.data[:c.result]})
	case "ftruncate":
		return m.edit(c, edit{at: int64(c.args[1])})
	case "fsync", "fdatasync":
		n := m.inos[c.ino]
		if n == nil {
			return false, fmt.Errorf("%v: of an unknown file", c)
		}
		n.sync()
		return true, nil
	case "mkdirat":
		return m.rename(c.paths[0], change{filepath.Base(c.paths[0]): {names: map[string]*node{}}})
	case "unlinkat":
		return m.rename(c.paths[0], change{filepath.Base(c.paths[0]): nil})
	case "renameat", "renameat2":
		if filepath.Dir(c.paths[0]) != filepath.Dir(c.paths[1]) {
			return false, fmt.Errorf("%v: from one folder to another", c)
		}
		moved := m.find(c.paths[0])
		return m.rename(c.paths[0], change{filepath.Base(c.paths[0]): nil, filepath.Base(c.paths[1]): moved})
	default:
		return false, fmt.Errorf("the model does not know the call %v", c)
	}
	return changed, err
}

func (m *model) openat(c call) (changed bool, err error) {
	m.open[uint64(c.result)] = 0
	n := m.find(c.paths[0])
	if n == nil {
		n = &node{}
		changed, err = m.rename(c.paths[0], change{filepath.Base(c.paths[0]): n})
	} else if c.args[2]&syscall.O_TRUNC != 0 {
		n.edits, changed = append(n.edits, edit{}), true
	}
	if n.ino == 0 {
		n.ino = c.ino
	}
	if n.ino != c.ino {
		return false, fmt.Errorf("%v: it is not the file that it was", c)
	}
	m.inos[n.ino] = n
	return changed, err
}

func (m *model) edit(c call, e edit) (bool, error) {
	n := m.inos[c.ino]
	if n == nil {
		return false, fmt.Errorf("%v: of an unknown file", c)
	}
	n.edits = append(n.edits, e)
	return true, nil
}

// rename changes the folder that path is in.
func (m *model) rename(path string, to change) (bool, error) {
	folder := m.find(filepath.Dir(path))
	if folder == nil {
		return false, fmt.Errorf("%s: in an unknown folder", path)
	}
	folder.changes = append(folder.changes, to)
	return true, nil
}

// find returns what is at path now; nil for nothing.
func (m *model) find(path string) *node {
	n := m.root
	inner, err := filepath.Rel(m.dir, path)
	if err != nil || inner == "." {
		return n
	}
	for name := range strings.SplitSeq(inner, "/") {
		if n == nil || n.names == nil {
			return nil
		}
		n = n.linked(n.changes)[name]
	}
	return n
}

func (n *node) sync() {
	if n.names == nil {
		n.data, n.edits = edited(n.data, n.edits), nil
		return
	}
	n.names, n.changes = n.linked(n.changes), nil
}

// linked returns the names of a folder after some changes.
func (n *node) linked(changes []change) map[string]*node {
	names := maps.Clone(n.names)
	for _, c := range changes {
		maps.Copy(names, c)
	}
	maps.DeleteFunc(names, func(_ string, to *node) bool { return to == nil })
	return names
}

// edited returns the bytes of a file after some edits. What was never written is zero.
func edited(data []byte, edits []edit) []byte {
	data = slices.Clone(data)
	for _, e := range edits {
		end := int(e.at) + len(e.data)
		if e.data == nil {
			data = data[:min(end, len(data))]
		}
		if end > len(data) {
			data = append(data, make([]byte, end-len(data))...)
		}
		copy(data[e.at:], e.data)
	}
	return data
}

// live returns the tree as it is without a power failure.
func (m *model) live() tree {
	t := tree{}
	var add func(path string, n *node)
	add = func(path string, n *node) {
		if n.names == nil {
			t[path] = string(edited(n.data, n.edits))
			return
		}
		t[path+"/"] = ""
		for name, child := range n.linked(n.changes) {
			add(filepath.Join(path, name), child)
		}
	}
	add(".", m.root)
	return t
}

// read returns the tree that really is in dir.
func read(dir string) (tree, error) {
	t := tree{}
	return t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		inner, relErr := filepath.Rel(dir, path)
		if err := errors.Join(err, relErr); err != nil {
			return err
		}
		if entry.IsDir() {
			t[inner+"/"] = ""
			return nil
		}
		text, err := os.ReadFile(path)
		t[inner] = string(text)
		return err
	})
}
