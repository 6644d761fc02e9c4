package session

import (
	"context"

	"github.com/taegis-go/taegis/core"
)

// Watcher takes note of what happens to the tokens of sessions. [Watch] returns one. It has functions,
// so that a program without observers does not link them.
type Watcher struct {
	// obtain calls Session.obtain with a walk. replaced is the token that the server has rejected, nil
	// for none.
	obtain func(ctx context.Context, s *Session, req core.LoginRequest, n need, replaced *cachedToken) (core.Token, error)
	// cleared takes note that the tokens of the environment were deleted, or could not be.
	cleared func(ctx context.Context, s *Session, err error)
}

// walk takes note of one walk through the chain.
type walk struct {
	// login has an authenticator log in. If that cannot be recorded, there is no token.
	login func(ctx context.Context, c *candidate, n need) (core.Token, error)
	// skip takes note of an authenticator after which the chain goes on.
	skip func(c *candidate, err error)
}
