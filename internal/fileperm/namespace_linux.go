package fileperm

import (
	"os"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// overflow is the number that stands for all users that this process's user namespace does not
// have, as for the administrator of the machine around a container; -1 if it has all.
var overflow = sync.OnceValue(func() int64 {
	mapped, err := os.ReadFile("/proc/self/uid_map")
	if err != nil || strings.Join(strings.Fields(string(mapped)), " ") == "0 0 4294967295" {
		return -1
	}
	text, err := os.ReadFile("/proc/sys/fs/overflowuid")
	uid, parseErr := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || parseErr != nil {
		return -1
	}
	return uid
})

// unmapped reports whether the owner with that number is unknown in this user namespace.
func unmapped(uid uint32) bool { return int64(uid) == overflow() }

// readOnly reports whether the file system is mounted read-only, regardless of the modes of its
// files. Kubernetes mounts configuration read-only, with folders of mode 0777.
func readOnly(path string) bool {
	var stat unix.Statfs_t
	return unix.Statfs(path, &stat) == nil && stat.Flags&unix.ST_RDONLY != 0
}
