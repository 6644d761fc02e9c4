// Baseline reads a cached token and requests a page of alerts, with the standard library only.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/taegis-go/taegis/bench/baseline"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	text, err := os.ReadFile(os.Getenv("TAEGIS_CONFIG_FILE"))
	if err != nil {
		return err
	}
	_, token, _ := strings.Cut(string(text), "access_token = ")
	token, _, _ = strings.Cut(token, "\n")
	client := baseline.Client{HTTP: baseline.NewHTTP(), URL: os.Getenv("TAEGIS_API_URL") + "/graphql", Token: token}
	page, err := client.Search(context.Background(), 0, 10)
	if err != nil {
		return err
	}
	fmt.Println(page.Alerts.List[0].ID)
	return nil
}
