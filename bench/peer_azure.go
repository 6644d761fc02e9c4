package main

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// azureTokens is how a program that uses azidentity comes by a token that it has already.
func azureTokens(token string) (tokens, error) {
	ctx := context.Background()
	account, err := azidentity.NewClientSecretCredential("tenant", "client", "secret", &azidentity.ClientSecretCredentialOptions{
		ClientOptions:            azcore.ClientOptions{Transport: azureHost(token)},
		DisableInstanceDiscovery: true,
	})
	if err != nil {
		return nil, err
	}
	return func(n int) error {
		for range n {
			if _, err := account.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{"scope/.default"}}); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// azureHost answers in place of the authentication host.
type azureHost string

func (token azureHost) Do(req *http.Request) (*http.Response, error) {
	text := `{"token_type":"Bearer","expires_in":3600,"access_token":"` + string(token) + `"}`
	if strings.HasSuffix(req.URL.Path, "openid-configuration") {
		base := "https://login.microsoftonline.com/tenant/"
		text = `{"issuer":"` + base + `v2.0","token_endpoint":"` + base + `token","authorization_endpoint":"` + base + `authorize"}`
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)),
	}, nil
}
