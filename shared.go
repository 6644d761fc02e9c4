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

// shared is the configuration file as it was when the client was made. Its zero value is an
// empty file.
type shared struct {
	path   string
	file   tokenstore.Snapshot
	unread error // why it could not be read
}

// readShared fills in where the file is, and reads it. A file that does not exist is empty, and so
// is that of a user without a home folder; one that cannot be read gives a [*core.FileError].
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

// renamed returns how to find the variable that the file names in place of a key's own, such as
// client_id, for the environment: in its section, else in those of the region's other names.
// The search goes key by key, because the first login under an alias makes a section for it.
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

// The sections of neighbours, and the keys that matter here. The vendor's notebook tool has
// magics.auth and magics.regions, and fills in backoff.retry at its start.
const (
	retrySection  = "backoff.retry"
	maxTriesKey   = "max_tries"
	maxTimeKey    = "max_time"
	magicsAuth    = "magics.auth"
	universalKey  = "use_universal_authentication"
	magicsRegions = "magics.regions"
	notebookTool  = "the vendor's notebook tool, taegis-magic,"
	notebookRules = "give each a value that both programs know, or remove it"
)

// notebookSettings completes limits with those of the file, and returns a hint about what the notebook
// tool does differently, nil if there is nothing to say. What a neighbour's key says that is not
// understood is one warning, and the default holds.
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
		logger.Warn("settings of another program are not used, and the defaults hold",
			"file", s.path, "keys", strings.Join(odd, ", "), "hint", notebookRules)
	}
	return limits, hint
}

// tries reads a limit of at least 1. To the Python SDK 0 means no limit, which nothing here has.
func tries(text string) (int, bool) {
	n, err := strconv.Atoi(setting.Text(text))
	if err != nil || n < 1 {
		return 0, false
	}
	return n, true
}

// seconds reads a time of more than none, and of at most a day: more is a slip, and would overflow
// at the far end.
func seconds(text string) (time.Duration, bool) {
	const day = 24 * 60 * 60
	n, err := strconv.ParseFloat(setting.Text(text), 64)
	if err != nil || !(n > 0 && n <= day) {
		return 0, false
	}
	return max(time.Duration(n*float64(time.Second)), 1), true
}

// boolean reads what configparser takes for a boolean.
func boolean(text string) (isTrue, ok bool) {
	switch strings.ToLower(setting.Text(text)) {
	case "1", "yes", "true", "on":
		return true, true
	case "0", "no", "false", "off":
		return false, true
	}
	return false, false
}

// notebookHint stands in the chain to say in its errors what the notebook tool does differently. It
// never gives a token. To log in at the universal host because another program does so was
// rejected: credentials of one region may mean nothing there.
type notebookHint struct{ file string }

// Name returns "universal-auth".
func (h *notebookHint) Name() string { return "universal-auth" }

// Account names no account, and returns a [*core.UnavailableError].
func (h *notebookHint) Account(context.Context, core.LoginRequest) (core.Account, error) {
	return "", &core.UnavailableError{
		Reason:   fmt.Sprintf("%s uses universal authentication ([%s] %s in %s), and this login does not", notebookTool, magicsAuth, universalKey, h.file),
		HintText: "use WithUniversalAuth or --universal-auth to share its token",
	}
}

// Authenticate returns the error of Credential.
func (h *notebookHint) Authenticate(ctx context.Context, req core.LoginRequest) (core.Token, error) {
	_, err := h.Account(ctx, req)
	return core.Token{}, err
}
