package taegis

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// shared is the content of the configuration file when the client was created. Its zero value is an
// empty file.
type shared struct {
	path   string
	file   tokenstore.Snapshot
	unread error // the error of reading it
}

// readShared sets the file's default path and reads it. A missing file is empty, and so is the file
// of a user without a home folder. If it cannot be read, readShared returns a [*core.FileError].
func readShared(file *tokenstore.File) (*shared, error) {
	if path, err := tokenstore.DefaultPath(); err == nil && file.Path == "" {
		file.Path = path
	}
	snapshot, err := file.Snapshot(context.Background())
	if err != nil {
		return nil, err
	}
	return &shared{path: file.Path, file: snapshot}, nil
}

// renamed returns a function that finds the variable that the file names for a key, for example
// client_id: in the environment's section, or else in those of the region's other names. It
// searches key by key, because the first login under an alias creates a section for it.
func (s *shared) renamed(env core.Environment) func(key string) (variable, where string, ok bool) {
	sections := s.file.SectionsFor(env)
	return func(key string) (string, string, bool) {
		for _, section := range sections {
			if name, _ := s.get(section, key); name != "" {
				return name, fmt.Sprintf("%s [%s] %s", s.path, section, key), true
			}
		}
		return "", "", false
	}
}

// get returns the cleaned value of a key. Quotes are common here: they are part of a value in this
// format, unlike in most others.
func (s *shared) get(section, key string) (value string, ok bool) {
	value, ok = s.file.Get(section, key)
	return setting.Text(value), ok
}

// Sections and keys of other programs that are read. The vendor's notebook tool has magics.auth and
// magics.regions, and writes backoff.retry when it starts.
const (
	retrySection  = "backoff.retry"
	maxTriesKey   = "max_tries"
	maxTimeKey    = "max_time"
	magicsAuth    = "magics.auth"
	universalKey  = "use_universal_authentication"
	magicsRegions = "magics.regions"
	notebookTool  = "the vendor's notebook tool, taegis-magic,"
	notebookRules = "set each to a value that both programs accept, or remove it"
)

// notebookSettings fills limits that are not set from the file, and returns an authenticator that
// explains a different setting of the notebook tool, nil if there is none. It logs one warning for
// values that it does not understand, for which it uses the defaults.
func (s *shared) notebookSettings(limits core.RetryLimits, logger *slog.Logger) (core.RetryLimits, *notebookHint) {
	var odd []string
	if text, ok := s.get(retrySection, maxTriesKey); ok && limits.MaxTries == 0 {
		if limits.MaxTries, ok = tries(text); !ok {
			odd = append(odd, "["+retrySection+"] "+maxTriesKey)
		}
	}
	if text, ok := s.get(retrySection, maxTimeKey); ok && limits.MaxTime == 0 {
		if limits.MaxTime, ok = seconds(text); !ok {
			odd = append(odd, "["+retrySection+"] "+maxTimeKey)
		}
	}
	var hint *notebookHint
	if text, ok := s.get(magicsAuth, universalKey); ok {
		switch isTrue, ok := boolean(text); {
		case !ok:
			odd = append(odd, "["+magicsAuth+"] "+universalKey)
		case isTrue:
			hint = &notebookHint{file: s.path}
		}
	}
	if odd != nil { // their values may be secrets in the wrong place
		logger.Warn("settings of another program are not used; the defaults apply",
			"file", s.path, "keys", strings.Join(odd, ", "), "hint", notebookRules)
	}
	return limits, hint
}

// tries parses a limit of at least 1. In the Python SDK 0 means no limit, which is not supported.
func tries(text string) (int, bool) {
	n, err := strconv.Atoi(setting.Text(text))
	if err != nil || n < 1 {
		return 0, false
	}
	return n, true
}

// seconds parses a positive time of at most a day. A longer time is taken for a mistake.
func seconds(text string) (time.Duration, bool) {
	const day = 24 * 60 * 60
	n, err := strconv.ParseFloat(setting.Text(text), 64)
	if err != nil || !(n > 0 && n <= day) {
		return 0, false
	}
	return max(time.Duration(n*float64(time.Second)), 1), true
}

// boolean parses a boolean as Python's configparser does.
func boolean(text string) (isTrue, ok bool) {
	switch strings.ToLower(setting.Text(text)) {
	case "1", "yes", "true", "on":
		return true, true
	case "0", "no", "false", "off":
		return false, true
	}
	return false, false
}

// notebookHint is an authenticator that is never available. Its error explains that the notebook
// tool uses universal authentication. Logging in at the universal host because another program does
// was rejected: credentials of a region may not be valid there.
type notebookHint struct{ file string }

// Name returns "universal-auth".
func (h *notebookHint) Name() string { return "universal-auth" }

// Account returns a [*core.UnavailableError].
func (h *notebookHint) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", &core.UnavailableError{
		Reason:   fmt.Sprintf("%s uses universal authentication ([%s] %s in %s), and this login does not", notebookTool, magicsAuth, universalKey, h.file),
		HintText: "enable universal authentication to share its token",
	}
}

// Authenticate returns the error of Account.
func (h *notebookHint) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	_, err := h.Account(ctx, req)
	return core.Token{}, err
}
