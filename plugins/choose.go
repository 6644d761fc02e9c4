package plugins

import (
	"errors"
	"io/fs"
	"os"

	"github.com/taegis-go/taegis/core"
)

// Program is a program that may run as a plugin.
type Program struct {
	// Path is its path: [Config].Path, or that of a version next to it, see [VersionPath].
	Path string
	// SHA256 is its checksum in hex, see [Checksum].
	SHA256 string
	// Signature is its signature; zero if no key is pinned.
	Signature Signature
}

// FindProgram returns the program that would be started for config: the most preferred one that is
// there and may run. It starts nothing. The error is that of the program at [Config].Path, or the
// first that is [core.ErrUntrusted].
func FindProgram(config Config) (Program, error) {
	p, err := New(config)
	if err != nil {
		return Program{}, err
	}
	defer p.end()
	image, program, err := p.rules.choose(p.config.Path, p.config.Entry, func(error) {})
	if err != nil {
		return Program{}, err
	}
	image.ended()
	return program, nil
}

// choose makes the image of the most preferred program that is there and may run. It calls warn
// with the reason if a program is there that may not run while another one may.
func (r *rules) choose(path, entry string, warn func(error)) (*image, Program, error) {
	best, found, failure := r.secure(path, entry)
	for rank, sum := range r.sums {
		if best != nil && r.rank(found.SHA256) <= rank {
			break
		}
		version := VersionPath(path, sum)
		if version == path {
			continue
		}
		other, program, err := r.secure(version, entry)
		switch {
		case err == nil && (best == nil || r.rank(program.SHA256) < r.rank(found.SHA256)):
			if best != nil {
				best.ended()
			}
			best, found = other, program
		case err == nil:
			other.ended()
		case failure == nil || !errors.Is(failure, core.ErrUntrusted) && !errors.Is(err, fs.ErrNotExist):
			failure = err
		}
	}
	if best == nil {
		return nil, Program{}, failure
	}
	if errors.Is(failure, core.ErrUntrusted) {
		warn(failure)
	}
	return best, found, nil
}

// secure makes the image of the program at path, if it may run.
func (r *rules) secure(path, entry string) (*image, Program, error) {
	program := Program{Path: path}
	permit := func(sum string) (err error) {
		program.SHA256 = sum
		program.Signature, err = r.permit(candidate{path: path, sum: sum, entry: entry})
		return err
	}
	var made *image
	var err error
	if entry == "" {
		made, err = newImage(path, permit)
	} else {
		made, err = newFolderImage(path, entry, permit)
	}
	return made, program, err
}

// sighting is what is at the places of a plugin's programs, to notice that it was replaced.
type sighting []fs.FileInfo

// look returns what is at the places now.
func (r *rules) look(path string) sighting {
	var seen sighting
	for _, place := range r.places(path) {
		info, err := os.Stat(place)
		if err != nil {
			info = nil
		}
		seen = append(seen, info)
	}
	return seen
}

// equal reports whether the same files are there, unchanged.
func (s sighting) equal(other sighting) bool {
	if len(s) != len(other) {
		return false
	}
	for i, info := range s {
		now := other[i]
		if info == nil || now == nil {
			if info != nil || now != nil {
				return false
			}
			continue
		}
		if !os.SameFile(info, now) || info.Size() != now.Size() || !info.ModTime().Equal(now.ModTime()) {
			return false
		}
	}
	return true
}
