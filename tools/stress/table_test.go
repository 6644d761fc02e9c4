package main

import (
	"strings"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	text := table([]figure{
		{Topic: input, Case: "a | b", Promise: "nothing", Seen: "nothing"},
		{Topic: supply, Case: "c", Promise: "none", Seen: "one", Failed: true},
	}, "minutes", "abc1234", 90*time.Second)
	for _, want := range []string{
		"commit abc1234, scale `minutes`: 1m30s on ", "### Bad input\n", "| a \\| b | nothing | nothing |\n", "| c | none | **failed**: one |\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing from\n%s", want, text)
		}
	}
}
