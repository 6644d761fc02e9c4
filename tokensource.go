package taegis

import (
	"context"

	"golang.org/x/oauth2"
)

// TokenSource gives the client's token to anything that takes an [oauth2.TokenSource]. Its
// Token method waits no longer than ctx and fails as [Client.Token] does. It is not to be
// wrapped in [oauth2.ReuseTokenSource]: the client knows better when a token ends.
func (c *Client) TokenSource(ctx context.Context) oauth2.TokenSource {
	return tokenSource{client: c, ctx: ctx}
}

type tokenSource struct {
	client *Client
	ctx    context.Context // oauth2.TokenSource has no way to pass one per call
}

func (s tokenSource) Token() (*oauth2.Token, error) {
	token, err := s.client.Token(s.ctx)
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: token.AccessToken.Reveal(), TokenType: "Bearer", Expiry: token.Expiry}, nil
}
