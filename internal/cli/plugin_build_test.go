package cli_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// program is a program that has C code if the compiler may use it: the resolver of package net.
const program = `package main

import (
	"fmt"
	"net"
	"os/user"
)

func main() { fmt.Println(net.LookupHost("localhost")); fmt.Println(user.Current()) }
`

// TestBuildsAreTheSameEverywhere builds one program in different environments and folders.
func TestBuildsAreTheSameEverywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	toolchain(t)
	t.Setenv("GOFLAGS", "")
	sum, first, bill := build(t, "first")
	if found, err := os.ReadFile(first); err != nil || bytes.Contains(found, []byte("libc.so")) {
		t.Errorf("the program is not static: %v", err)
	}
	for name, env := range map[string]map[string]string{
		"GOFLAGS":           {"GOFLAGS": "-tags=other -ldflags=-s -trimpath=false -pgo=off"},
		"invalid GOFLAGS":   {"GOFLAGS": "no flag"},
		"race detector":     {"GOFLAGS": "-race"},
		"GOAMD64":           {"GOAMD64": "v3", "GOARM64": "v9.0"},
		"invalid GOAMD64":   {"GOAMD64": "v9"},
		"GOEXPERIMENT":      {"GOEXPERIMENT": "jsonv2,arenas"},
		"a C compiler":      {"CGO_ENABLED": "1", "CC": "gcc", "CGO_CFLAGS": "-O3 -g"},
		"no C compiler":     {"CGO_ENABLED": "", "CC": "/nowhere", "CXX": "/nowhere"},
		"GODEBUG":           {"GODEBUG": "http2client=0"},
		"GOFIPS140":         {"GOFIPS140": "latest"},
		"a file of go env":  {"GOENV": "ENV"},
		"a workspace":       {"GOWORK": "WORK"},
		"GO111MODULE":       {"GO111MODULE": "off"},
		"-mod":              {"GOFLAGS": "-mod=mod"},
		"an empty variable": {"GOTOOLCHAIN": ""},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range env {
				t.Setenv(name, strings.NewReplacer("ENV", envFile(t), "WORK", workspace(t)).Replace(value))
			}
			other, _, otherBill := build(t, "folder of "+name)
			if other != sum {
				t.Errorf("the checksum is %s, want %s", other, sum)
			}
			if !bytes.Equal(otherBill, bill) {
				t.Errorf("the bill is %s, want %s", otherBill, bill)
			}
		})
	}
	var listed struct {
		Format     string `json:"bomFormat"`
		Components []struct{ Name, Version, Purl string }
	}
	if err := json.Unmarshal(bill, &listed); err != nil || listed.Format != "CycloneDX" || len(listed.Components) == 0 || listed.Components[0].Name != "std" {
		t.Errorf("the bill is %s, %v", bill, err)
	}
}

// build builds the program in a new folder of that name, and returns its checksum, path and bill.
func build(t *testing.T, folder string) (sum, path string, bill []byte) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), folder, "taegis-plugin-tiny")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"go.mod": "module taegis-plugin-tiny\n\ngo 1.26.0\n", "main.go": program} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sum, path, _ = strings.Cut(strings.TrimSpace(taegis(t, 0, "plugin", "build", dir)), "  ")
	bill, err := os.ReadFile(path + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	return sum, path, bill
}

// envFile writes a file as `go env -w` does.
func envFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(path, []byte("GOFLAGS=-tags=other\nGOAMD64=v2\nCGO_ENABLED=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// workspace writes a workspace without the program.
func workspace(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "go.work")
	if err := os.WriteFile(path, []byte("go 1.26.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
