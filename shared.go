package taegis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
)

// shared is the configuration file as it was when the client was made. Its zero value is an
// empty file.
type shared struct {
	path string
	file tokenstore.Snapshot
}

// readShared fills in where the file is, and reads it. A file that does not exist is empty; one
// that cannot be read gives a [*core.FileError].
func readShared(file *tokenstore.File) (*shared, error) {
	if file.Path == "" {
		path, err := tokenstore.DefaultPath()
		if err != nil {
			return nil, err
		}
		file.Path = path
	}
	snapshot, err := file.Snapshot(context.Background())
	if err != nil {
		return nil, err
	}
	return &shared{path: file.Path, file: snapshot}, nil
}

// renamed returns how to find the variable that the file names in place of a key's own, such as
// client_id, for the environment: in its section, else in those of the region's other names.
// The search goes key by key, because the first login under an alias makes a section for it.
func (s *shared) renamed(env core.Environment) func(key string) (variable, where string, ok bool) {
	sections := append([]string{env.Section()}, env.Names()...)
	return func(key string) (string, string, bool) {
		for _, section := range sections {
			if name, _ := s.file.Get(section, key); strings.TrimSpace(name) != "" {
				return strings.TrimSpace(name), fmt.Sprintf("%s [%s] %s", s.path, section, key), true
			}
		}
		return "", "", false
	}
}

// The section for the limits of repetition, and its keys.
const (
	retrySection = "backoff.retry"
	maxTriesKey  = "max_tries"
	maxTimeKey   = "max_time"
)

// retryLimits completes limits with those of the file. A value that is no positive number gives
// a [*core.FileError].
func (s *shared) retryLimits(limits core.RetryLimits) (core.RetryLimits, error) {
	if text, ok := s.file.Get(retrySection, maxTriesKey); ok && limits.MaxTries == 0 {
		tries, err := strconv.Atoi(text)
		if err != nil || tries < 1 {
			return limits, s.fault(maxTriesKey, "a count of at least 1")
		}
		limits.MaxTries = tries
	}
	if text, ok := s.file.Get(retrySection, maxTimeKey); ok && limits.MaxTime == 0 {
		seconds, err := strconv.ParseFloat(text, 64)
		if err != nil || !(seconds > 0 && seconds <= maxRetrySeconds) {
			return limits, s.fault(maxTimeKey, "a number of seconds, greater than 0 and at most a day")
		}
		limits.MaxTime = time.Duration(seconds * float64(time.Second))
	}
	return limits, nil
}

// maxRetrySeconds is a day; more is a slip, and would overflow at the far end.
const maxRetrySeconds = 24 * 60 * 60

// fault keeps the value to itself: it may be a secret in the wrong place.
func (s *shared) fault(key, want string) error {
	return &core.FileError{
		Path:   s.path,
		Reason: fmt.Sprintf("[%s] %s is not %s", retrySection, key, want),
		Remedy: fmt.Sprintf("correct it with `taegis config set %s %s VALUE`, or `taegis config unset` it", retrySection, key),
	}
}
