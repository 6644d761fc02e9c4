package plugins

import (
	"path/filepath"
	"regexp"
	"strings"
	"sync"
)

// versionLength is how many digits of its checksum the name of a version has.
const versionLength = 12

// versionMark matches the end of a version's name.
var versionMark = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`-[0-9a-f]{12}$`) })

// VersionPath returns the path of the program with that checksum next to the program at path:
// PATH-CHECKSUM with the first 12 digits of the checksum, in place of those that path may end with.
// Windows' suffix ".exe" stays the last.
func VersionPath(path, checksum string) string {
	stem, suffix := cutSuffix(path)
	if at := versionMark().FindStringIndex(filepath.Base(stem)); at != nil && at[0] > 0 {
		stem = stem[:len(stem)-versionLength-1]
	}
	return stem + "-" + checksum[:min(versionLength, len(checksum))] + suffix
}

func cutSuffix(path string) (stem, suffix string) {
	if stem, ok := strings.CutSuffix(path, ".exe"); ok {
		return stem, ".exe"
	}
	return path, ""
}

// places returns the paths at which a program may be that may run: the path itself, and those of
// the versions next to it, the preferred one first.
func (r *rules) places(path string) []string {
	places := []string{path}
	for _, sum := range r.sums {
		if version := VersionPath(path, sum); version != path {
			places = append(places, version)
		}
	}
	return places
}
