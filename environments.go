package taegis

import (
	"context"
	"fmt"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// branch returns the branch for the environment of ctx.
func (c *Client) branch(ctx context.Context) (*branch, error) {
	return c.branchFor(settingsOf(ctx).environment)
}

// branchFor returns the branch for what a context says. Most say nothing, and then there is nothing
// to look up.
func (c *Client) branchFor(t target) (*branch, error) {
	if t == (target{}) {
		return c.branches.home, nil
	}
	environment, err := c.find(t)
	if err != nil {
		return nil, err
	}
	return c.branches.at(environment)
}

// find returns the environment that a context asks for.
func (c *Client) find(t target) (core.Environment, error) {
	own := c.Environment()
	switch {
	case t.custom != nil:
		return c.config.withLoginHost(*t.custom), nil
	case t.name == "" || strings.EqualFold(t.name, own.Name):
		return own, nil
	}
	return c.config.environmentNamed(t.name)
}

// belongs returns a [*core.LoginError] where the context's access token was given for an
// environment that logs in elsewhere: neither that token nor another identity is to be used then.
func (c *Client) belongs(s *callSettings, environment core.Environment) error {
	if s.token.IsZero() {
		return nil
	}
	its, err := c.find(s.tokenFor)
	if err != nil || its.AuthHost() == environment.AuthHost() {
		return err
	}
	return &core.LoginError{
		Authenticator: contextAuthenticator,
		Reason:        fmt.Sprintf("the access token of the context is for %s, not for %s", its.Name, environment.Name),
		HintText:      "give ContextWithAccessToken the context that has the environment",
	}
}

// contextAuthenticator is what errors call the context where it takes the place of the chain.
const contextAuthenticator = "context"

// givenToken returns the context's access token for an environment.
func (c *Client) givenToken(s *callSettings, environment core.Environment) (core.Token, error) {
	if err := c.belongs(s, environment); err != nil {
		return core.Token{}, err
	}
	token := core.NewToken(s.token.Reveal(), c.config.now())
	token.Host, token.Origin = environment.AuthHost(), contextAuthenticator
	return token, nil
}
