package inifile_test

import (
	"bytes"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/taegis-go/taegis/internal/inifile"
)

func FuzzSet(f *testing.F) {
	f.Add([]byte(python), "charlie", "access_token", "eyJ.eyJ.c2ln")
	f.Add([]byte("[a]\nk = 1\n  # c\n\n  2\n[a]\nl\n"), "a", "k", "x\ny")
	f.Add([]byte("\ufeff[a]\r\n  k: %(l)s\r\n  [b]\r\n"), "b", "k", "50%")
	f.Add([]byte("[DEFAULT]\nk=v\n[\xff]\nk=\x00"), "DEFAULT", "é", "")
	f.Fuzz(func(t *testing.T, text []byte, section, key, value string) {
		file, _ := inifile.Parse(text)
		if file == nil {
			return
		}
		if !bytes.Equal(file.Bytes(), text) {
			t.Fatalf("reading changed the file to %q", file.Bytes())
		}
		before := content(file)
		file.Repair()
		if diff := cmp.Diff(before, content(file)); diff != "" {
			t.Fatalf("repairing changed what is read: %s", diff)
		}
		if err := file.Set(section, key, value); err != nil {
			return
		}
		again, err := inifile.Parse(file.Bytes())
		if err != nil {
			t.Fatalf("the file became %q: %v", file.Bytes(), err)
		}
		if got, ok := again.Get(section, key); !ok || got != value {
			t.Fatalf("Get = %q, %v in %q", got, ok, file.Bytes())
		}
		if !again.Unset(section, key) {
			t.Fatal("Unset found nothing")
		}
		for name, keys := range before {
			if name != section && section != inifile.DefaultSection && !maps.Equal(keys, content(again)[name]) {
				t.Fatalf("section %q changed to %q", name, content(again)[name])
			}
		}
	})
}
