package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// settled.json has the form that the generator writes, so that a report changes only its lines.
func TestSettledFileIsAsWritten(t *testing.T) {
	path := repository + "/services/schema/settled.json"
	var file settledFile
	if err := readJSONFile(path, &file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(file.text()) != string(text) {
		t.Error("settled.json would change without a report")
	}
}

// A report's types replace what clients declare, and what was certain is not taken.
func TestMergeFacts(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	path := write("settled.json", `{"arguments": {"s": [
		{"on": "Query.a", "name": "id", "type": "ID!", "sources": 2},
		{"on": "Query.a", "name": "at", "type": "Time", "sources": 1, "note": "declared as Time, String"},
		{"on": "Query.b", "name": "id", "type": "ID!", "sources": 1}
	]}}`)
	report := write("report.json", `{"version": "1", "services": [{"service": "s", "arguments": [
		{"on": "Query.a", "name": "id", "type": "UUID!", "assumed": "ID!", "basis": "settled"},
		{"on": "Query.a", "name": "at", "type": "Time", "assumed": "String", "basis": "uncertain"},
		{"on": "Query.a", "name": "more", "type": "Boolean!", "assumed": "Boolean", "basis": "certain"}
	], "inputFields": [{"on": "In", "name": "id", "type": "ID", "assumed": "String", "basis": "uncertain"}]}]}`)
	if err := mergeFacts(folder, report); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"arguments": {
 "s": [
  {"on":"Query.a","name":"id","type":"UUID!","sources":0,"server":true},
  {"on":"Query.a","name":"at","type":"Time","sources":1,"server":true},
  {"on":"Query.b","name":"id","type":"ID!","sources":1}
 ]
},
"inputFields": {
 "s": [
  {"on":"In","name":"id","type":"ID","sources":0,"server":true}
 ]
}}
`
	if string(text) != want {
		t.Errorf("settled.json is\n%s", text)
	}
	nothing := write("nothing.json", `{"services": []}`)
	if err := mergeFacts(folder, nothing); err == nil || !strings.Contains(err.Error(), "has no type") {
		t.Errorf("an empty report: %v", err)
	}
}
