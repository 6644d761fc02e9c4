package profile_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/profile"
)

// Some editors on Windows write a byte order mark.
func TestByteOrderMark(t *testing.T) {
	path := write(t, "\ufeffprofile = \"work\"\r\n\r\n[profiles.work]\r\ntenant = \"815\"\r\n[profiles.home]\r\ntenant = \"816\"\r\n")
	f, err := profile.LoadFile(t.Context(), path)
	if err != nil || f.Profiles["work"].Tenant != "815" {
		t.Fatalf("%v, %v", f, err)
	}
	if err := f.Use("home"); err != nil {
		t.Fatal(err)
	}
	if f, err = profile.LoadFile(t.Context(), path); err != nil || f.Current != "home" || len(f.Profiles) != 2 {
		t.Errorf("after a change: %v, %v", f, err)
	}
}

func TestOtherEncodingsThanUTF8(t *testing.T) {
	for name, text := range map[string]string{
		"UTF-16LE": "\xff\xfep\x00r\x00o\x00f\x00i\x00l\x00e\x00", "Latin-1": "# caf\xe9\n", "binary": "\xd9\x00\x01",
	} {
		path := write(t, "")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := profile.LoadFile(t.Context(), path)
		fault, ok := errors.AsType[*core.FileError](err)
		if !ok || !strings.Contains(fault.Reason, "not encoded in UTF-8") || !strings.Contains(fault.HintText, "UTF-8") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
