package schema

// SettledType is the type of an argument whose scalar the SDL does not tell, as public clients
// declare it.
type SettledType struct {
	On   string `json:"on"` // for example "Query.asset"
	Name string `json:"name"`
	Type string `json:"type"` // for example "ID!"
	// Sources is the number of code bases that declare it so.
	Sources int `json:"sources"`
	// Note says how clients differ. It is empty if they agree.
	Note string `json:"note"`
}

// Settled returns the settled arguments of each service by its wire name. It omits services without
// one.
func Settled() (map[string][]SettledType, error) {
	var file struct {
		Arguments map[string][]SettledType `json:"arguments"`
	}
	err := decode("settled.json", &file)
	return file.Arguments, err
}
