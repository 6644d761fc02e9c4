package catalog_test

import (
	"fmt"

	"github.com/taegis-go/taegis/services/catalog"
)

func ExampleFind() {
	for _, match := range catalog.Find("create", "client", "input") {
		fmt.Println(match.Service, match.Kind, match.Name, match.MatchedIn)
	}
	// Output:
	// clients input CreateClientInput []
	// clients input CreateClientInternalInput []
	// clients mutation createClient [argument input type CreateClientInput]
}

func ExampleSchemaFor() {
	schema, err := catalog.SchemaFor("clients")
	if err != nil {
		fmt.Println(err)
		return
	}
	operation, err := schema.Operation("createClient")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(operation.Kind, schema.CommandLine(operation))
	// Output: mutation taegis call clients createClient --arg name=NAME
}
