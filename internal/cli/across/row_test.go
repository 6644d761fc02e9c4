package across_test

import (
	"encoding/json"
	"testing"

	"github.com/taegis-go/taegis/internal/cli/across"
)

func TestWithTenant(t *testing.T) {
	for record, want := range map[string]string{
		`{"id":"1"}`:                 `{"tenant_id":"7","id":"1"}`,
		` { "id" : 1 } `:             `{"tenant_id":"7", "id" : 1 }`,
		`{}`:                         `{"tenant_id":"7"}`,
		`{ }`:                        `{"tenant_id":"7" }`,
		`{"id":"1","tenant_id":"9"}`: `{"id":"1","tenant_id":"9"}`,
		`{"tenant_id":9}`:            `{"tenant_id":9}`,
		`{"note":"\"tenant_id\""}`:   `{"tenant_id":"7","note":"\"tenant_id\""}`,
		`{"of":{"tenant_id":"9"}}`:   `{"tenant_id":"7","of":{"tenant_id":"9"}}`,
		`[1,2]`:                      `{"tenant_id":"7","result":[1,2]}`,
		`null`:                       `{"tenant_id":"7","result":null}`,
		``:                           `{"tenant_id":"7","result":null}`,
		`"text"`:                     `{"tenant_id":"7","result":"text"}`,
		`{"a":"\u003c","b":[{"tenant_id":"9"}, 1]}`: `{"tenant_id":"7","a":"\u003c","b":[{"tenant_id":"9"}, 1]}`,
	} {
		before := []byte(record)
		got := across.WithTenant(before, "7")
		if string(got) != want || !json.Valid(got) {
			t.Errorf("%s: %s, want %s", record, got, want)
		}
		if clear(before); string(got) != want {
			t.Errorf("%s: the record is not a copy", record)
		}
	}
	if got := across.WithTenant([]byte(`{}`), `a"<b`); !json.Valid(got) {
		t.Errorf("%s", got)
	}
}
