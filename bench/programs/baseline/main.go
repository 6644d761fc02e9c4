// Baseline requests a page of alerts with a cached token, or else with a login, with the standard library only.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
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
	client := baseline.Client{HTTP: baseline.NewHTTP(), URL: os.Getenv("TAEGIS_API_URL") + "/graphql"}
	token, err := cached(os.Getenv("TAEGIS_CONFIG_FILE"))
	if errors.Is(err, fs.ErrNotExist) {
		token, err = login(client.HTTP)
	}
	if err != nil {
		return err
	}
	client.Token = token
	page, err := client.Search(context.Background(), 0, 10)
	if err != nil {
		return err
	}
	fmt.Println(page.Alerts.List[0].ID)
	return nil
}

func cached(path string) (string, error) {
	text, err := os.ReadFile(path)
	_, token, _ := strings.Cut(string(text), "access_token = ")
	token, _, _ = strings.Cut(token, "\n")
	return token, err
}

// login logs in with client credentials.
func login(client *http.Client) (token string, err error) {
	req, err := http.NewRequest(http.MethodPost, os.Getenv("TAEGIS_API_URL")+"/auth/api/v2/auth/token",
		strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET"))
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return answer.AccessToken, errors.Join(err, resp.Body.Close())
}
