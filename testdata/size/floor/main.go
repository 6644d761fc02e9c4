// The same request as its neighbour's with nothing but the standard library.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
)

func main() {
	body, err := json.Marshal(map[string]any{"query": "query currentSubject { currentSubject { id } }"})
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequest(http.MethodPost, os.Args[1], bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("TAEGIS_ACCESS_TOKEN"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Data struct{ CurrentSubject struct{ ID string } }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		panic(err)
	}
	fmt.Println(answer.Data.CurrentSubject.ID)
}
