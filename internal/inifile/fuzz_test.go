package inifile_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/internal/inifile"
)

// files are seeds: texts in which something stands that is easily read otherwise.
var files = []string{
	"", python, "[a]\nk = 1\n  # c\n\n  2\n[a]\nl\n", "\ufeff[a]\r\n  k: %(l)s\r\n  [b]\r\n",
	"[DEFAULT]\nk=v\n[\xff]\nk=\x00", "[DEFAULT]\nd = %(k)s\n[a]\nk = 50%%\nl = %(D)s%(k)s\nm = %(m)s\nn = %\n",
	"[a]\rk\r[b]\rk = v\r", "[a]b]c\nk = v\n\n\n w\n\n[c]", "; c\n#\n[a]\n\x1ck\u2003=\u00a0v\u2028w\n\x85\n  [b]\n",
	"[a]\nKey = v\nkey = w\n  x\n", "k = v\n[a]\n", "[]\n[ ]\n= v\n:\n[", "[a]\nk=\n\n  w\n\t\n[DEFAULT]\nk=\n[DEFAULT]\nl=1\n",
	"[a]\nk = %(k0)s%(k0)s\nk0 = %(k1)s\nk1 = %%(k)s\n",
}

// isComparable reports whether the text can be compared with Python's reading. Python rejects text
// that is not UTF-8 as a whole, and lowers two letters of keys by the letters around them or to two
// characters, which no program's keys contain.
func isComparable(text []byte, r reading) bool {
	return utf8.Valid(text) && !r.Unassigned && !bytes.ContainsAny(text, "\u0130\u03a3")
}

// FuzzConfigurationFile compares what is read of any text with what Python's configparser reads.
func FuzzConfigurationFile(f *testing.F) {
	python := newOracle(f)
	for _, text := range files {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := inifile.Parse(text)
		if file != nil && !bytes.Equal(file.Bytes(), text) {
			t.Fatalf("reading changed the file to %q", file.Bytes())
		}
		want := python.ask(t, bytes.TrimPrefix(text, []byte("\ufeff"))) // Python gets a flag for the mark
		if !isComparable(text, want) {
			return
		}
		if (err != nil) != (want.Error != "") {
			t.Fatalf("error %v, but Python returns %q", err, want.Error)
		}
		if err == nil {
			compare(t, want, file)
		}
	})
}

// compare checks that file has the sections, keys and values that Python reads. If references make
// Python raise an exception, any value is accepted.
func compare(t *testing.T, want reading, file *inifile.File) {
	t.Helper()
	names := []string{inifile.DefaultSection}
	for _, name := range file.Sections() {
		if name != inifile.DefaultSection {
			names = append(names, name)
		}
	}
	if len(names) != len(want.Sections) {
		t.Fatalf("sections %q, Python has %d", names, len(want.Sections))
	}
	for _, name := range names {
		s, ok := want.Sections[name]
		if !ok {
			t.Fatalf("Python has no section %q", name)
		}
		if keys := file.Keys(name); len(keys) != len(s.Raw) {
			t.Fatalf("keys %q in %q, Python has %q", keys, name, s.Raw)
		}
		for key, value := range s.Values {
			got, ok := file.Get(name, key)
			_, owned := s.Raw[key]
			if !ok || slices.Contains(file.Keys(name), key) != owned {
				t.Fatalf("no key %q in %q", key, name)
			}
			if value != nil && got != *value {
				t.Fatalf("%q of %q is %q, to Python %q", key, name, got, *value)
			}
		}
	}
}

// FuzzConfigurationFileEdit sets, removes and repairs in any text that we can read: then Python
// reads it, what was edited as we meant it, and all else as it was.
func FuzzConfigurationFileEdit(f *testing.F) {
	python := newOracle(f)
	for i, text := range files {
		f.Add([]byte(text), uint8(i), "a", "k", "x\ny")
		f.Add([]byte(text), uint8(0), "charlie", "access_token", "eyJ.eyJ.c2ln")
		f.Add([]byte(text), uint8(0), "a", "l", []string{" x", "x\n", "x\n# y", "x\u00a0", "x\n\ty", "\n", "x\r\ny"}[i%7])
		f.Add([]byte(text), uint8(0), "DEFAULT", "\u00c9", "50%\n\n(k)s")
	}
	f.Fuzz(func(t *testing.T, text []byte, edit uint8, section, key, value string) {
		file, _ := inifile.Parse(text)
		if file == nil {
			return
		}
		before := content(file)
		file.Normalize()
		if diff := cmp.Diff(before, content(file)); diff != "" {
			t.Fatalf("repairing changed what is read: %s", diff)
		}
		normalized := bytes.Clone(file.Bytes())
		comments := commentLines(file)
		switch edit % 4 {
		case 0, 1:
			if err := file.Set(section, key, value); err != nil {
				if !bytes.Equal(file.Bytes(), normalized) {
					t.Fatalf("a rejected value changed the file to %q", file.Bytes())
				}
				return
			}
			if got, ok := file.Get(section, key); !ok || got != value {
				t.Fatalf("Get = %q, %v in %q", got, ok, file.Bytes())
			}
		case 2:
			file.Unset(section, key)
		case 3:
			file.Remove(section)
		}
		if diff := cmp.Diff(comments, commentLines(file)); diff != "" {
			t.Fatalf("the comments in %q: %s", file.Bytes(), diff)
		}
		if !utf8.Valid(text) {
			return // Python reads nothing of it
		}
		old := python.ask(t, bytes.TrimPrefix(normalized, []byte("\ufeff")))
		now := python.ask(t, bytes.TrimPrefix(file.Bytes(), []byte("\ufeff")))
		if !isComparable(file.Bytes(), now) || !isComparable(normalized, old) {
			return
		}
		if old.Error != "" || now.Error != "" {
			t.Fatalf("%q: Python returns %q, and for %q %q", normalized, old.Error, file.Bytes(), now.Error)
		}
		compare(t, now, file)
		want := old.own()
		change(want, edit, section, strings.ToLower(key), value)
		if diff := cmp.Diff(want, now.own()); diff != "" {
			t.Fatalf("%q became %q: %s", normalized, file.Bytes(), diff)
		}
	})
}

// change makes the edit in what Python read before it.
func change(own map[string]map[string]string, edit uint8, section, key, value string) {
	switch edit % 4 {
	case 0, 1:
		if own[section] == nil {
			own[section] = map[string]string{}
		}
		own[section][key] = strings.ReplaceAll(value, "%", "%%")
	case 2:
		delete(own[section], key)
		if section == inifile.DefaultSection && len(own[section]) == 0 {
			delete(own, section)
		}
	case 3:
		if section != inifile.DefaultSection {
			delete(own, section)
		}
	}
}
