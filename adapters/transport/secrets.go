package transport

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
)

// redact returns the arguments without the values that have the name of a secret, at any depth, or
// the form of one.
func (args arguments) redact() arguments {
	shown := make(arguments, len(args))
	for name, value := range args {
		var decoded any
		if redact.Name(name) {
			decoded = redact.Mark
		} else {
			decoded = redactMembers(decodeArgument(value))
		}
		shown[name], _ = encode(decoded)
	}
	return shown
}

func redactMembers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if redact.Name(name) {
				value[name] = redact.Mark
			} else {
				value[name] = redactMembers(member)
			}
		}
	case []any:
		for i, item := range value {
			value[i] = redactMembers(item)
		}
	case string:
		return redact.Text(value)
	}
	return value
}

// secrets holds the values of a request that must not be shown, even if a server repeats them.
type secrets []string

// shortestSecret is the minimum length of a secret, so that common words are not redacted.
const shortestSecret = 4

// secretsOf collects the token, the strings and numbers of arguments with the name of a secret, and
// all literals of a document with such a name. It is slow, so only errors use it.
func secretsOf(req *core.Request) secrets {
	found := secrets{}.add(req.Token.Reveal())
	for _, text := range []string{req.Document, req.Selection} {
		for _, literal := range secretLiterals(text) {
			found = found.add(literal)
		}
	}
	if text, err := encode(req.Args); err == nil {
		found = found.collect(decodeArgument(text), false)
	}
	// The longest first, because it may contain another.
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return found
}

// add adds a value and its JSON form, because servers quote values.
func (s secrets) add(value string) secrets {
	if len(value) < shortestSecret {
		return s
	}
	quoted, _ := encode(value) // a string always encodes
	if plain := strings.Trim(string(quoted), `"`); plain != value {
		s = append(s, plain)
	}
	return append(s, value)
}

func (s secrets) collect(value any, secret bool) secrets {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			s = s.collect(member, secret || redact.Name(name))
		}
	case []any:
		for _, item := range value {
			s = s.collect(item, secret)
		}
	case string:
		if secret {
			s = s.add(value)
		}
	case json.Number:
		if secret {
			s = s.add(value.String())
		}
	}
	return s
}

// decodeArgument decodes valid JSON. Numbers keep their text.
func decodeArgument(text json.RawMessage) (value any) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	_ = d.Decode(&value)
	return value
}

// removeFrom returns text without the secrets.
func (s secrets) removeFrom(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, redact.Mark)
	}
	return text
}

// removeFromErrors removes the secrets from messages, paths and extensions.
func (s secrets) removeFromErrors(list []core.GraphQLError) []core.GraphQLError {
	for i := range list {
		e := &list[i]
		e.Message = s.removeFrom(e.Message)
		s.removeFromValue(e.Path)
		s.removeFromValue(e.Extensions)
	}
	return list
}

func (s secrets) removeFromValue(value any) any {
	switch value := value.(type) {
	case string:
		return s.removeFrom(value)
	case float64:
		if slices.Contains(s, strconv.FormatFloat(value, 'f', -1, 64)) {
			return redact.Mark
		}
	case map[string]any:
		for name, member := range maps.Clone(value) {
			delete(value, name)
			value[s.removeFrom(name)] = s.removeFromValue(member)
		}
	case []any:
		for i, item := range value {
			value[i] = s.removeFromValue(item)
		}
	}
	return value
}
