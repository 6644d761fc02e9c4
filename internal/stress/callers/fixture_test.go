package callers_test

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
)

// many is how many callers there are. The race detector has a limit of 8128 goroutines, so under it
// only the quick scale runs.
func many() int { return stress.Scale(1000, 10_000, 10_000) }

// fixture is a client on which the callers of a case call, with its servers.
type fixture struct {
	*taegis.Client
	counters    *counters
	loginServer *loginServer
	gateway     *gateway
	attempts    *attempts
	us          identity
}

const us = "us.test"

// bubble runs a case in a bubble, and makes sure that nothing of it is left.
func bubble(t *testing.T, run func(t *testing.T)) {
	t.Helper()
	none(t)
	certificates() // the bubble is not to be the one that makes them
	synctest.Test(t, run)
}

// none makes sure that no goroutine is left that there was not before.
func none(t *testing.T) {
	t.Helper()
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) })
}

// newFixture opens a client of its own, with calls that take up to slowest in each direction.
func newFixture(t testing.TB, slowest time.Duration) *fixture {
	n, l := &network{}, &counters{grants: map[string]*grant{}}
	s := &fixture{
		counters: l, loginServer: newLoginServer(t, n, l, us, "caller"),
		gateway: &gateway{counters: l, slowest: slowest}, attempts: n.client(), us: identity{us, "caller"},
	}
	environment := s.loginServer.environment(t)
	s.Client = newClient(t, s.attempts, taegis.WithEnvironments(environment),
		taegis.WithEnvironment(environment.Name), taegis.WithTransport(s.gateway),
		taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithAuthenticators(&authn.ClientCredentials{ID: "caller", Secret: core.NewSecret("caller")}))
	return s
}

// client returns the transport of an HTTP client in the network.
func (n *network) client() *attempts {
	return &attempts{Transport: &http.Transport{DialContext: n.dial, TLSClientConfig: &tls.Config{RootCAs: certificates().roots()}}}
}

// newClient opens a client that knows nothing of the machine, and closes it when the test ends.
func newClient(t testing.TB, wire http.RoundTripper, options ...taegis.Option) *taegis.Client {
	client, err := taegis.New(append([]taegis.Option{
		taegis.WithHTTPClient(&http.Client{Transport: wire}), taegis.WithLogger(slog.New(slog.DiscardHandler)),
		taegis.WithNonInteractive("the test has no user"), taegis.WithConfigFile(filepath.Join(t.TempDir(), "config")),
		taegis.WithLookupEnv(func(string) (string, bool) { return "", false }),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	})
	return client
}

// call makes one call, and returns what became of it.
func (s *fixture) call(ctx context.Context, operation *core.Operation) (*call, error) {
	c := &call{want: s.us}
	return c, s.Execute(ctx, &core.Request{Operation: operation, Args: c}, nil)
}

// runCallers runs one goroutine for each of so many callers and waits for them. Each has random
// numbers of its own, which follow from the seed.
func runCallers(seed uint64, n int, caller func(i int, random *rand.Rand)) {
	var callers sync.WaitGroup
	for i := range n {
		callers.Go(func() { caller(i, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	callers.Wait()
}

// upTo returns a random time below most.
func upTo(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}
