package fleet_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/taegis-go/taegis/fleet"
)

func TestParseSelector(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ids")
	if err := os.WriteFile(file, []byte("\ufeff# ours\r\n1\r\n\n 2 # the second\n1\n7f3c0e2a-0000-4000-8000-000000000001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, c := range map[string]struct {
		terms []string
		want  fleet.Selector
	}{
		"all":       {nil, fleet.Selector{All: true}},
		" 1, 2 ,1":  {nil, fleet.Selector{IDs: []string{"1", "2"}}},
		"@" + file:  {nil, fleet.Selector{IDs: []string{"1", "2", "7f3c0e2a-0000-4000-8000-000000000001"}}},
		"1":         {[]string{"name=Acme*"}, fleet.Selector{IDs: []string{"1"}, Names: []string{"Acme*"}}},
		"all \n":    {[]string{"service=*MDR*", "service = XDR"}, fleet.Selector{All: true, Services: []string{"*MDR*", "XDR"}}},
		" all":      {[]string{"label:tier=gold", "label:a=b=c"}, fleet.Selector{All: true, Labels: []fleet.Label{{Name: "tier", Value: "gold"}, {Name: "a", Value: "b=c"}}}},
		"all ":      {[]string{"partner=5", "organization=6", "license=MDR", "licence=ALL_XDR"}, fleet.Selector{All: true, Partners: []string{"5"}, Organizations: []string{"6"}, Licenses: []string{"MDR", "ALL_XDR"}}},
		"\tall":     {[]string{"region=us1", "environment=delta"}, fleet.Selector{All: true, Environments: []string{"us1", "delta"}}},
		"all\t":     {[]string{"subscription=XDR", "id=7"}, fleet.Selector{All: true, Services: []string{"XDR"}, IDs: []string{"7"}}},
		"tenant-17": {nil, fleet.Selector{IDs: []string{"tenant-17"}}},
	} {
		if got, err := fleet.ParseSelector(text, c.terms...); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q %q: %+v, %v", text, c.terms, got, err)
		}
	}
}

func TestParseSelectorErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return "@" + path
	}
	for _, c := range []struct {
		text, term, want string
	}{
		{"", "", "an id is empty"},
		{"1,,2", "", `selector of tenants "1,,2": an id is empty`},
		{"1 2", "", `"1 2" is not the id of a tenant`},
		{"Acme*", "", `"Acme*" is not the id of a tenant`},
		{"tür", "", "no header can carry this id"},
		{write("bad", "1\n2\n3;4\n"), "", `selector of tenants "3;4", line 3: "3;4" is not the id of a tenant`},
		{write("none", "# none\n"), "", "there is no id of a tenant"},
		{write("long", strings.Repeat("1", 100_000)), "", "a line is too long"},
		{"all", "Acme", `selector of tenants "Acme": it is not of the form KEY=VALUE`},
		{"all", "name=", "it has no value after the ="},
		{"all", "label:=x", "it has no name of a label"},
		{"all", "color=red", "the key color is unknown: use id, name, service, label:NAME"},
		{"all", "region=mars", `unknown environment "mars"`},
		{"all", "id=1 2", `"1 2" is not the id of a tenant`},
	} {
		var terms []string
		if c.term != "" {
			terms = []string{c.term}
		}
		_, err := fleet.ParseSelector(c.text, terms...)
		if _, ok := errors.AsType[*fleet.SelectorError](err); !ok || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q %q: %v, want %q", c.text, c.term, err, c.want)
		}
	}
	if _, err := fleet.ParseSelector("@" + filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
