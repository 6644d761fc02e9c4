package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// facts is the part of a report of `taegis schema facts --json` that settles types.
type facts struct {
	Services []struct {
		Service                string
		Arguments, InputFields []fact
	}
}

// fact is the server's type of an argument or input field, with what the SDK was sure of before.
type fact struct {
	position
	Type, Basis string
}

// settledEntry is an entry of settled.json.
type settledEntry struct {
	On        string `json:"on"`
	Name      string `json:"name"`
	Type      string `json:"type"`
	Published string `json:"published,omitempty"`
	Sources   int    `json:"sources"`
	Server    bool   `json:"server,omitempty"`
	Note      string `json:"note,omitempty"`
}

// settledFile is settled.json.
type settledFile struct {
	Arguments   map[string][]settledEntry `json:"arguments"`
	InputFields map[string][]settledEntry `json:"inputFields"`
}

// mergeFacts takes the types of a report into settled.json of a schema folder. What was certain
// stays: it is in the SDL.
func mergeFacts(folder, report string) error {
	var f facts
	if err := readJSONFile(report, &f); err != nil {
		return err
	}
	path := filepath.Join(folder, "settled.json")
	settled := settledFile{Arguments: map[string][]settledEntry{}, InputFields: map[string][]settledEntry{}}
	if err := readJSONFile(path, &settled); err != nil {
		return err
	}
	merged := 0
	for _, s := range f.Services {
		merged += merge(settled.Arguments, s.Service, s.Arguments)
		merged += merge(settled.InputFields, s.Service, s.InputFields)
	}
	if merged == 0 {
		return fmt.Errorf("%s: has no type that is uncertain or settled here", report)
	}
	return os.WriteFile(path, settled.text(), 0o644) //nolint:gosec // it is source code
}

func readJSONFile(path string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// merge takes facts about a service into its settled types, and returns how many.
func merge(into map[string][]settledEntry, service string, list []fact) (merged int) {
	for _, f := range list {
		if f.Basis != "uncertain" && f.Basis != "settled" {
			continue
		}
		merged++
		entries := into[service]
		i := slices.IndexFunc(entries, func(e settledEntry) bool { return e.On == f.On && e.Name == f.Name })
		if i < 0 {
			i = len(entries)
			entries = append(entries, settledEntry{On: f.On, Name: f.Name})
		}
		if entries[i].Type != f.Type {
			entries[i].Sources = 0 // no client declares this type
		}
		entries[i].Type, entries[i].Server, entries[i].Note = f.Type, true, ""
		into[service] = entries
	}
	return merged
}

// text returns the file with one entry a line, so that a change is a line of a diff.
func (s settledFile) text() []byte {
	part := func(services map[string][]settledEntry) string {
		var blocks []string
		for _, name := range slices.Sorted(maps.Keys(services)) {
			var lines []string
			for _, e := range services[name] {
				line, _ := json.Marshal(e) // strings, numbers and booleans only
				lines = append(lines, "  "+string(line))
			}
			blocks = append(blocks, fmt.Sprintf(" %q: [\n%s\n ]", name, strings.Join(lines, ",\n")))
		}
		return "{\n" + strings.Join(blocks, ",\n") + "\n}"
	}
	return []byte("{\"arguments\": " + part(s.Arguments) + ",\n\"inputFields\": " + part(s.InputFields) + "}\n")
}
