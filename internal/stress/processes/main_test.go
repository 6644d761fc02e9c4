package processes_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/tokenstore/keyring"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/digest"
	"github.com/taegis-go/taegis/services/clients"
)

// The variables of a process that is one of the many.
const (
	programVariable = "PROCESSES_PROGRAM" // set makes this test binary such a process
	clockVariable   = "PROCESSES_CLOCK"   // the file of its clock; the real time without
	sealedVariable  = "PROCESSES_SEALED"  // the folder of its sealed tokens; the shared file without
)

// TestMain lets the test binary be one of the many processes.
func TestMain(m *testing.M) {
	if os.Getenv(programVariable) == "" {
		os.Exit(m.Run())
	}
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// order is what a process is told to do, once for each line of its input.
type order struct {
	Do string `json:",omitempty"`
	// Patience is how long its context lasts; 0 means for ever.
	Patience time.Duration `json:",omitempty"`
}

// What there is to do. All take the client that is open, and open one if none is.
const (
	open      = "open"  // another client, as a new process has
	getting   = "token" // a token
	calling   = "call"  // a token and a call
	loggingIn = "login" // a new token, whatever is stored
)

// outcome is what came of an order, a line of its output.
type outcome struct {
	Token   string `json:",omitempty"` // its digest
	Expired bool   `json:",omitempty"` // before it was asked for
	Failure string `json:",omitempty"`
	// GaveUp says that the failure is that its context ended, and Late how long before.
	GaveUp bool          `json:",omitempty"`
	Late   time.Duration `json:",omitempty"`
	Took   time.Duration `json:",omitempty"`
}

// run is the program: it carries out orders until its input ends.
func run(in io.Reader, out io.Writer) error {
	if err := restrict(); err != nil {
		return err
	}
	options, err := options()
	if err != nil {
		return err
	}
	var client *taegis.Client
	for orders, outcomes := json.NewDecoder(in), json.NewEncoder(out); ; {
		var o order
		switch err := orders.Decode(&o); {
		case errors.Is(err, io.EOF):
			if client == nil {
				return nil
			}
			return client.Close()
		case err != nil:
			return err
		}
		begin := time.Now()
		if o.Do == open && client != nil {
			_ = client.Close()
			client = nil
		}
		if o.Do != "" && client == nil {
			if client, err = taegis.New(options...); err != nil {
				return err
			}
		}
		came := o.carryOut(client)
		came.Took = time.Since(begin)
		if err := outcomes.Encode(came); err != nil {
			return err
		}
	}
}

func (o order) carryOut(client *taegis.Client) (came outcome) {
	ctx := context.Background()
	if o.Patience > 0 {
		var cancel func()
		ctx, cancel = context.WithTimeout(ctx, o.Patience)
		defer cancel()
	}
	ended := make(chan time.Time, 1)
	defer context.AfterFunc(ctx, func() { ended <- time.Now() })()
	begin := now()
	var token core.Token
	var err error
	switch o.Do {
	case getting, calling:
		token, err = client.Token(ctx)
	case loggingIn:
		token, err = client.Login(ctx)
	default:
		return came
	}
	if err == nil && o.Do == calling {
		_, err = clients.New(client).ClientsSearch(ctx, clients.ClientsSearchArgs{})
	}
	if err != nil {
		came.Failure, came.GaveUp = err.Error(), errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil
		if came.GaveUp {
			came.Late = time.Since(<-ended)
		}
		return came
	}
	return outcome{Token: digest.Of(token.AccessToken.Reveal()), Expired: !begin.Before(token.Expiry)}
}

// restrict takes something away from this process, where the kernel can.
var restrict = func() error { return nil }

// now is the time of this process.
var now = time.Now

// options are those of a program that says nothing, but for its clock and its store.
func options() (all []taegis.Option, err error) {
	if path := os.Getenv(clockVariable); path != "" {
		c, err := openClock(path)
		if err != nil {
			return nil, err
		}
		now = c.time
		all = append(all, taegis.WithClock(now))
	}
	if dir := os.Getenv(sealedVariable); dir != "" {
		all = append(all, taegis.WithTokenStore(&keyring.Store{
			Dir: dir, Keyrings: []string{keyring.EncryptedFile},
			Passphrase: func(context.Context, string) (core.Secret, error) { return core.NewSecret("correct horse"), nil },
		}))
	}
	return all, nil
}
