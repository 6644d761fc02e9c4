// Tokensource passes the client's tokens to a library that uses oauth2.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"golang.org/x/oauth2"

	taegis "github.com/taegis-go/taegis"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := taegis.New()
	if err != nil {
		return err
	}
	defer client.Close()

	// Not oauth2.NewClient, which would wrap the source in a cache of its own.
	authorized := &http.Client{Transport: &oauth2.Transport{Source: client.TokenSource(ctx)}}

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, client.Environment().APIURL, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := authorized.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	fmt.Println(resp.Status)
	return nil
}
