package main_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTutorial checks that the code of docs/plugins.md is code that compiles: each of its blocks
// stands in one of these files.
func TestTutorial(t *testing.T) {
	tutorial, err := os.ReadFile("../../docs/plugins.md")
	if err != nil {
		t.Fatal(err)
	}
	var sources strings.Builder
	for _, name := range []string{"main.go", "broker.go", "example_test.go", "../example_test.go", "../../adapters/authn/example_test.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources.Write(text)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(tutorial), -1)
	if len(blocks) < 7 {
		t.Fatalf("the tutorial has %d blocks of code", len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(sources.String(), block[1]) {
			t.Errorf("the tutorial has code that is in no program:\n%s", block[1])
		}
	}
}
