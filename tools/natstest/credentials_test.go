package natstest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	sink "github.com/taegis-go/taegis/adapters/sink/nats"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/sinktest"
)

// identity is a key of NATS with its public form.
type identity struct {
	nkeys.KeyPair
	public string
}

func newIdentity(t *testing.T, create func() (nkeys.KeyPair, error)) identity {
	t.Helper()
	pair, err := create()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return identity{pair, public}
}

// credentials writes a file of credentials for a new user of an account.
func credentials(t *testing.T, account identity) (path string) {
	t.Helper()
	user := newIdentity(t, nkeys.CreateUser)
	token, err := jwt.NewUserClaims(user.public).Encode(account)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	text, err := jwt.FormatUserConfig(token, seed)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "user.creds")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// withOperator lets a server trust an operator with one account, and returns the account.
func withOperator(t *testing.T, o *server.Options) identity {
	t.Helper()
	operator := newIdentity(t, nkeys.CreateOperator)
	account, system := newIdentity(t, nkeys.CreateAccount), newIdentity(t, nkeys.CreateAccount)
	claims := jwt.NewOperatorClaims(operator.public)
	claims.SystemAccount = system.public
	resolver := &server.MemAccResolver{}
	for _, a := range []identity{account, system} {
		c := jwt.NewAccountClaims(a.public)
		if a.public == account.public {
			c.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: -1, MemoryStorage: -1, Streams: -1, Consumer: -1}
		}
		token, err := c.Encode(operator)
		if err == nil {
			err = resolver.Store(a.public, token)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	o.TrustedOperators, o.SystemAccount, o.AccountResolver = []*jwt.OperatorClaims{claims}, system.public, resolver
	return account
}

// The sink signs the nonce of the server with the key of a file that nsc could have written.
func TestAFileOfCredentials(t *testing.T) {
	var account identity
	s := start(t, func(o *server.Options) { account = withOperator(t, o) })
	valid := credentials(t, account)
	stream := connect(t, s.ClientURL(), nil, nats.UserCredentials(valid))
	out := &sink.Sink{URL: s.ClientURL(), Credentials: valid}
	t.Cleanup(func() { out.Close() })
	if err := sinktest.Deliver(t.Context(), out, records(0, 10)); err != nil || len(data(t, stream)) != 10 {
		t.Errorf("%v", err)
	}
	foreign := credentials(t, newIdentity(t, nkeys.CreateAccount))
	err := sinktest.Deliver(t.Context(), &sink.Sink{URL: s.ClientURL(), Credentials: foreign}, records(0, 1))
	if fault, ok := errors.AsType[*core.SinkError](err); !ok || !fault.Permanent || fault.Hint() != "check the credentials" {
		t.Errorf("another account: %v", err)
	}
}

func TestAToken(t *testing.T) {
	s := start(t, func(o *server.Options) { o.Authorization = "a-token" })
	stream := connect(t, s.ClientURL(), nil, nats.Token("a-token"))
	out := &sink.Sink{URL: s.ClientURL(), Token: core.NewSecret("a-token")}
	t.Cleanup(func() { out.Close() })
	if err := sinktest.Deliver(t.Context(), out, records(0, 10)); err != nil || len(data(t, stream)) != 10 {
		t.Errorf("%v", err)
	}
}
