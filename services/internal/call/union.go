package call

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// A union is a struct with the fields Typename (string), Raw (json.RawMessage) and a pointer to
// each member, named as its type. Two members that have a field of the same name but of different
// types cannot be selected together in GraphQL, so the default document renames one of them; the
// member's struct tag lists such aliases: `alias:"Member_field=field ..."`.

// UnmarshalUnion decodes into the union that the pointer leads to: into the member that
// __typename names. A value that names no member, whatever it is, is kept in Raw and no error, as
// new members arrive without notice.
func UnmarshalUnion(data []byte, union any) error {
	v := reflect.ValueOf(union).Elem()
	v.SetZero()
	var head struct {
		Typename string `json:"__typename"`
	}
	_ = json.Unmarshal(data, &head) // then it names no member
	v.FieldByName("Typename").SetString(head.Typename)
	member, known := v.Type().FieldByName(memberName(head.Typename))
	if !known || member.Type.Kind() != reflect.Pointer {
		v.FieldByName("Raw").SetBytes(bytes.Clone(data))
		return nil
	}
	if aliases := member.Tag.Get("alias"); aliases != "" {
		var err error
		if data, err = undoAliases(data, aliases); err != nil {
			return err
		}
	}
	value := reflect.New(member.Type.Elem())
	v.FieldByIndex(member.Index).Set(value)
	return json.Unmarshal(data, value.Interface())
}

// undoAliases gives aliased members of a JSON object their wire names back. A caller's own
// selection need not use the aliases, so either name may be there.
func undoAliases(data []byte, aliases string) ([]byte, error) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, err
	}
	for pair := range strings.FieldsSeq(aliases) {
		alias, name, _ := strings.Cut(pair, "=")
		if value, ok := object[alias]; ok {
			object[name] = value
			delete(object, alias)
		}
	}
	return json.Marshal(object)
}

// MarshalUnion encodes the member that is set, with its __typename; else Raw; else null.
func MarshalUnion(union any) ([]byte, error) {
	v := reflect.ValueOf(union)
	typename := v.FieldByName("Typename").String()
	for i := range v.NumField() {
		member := v.Field(i)
		if member.Kind() != reflect.Pointer || member.IsNil() {
			continue
		}
		name := v.Type().Field(i).Name
		if memberName(typename) == name {
			name = typename
		}
		return marshalMember(name, member.Interface())
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

// memberName is the Go name of a member's type: exported.
func memberName(typename string) string {
	if typename == "" {
		return ""
	}
	return strings.ToUpper(typename[:1]) + typename[1:]
}
