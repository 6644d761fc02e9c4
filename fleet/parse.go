package fleet

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/setting"
)

// ParseSelector reads a selector: "all", ids with commas between them, or @FILE, a file with an id
// a line, in which # begins a comment. The terms narrow it: see [ParseTerms].
//
// A text that is not a selector returns a [*SelectorError], and a file that cannot be read the
// error of [os.ReadFile].
func ParseSelector(text string, terms ...string) (Selector, error) {
	s, err := ParseTerms(terms...)
	if err != nil {
		return Selector{}, err
	}
	text = strings.TrimSpace(text)
	switch path, isFile := strings.CutPrefix(text, "@"); {
	case text == "all":
		s.All = true
	case isFile:
		content, err := os.ReadFile(path)
		if err != nil {
			return Selector{}, err
		}
		s.IDs, err = ParseIDs(content)
		return s, err
	default:
		s.IDs, err = idsOf(strings.Split(text, ","))
		if fault, ok := err.(*SelectorError); ok { //nolint:errorlint // made by idsOf
			fault.Text = text
		}
	}
	return s, err
}

// ParseIDs reads the text of a file with an id a line. # begins a comment. A line that is not an
// id, or a text without one, returns a [*SelectorError].
func ParseIDs(text []byte) ([]string, error) {
	var ids []string
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	for number := 1; lines.Scan(); number++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if reason := faultOfID(line); reason != "" {
			return nil, &SelectorError{Text: line, Line: number, Reason: reason}
		}
		ids = append(ids, line)
	}
	if err := lines.Err(); err != nil {
		return nil, &SelectorError{Reason: "a line is too long for the id of a tenant"}
	}
	if len(ids) == 0 {
		return nil, &SelectorError{Reason: "there is no id of a tenant"}
	}
	return unique(ids), nil
}

// idsOf returns the ids of a list without those that come twice.
func idsOf(list []string) ([]string, error) {
	var ids []string
	for _, id := range list {
		id = strings.TrimSpace(id)
		if reason := faultOfID(id); reason != "" {
			return nil, &SelectorError{Reason: reason}
		}
		ids = append(ids, id)
	}
	return unique(ids), nil
}

// faultOfID returns why a text cannot be the id of a tenant, "" if it can.
func faultOfID(id string) string {
	switch {
	case id == "":
		return "an id is empty"
	case strings.ContainsAny(id, " \t,;@*="):
		return fmt.Sprintf("%q is not the id of a tenant", id)
	}
	return setting.TenantFault(id)
}

func unique(list []string) []string {
	known := make(map[string]bool, len(list))
	return slices.DeleteFunc(list, func(value string) bool {
		seen := known[value]
		known[value] = true
		return seen
	})
}

// labelPrefix begins the key of a term for a label, before the label's name.
const labelPrefix = "label:"

// keys are the keys of terms in the order of errors.
const keys = "id, name, service, label:NAME, partner, organization, region, license"

// ParseTerms reads the terms of a selector, each of the form KEY=VALUE. The keys are id, name,
// service, label:NAME, partner, organization, region and license. Terms with the same key are
// alternatives, terms with different keys must all fit. In names, services, labels and licenses *
// stands for any characters. A term that cannot be read returns a [*SelectorError].
func ParseTerms(terms ...string) (Selector, error) {
	var s Selector
	for _, term := range terms {
		if reason := s.add(term); reason != "" {
			return Selector{}, &SelectorError{Text: term, Reason: reason}
		}
	}
	return s, nil
}

// add adds a term. It returns why it cannot.
func (s *Selector) add(term string) (reason string) {
	key, value, given := strings.Cut(term, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !given {
		return "it is not of the form KEY=VALUE, for example name=Acme*"
	}
	if value == "" {
		return "it has no value after the ="
	}
	if name, isLabel := strings.CutPrefix(key, labelPrefix); isLabel {
		if name == "" {
			return "it has no name of a label: write label:NAME=VALUE"
		}
		s.Labels = append(s.Labels, Label{Name: name, Value: value})
		return ""
	}
	field := s.field(key)
	switch {
	case field == nil:
		return "the key " + key + " is unknown: use " + keys
	case field == &s.Environments && canonicalName(value) == "":
		return (&core.UnknownEnvironmentError{Name: value}).Error()
	case field == &s.IDs && faultOfID(value) != "":
		return faultOfID(value)
	}
	*field = append(*field, value)
	return ""
}

// field returns the field of a key, nil for an unknown key.
func (s *Selector) field(key string) *[]string {
	switch key {
	case "id":
		return &s.IDs
	case "name":
		return &s.Names
	case "service", "subscription":
		return &s.Services
	case "partner":
		return &s.Partners
	case "organization":
		return &s.Organizations
	case "region", "environment":
		return &s.Environments
	case "license", "licence":
		return &s.Licenses
	}
	return nil
}
