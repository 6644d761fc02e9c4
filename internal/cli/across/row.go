package across

import (
	"bytes"
	"encoding/json"

	"github.com/taegis-go/taegis/internal/rawjson"
)

// TenantField is the field of a record that has the id of its tenant.
const TenantField = "tenant_id"

// WithTenant returns a copy of a record that begins with the field tenant_id. A record that has one
// keeps its own: a partner's tenant finds records of its children, too. A value that is not an
// object becomes the field result.
func WithTenant(record json.RawMessage, id string) json.RawMessage {
	record = bytes.TrimSpace(record)
	quoted, _ := json.Marshal(id) // a string always has a form
	var row bytes.Buffer
	row.Grow(len(record) + len(quoted) + len(TenantField) + len(`{"":,"result":}`))
	row.WriteString(`{"` + TenantField + `":`)
	row.Write(quoted)
	switch {
	case len(record) == 0 || record[0] != '{':
		row.WriteString(`,"result":`)
		if len(record) == 0 {
			row.WriteString("null")
		}
		row.Write(record)
		row.WriteByte('}')
	case bytes.Contains(record, []byte(`"`+TenantField+`"`)) && rawjson.Member(record, TenantField) != "":
		return bytes.Clone(record)
	default:
		if rest := bytes.TrimSpace(record[1:]); len(rest) > 0 && rest[0] != '}' {
			row.WriteByte(',')
		}
		row.Write(record[1:])
	}
	return row.Bytes()
}
