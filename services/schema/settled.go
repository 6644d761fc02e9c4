package schema

import (
	"slices"
	"sync"
)

// SettledType is the server's type of an argument or input field whose scalar the SDL does not
// tell, as public clients declare it, the vendor publishes it, or a gateway returned it.
type SettledType struct {
	On   string `json:"on"` // "Query.asset" for an argument, the input's name for a field
	Name string `json:"name"`
	// Type is the scalar in the list shape and with the non-null marks of the SDL, for example
	// "ID!". A scalar that holds a list has neither, for example "IDs".
	Type string `json:"type"`
	// Published is the type of an input field with the vendor's non-null marks. Empty for others.
	Published string `json:"published"`
	// Sources is the number of code bases that declare it so.
	Sources int `json:"sources"`
	// Server is set if a gateway returned the type, which settles it for good.
	Server bool `json:"server"`
	// Note says how clients differ. Such a type is not used. It is empty if they agree.
	Note string `json:"note"`
}

// Settlement lists the settled types of a service.
type Settlement struct {
	Arguments   []SettledType
	InputFields []SettledType
}

// Settled returns the settled types of each service by its wire name. It omits services that have
// none. Do not modify the result.
func Settled() (map[string]Settlement, error) { return settled() }

var settled = sync.OnceValues(func() (map[string]Settlement, error) {
	var file struct {
		Arguments   map[string][]SettledType `json:"arguments"`
		InputFields map[string][]SettledType `json:"inputFields"`
	}
	if err := decode("settled.json", &file); err != nil {
		return nil, err
	}
	services := map[string]Settlement{}
	for service, list := range file.Arguments {
		services[service] = Settlement{Arguments: list}
	}
	for service, list := range file.InputFields {
		s := services[service]
		s.InputFields = list
		services[service] = s
	}
	return services, nil
})

// Unsettled returns the positions of each service that are uncertain and not settled. It omits
// services without such positions. Do not modify the result.
func Unsettled() (map[string]Uncertainty, error) { return unsettled() }

var unsettled = sync.OnceValues(func() (map[string]Uncertainty, error) {
	uncertain, err := Uncertain()
	if err != nil {
		return nil, err
	}
	settled, err := Settled()
	if err != nil {
		return nil, err
	}
	left := map[string]Uncertainty{}
	for service, positions := range uncertain {
		u := Uncertainty{
			Arguments:   without(positions.Arguments, settled[service].Arguments),
			InputFields: without(positions.InputFields, settled[service].InputFields),
		}
		if len(u.Arguments)+len(u.InputFields) > 0 {
			left[service] = u
		}
	}
	return left, nil
})

// without returns the positions that no settled type without a note is for.
func without(positions []Position, settled []SettledType) []Position {
	return slices.DeleteFunc(slices.Clone(positions), func(p Position) bool {
		return slices.ContainsFunc(settled, func(s SettledType) bool {
			return s.On == p.On && s.Name == p.Name && s.Note == ""
		})
	})
}
