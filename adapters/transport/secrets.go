package transport

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// redacted stands in place of a secret.
const redacted = "[redacted]"

// secretWords are the words that mark a name as that of a secret, in lower case and without
// underscores. A word too many costs a readable log line, a word too few a secret.
var secretWords = []string{
	"secret", "password", "passwd", "passphrase", "token", "otp", "mfa", "credential",
	"apikey", "privatekey", "accesskey", "authorization", "cookie",
}

// isSecret reports whether name is that of a value that must not be shown.
func isSecret(name string) bool {
	name = strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
	return slices.ContainsFunc(secretWords, func(word string) bool { return strings.Contains(name, word) })
}

// redact returns the arguments with each value redacted whose name, at any depth, is that of a
// secret.
func (args arguments) redact() arguments {
	shown := make(arguments, len(args))
	for name, value := range args {
		var decoded any
		if isSecret(name) {
			decoded = redacted
		} else if d := json.NewDecoder(strings.NewReader(string(value))); true {
			d.UseNumber()
			_ = d.Decode(&decoded) // it was encoded here, so it is JSON
			decoded = redactMembers(decoded)
		}
		shown[name], _ = encode(decoded)
	}
	return shown
}

func redactMembers(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if isSecret(name) {
				value[name] = redacted
			} else {
				value[name] = redactMembers(member)
			}
		}
	case []any:
		for i, item := range value {
			value[i] = redactMembers(item)
		}
	}
	return value
}

// secrets are the values of a request that must not be shown, even where a server repeats them.
type secrets []string

// shortestSecret keeps words of everyday text from being taken for a secret.
const shortestSecret = 4

// secretsOf collects the token, and the texts and numbers of arguments with the name of a secret.
// It is costly and meant for the way of an error.
func secretsOf(req *core.Request) secrets {
	var found secrets
	if token := req.Token.Reveal(); token != "" {
		found = append(found, token)
	}
	text, err := encode(req.Args)
	if err != nil {
		return found
	}
	var args any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	_ = d.Decode(&args) // it was encoded here, so it is JSON
	return found.collect(args, false)
}

func (s secrets) collect(value any, secret bool) secrets {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			s = s.collect(member, secret || isSecret(name))
		}
	case []any:
		for _, item := range value {
			s = s.collect(item, secret)
		}
	case string:
		if secret && len(value) >= shortestSecret {
			s = append(s, value)
		}
	case json.Number:
		return s.collect(value.String(), secret)
	}
	return s
}

// removeFrom returns text without the secrets.
func (s secrets) removeFrom(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, redacted)
	}
	return text
}

// removeFromErrors takes the secrets out of messages and extensions.
func (s secrets) removeFromErrors(list []core.GraphQLError) []core.GraphQLError {
	for i := range list {
		list[i].Message = s.removeFrom(list[i].Message)
		for name, value := range list[i].Extensions {
			list[i].Extensions[name] = s.removeFromValue(value)
		}
	}
	return list
}

func (s secrets) removeFromValue(value any) any {
	switch value := value.(type) {
	case string:
		return s.removeFrom(value)
	case map[string]any:
		for name, member := range value {
			value[name] = s.removeFromValue(member)
		}
	case []any:
		for i, item := range value {
			value[i] = s.removeFromValue(item)
		}
	}
	return value
}
