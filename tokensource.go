package taegis

import (
	"context"

	"golang.org/x/oauth2"
)

// TokenSource returns an [oauth2.TokenSource] that provides the client's tokens to other libraries.
// Its Token method returns the errors of [Client.Token], and the cause of ctx after ctx has ended.
// Do not wrap it in [oauth2.ReuseTokenSource], which would return tokens that the client has
// replaced.
func (c *Client) TokenSource(ctx context.Context) oauth2.TokenSource {
	return tokenSource{client: c, ctx: ctx}
}

type tokenSource struct {
	client *Client
	ctx    context.Context // oauth2.TokenSource has no parameter for it
}

func (s tokenSource) Token() (*oauth2.Token, error) {
	token, err := s.client.Token(s.ctx)
	if err != nil {
		return nil, err
	}
	return &oauth2.Token{AccessToken: token.AccessToken.Reveal(), TokenType: "Bearer", Expiry: token.Expiry}, nil
}
