package call

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/taegis-go/taegis/internal/lenientjson"
)

// UnmarshalUnion decodes into the union that the pointer leads to; see package lenientjson. Only
// encoding/json calls it, and an error ends the decoding of the value around the union. Transports
// decode unions without it.
func UnmarshalUnion(data []byte, union any) error { return lenientjson.Unmarshal(data, union) }

// MarshalUnion encodes the member that is set, with its __typename; else Raw; else null.
func MarshalUnion(union any) ([]byte, error) {
	v := reflect.ValueOf(union)
	for i := range v.NumField() {
		if typename := v.Type().Field(i).Tag.Get("on"); typename != "" && !v.Field(i).IsNil() {
			return marshalMember(typename, v.Field(i).Interface())
		}
	}
	if raw := v.FieldByName("Raw").Bytes(); len(raw) > 0 {
		return raw, nil
	}
	return []byte("null"), nil
}

func marshalMember(typename string, member any) ([]byte, error) {
	text, err := json.Marshal(member)
	if err != nil {
		return nil, err
	}
	head := fmt.Sprintf(`{"__typename":%q`, typename)
	if rest := text[1:]; rest[0] != '}' {
		head += ","
	}
	return append([]byte(head), text[1:]...), nil
}
