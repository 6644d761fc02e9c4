package emulator

import (
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestCorpusFlag(t *testing.T) {
	var c emulator.Corpus
	f := &corpusFlag{into: &c}
	if err := f.Set("seed=1, alerts=10000,tenants=20,events=0,span=30d,late=90m"); err != nil {
		t.Fatal(err)
	}
	want := emulator.Corpus{Seed: 1, Alerts: 10_000, Tenants: 20, Events: -1, Span: 30 * 24 * time.Hour, Late: 90 * time.Minute}
	if c != want || f.String() == "" || f.Type() == "" {
		t.Errorf("%+v, want %+v", c, want)
	}
	for text, part := range map[string]string{
		"":                  `unknown key "": use ahead, alerts, assets`,
		"alert=1":           `unknown key "alert"`,
		"alerts":            "alerts has no value: write alerts=VALUE",
		"alerts=":           `alerts: "" is not a whole number`,
		"alerts=many":       `alerts: "many" is not a whole number`,
		"alerts=-1":         `alerts: "-1" is not a whole number`,
		"alerts=1000000000": "from 0 to 100000000",
		"seed=-1":           `seed: "-1"`,
		"span=1":            `span: "1" is not a length of time`,
		"span=xd":           "span:",
		"late=-1h":          "late:",
	} {
		if err := f.Set(text); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %v, want %q", text, err, part)
		}
	}
	if c != want {
		t.Errorf("a wrong text has changed it: %+v", c)
	}
}
