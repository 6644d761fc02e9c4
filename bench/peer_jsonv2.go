package main

import (
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/taegis-go/taegis/services/alerts"
)

// decodeV2 decodes with the next encoding/json, and unions in the way that it offers: a function
// for the type, which looks for __typename and then decodes the member.
func decodeV2(text []byte, out any) error {
	return json.Unmarshal(text, out, json.WithUnmarshalers(json.UnmarshalFromFunc(decodeProperties)))
}

var propertyMembers = func() map[string]int {
	members := map[string]int{}
	t := reflect.TypeFor[alerts.Properties]()
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("on"); name != "" {
			members[name] = i
		}
	}
	return members
}()

func decodeProperties(d *jsontext.Decoder, p *alerts.Properties) error {
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	var head struct {
		Typename string `json:"__typename"`
	}
	if err := json.Unmarshal(value, &head); err != nil {
		return err
	}
	p.Typename = head.Typename
	i, ok := propertyMembers[head.Typename]
	if !ok {
		p.Raw = []byte(value.Clone())
		return nil
	}
	member := reflect.ValueOf(p).Elem().Field(i)
	member.Set(reflect.New(member.Type().Elem()))
	return json.Unmarshal(value, member.Interface())
}
