package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/taegis-go/taegis/core"
)

// maxAnswer bounds what is read of the broker's answer, in bytes.
const maxAnswer = 1 << 20

// broker is the company's service that gives tokens for badges.
type broker struct {
	address string
	client  *http.Client
}

// token asks the broker for a token. A wrong code is [core.ErrDenied].
func (b broker) token(ctx context.Context, req core.LoginRequest, badge string, code core.Secret) (core.Token, error) {
	body, err := json.Marshal(map[string]string{
		"badge": badge, "code": code.Reveal(), "environment": req.Environment.Canonical,
	})
	if err != nil {
		return core.Token{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, b.address, bytes.NewReader(body))
	if err != nil {
		return core.Token{}, &core.LoginError{Reason: "the broker's address is no URL", HintText: "correct " + settingBroker}
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := b.client.Do(r)
	if err != nil {
		return core.Token{}, &core.LoginError{
			Reason: "the broker does not answer", HintText: "check " + settingBroker + " and the network",
			Err: &core.ConnectionError{Operation: "the badge's token", Host: r.URL.Host, Err: err},
		}
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return core.Token{}, &core.LoginError{
			Reason: fmt.Sprintf("the broker answered %d", res.StatusCode), HintText: "ask the owner of the broker",
			Status: res.StatusCode, Denied: res.StatusCode == http.StatusForbidden,
		}
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int    `json:"expires_in"` // seconds
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxAnswer)).Decode(&answer); err != nil {
		return core.Token{}, &core.LoginError{Reason: "the broker answered with something that is no token", HintText: "ask the owner of the broker"}
	}
	now := req.Time()
	return core.NewToken(answer.AccessToken, now, now.Add(time.Duration(answer.ExpiresIn)*time.Second)), nil
}
