package taegis_test

import (
	"encoding/json"
	"fmt"
	"log"
	"time"

	"github.com/taegis-go/taegis/services/alerts"
)

// Generated types convert to Go's: an object of seconds and nanos to a time and back, a union to
// the value of a type switch, and an enum to the list of its constants.
func Example_generatedTypes() {
	var alert alerts.Alert2
	if err := json.Unmarshal([]byte(`{
		"metadata": {"created_at": {"seconds": 1772348400, "nanos": 0}},
		"status": "OPEN"
	}`), &alert); err != nil {
		log.Fatal(err)
	}
	created := alert.Metadata.CreatedAt.Time()
	fmt.Println(created.Format(time.RFC3339), alert.Metadata.EndedAt.Time().IsZero())

	later := alerts.NewTimestampInput(created.Add(time.Hour))
	fmt.Println(*later.Seconds)

	var detail alerts.Properties
	file := []byte(`{"__typename": "EntityFile", "file_name": "a.exe"}`)
	if err := json.Unmarshal(file, &detail); err != nil {
		log.Fatal(err)
	}
	switch v := detail.Value().(type) {
	case *alerts.EntityFile:
		fmt.Println("a file")
	case json.RawMessage:
		fmt.Println("a type that the schema lacks:", detail.Typename, string(v))
	case nil:
		fmt.Println("nothing")
	}

	fmt.Println(alerts.Origin("").Values())
	// Output:
	// 2026-03-01T07:00:00Z true
	// 1772352000
	// a file
	// [INTERNAL CUSTOMER EXTERNAL PARTNER]
}
