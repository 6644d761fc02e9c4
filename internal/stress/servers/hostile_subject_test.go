package servers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/adapters/tokenstore"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
)

// subjectVariable makes this test binary a subject: its value is the order.
const subjectVariable = "SERVERS_SUBJECT"

// order is what a subject, a process of its own, asks of a hostile server.
type order struct {
	URL, Ask string
	Limits   core.Limits
	// Timeout bounds each request and silence, Deadline all of it; zero means 5 minutes.
	Timeout, Deadline time.Duration
	Tries             int   // zero means 1
	Fence             int64 // how many bytes of memory it may map beyond what it has at its start
}

// outcome is what became of it.
type outcome struct {
	Error, HintText                       string
	Option                                string // of the limit that was reached
	Response, Connection, Login, TimedOut bool   // what the error is
	Values                                int    // records or messages that arrived
	Peak                                  int64  // how much the heap has grown meanwhile, in bytes
	Took                                  time.Duration
}

// record is what the operation of the cases returns many of.
type record struct {
	ID       string
	Text     string
	Severity float64
	Tags     []string
	Parent   *record
}

// asks are what a subject can do.
var asks = map[string]func(context.Context, *taegis.Client) (int, error){
	"query": func(ctx context.Context, client *taegis.Client) (int, error) {
		var out struct{ Records []record }
		err := client.Execute(withToken(ctx), &core.Request{Operation: &core.Operation{Kind: core.KindQuery}, Document: "{ records { id } }"}, &out)
		return len(out.Records), err
	},
	"subscription": func(ctx context.Context, client *taegis.Client) (n int, err error) {
		req := &core.Request{Operation: &core.Operation{Kind: core.KindSubscription}, Document: "subscription { records { id } }"}
		for message, failure := range client.Subscribe(withToken(ctx), req) {
			if err = failure; message != nil {
				n++
			}
		}
		return n, err
	},
	"login": func(ctx context.Context, client *taegis.Client) (int, error) {
		_, err := client.Login(ctx)
		return 0, err
	},
}

// authenticators are the ways to log in, by name.
var authenticators = map[string]ports.Authenticator{
	"client-credentials": &authn.ClientCredentials{ID: "client", Secret: core.NewSecret(canary)},
	"password":           &authn.Password{Username: "ann"},
	"sso":                &authn.DeviceCode{},
}

// canary is every secret of the cases.
const canary = "canary-5f0c7a"

func withToken(ctx context.Context) context.Context {
	return taegis.ContextWithAccessToken(ctx, core.NewSecret(canary))
}

// newClient makes a client that knows nothing of the machine.
func newClient(url string, options ...taegis.Option) (*taegis.Client, error) {
	return taegis.New(append([]taegis.Option{
		taegis.WithBaseURL(url), taegis.WithTokenStore(&tokenstore.Memory{}),
		taegis.WithConfigFile(filepath.Join(os.TempDir(), "no such folder", "config")),
		taegis.WithLogger(slog.New(slog.DiscardHandler)), taegis.WithPrompt(everything),
		taegis.WithLookupEnv(func(string) (string, bool) { return "", false }),
	}, options...)...)
}

// everything is a user who answers every question.
var everything = core.Prompt{
	ShowVerification: func(context.Context, core.Verification) error { return nil },
	AskText:          func(context.Context, string) (string, error) { return "123456", nil },
	AskSecret:        func(context.Context, string) (core.Secret, error) { return core.NewSecret(canary), nil },
}

// expose carries the order out and prints the outcome.
func expose(told string) {
	var o order
	if err := json.Unmarshal([]byte(told), &o); err != nil {
		panic(err)
	}
	if err := fence(o.Fence); err != nil {
		panic(err)
	}
	result, err := o.run()
	if err != nil {
		panic(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		panic(err)
	}
}

func (o order) run() (outcome, error) {
	ask, way := asks[o.Ask], authenticators["client-credentials"]
	if link, ok := authenticators[o.Ask]; ok {
		ask, way = asks["login"], link
	}
	options := []taegis.Option{taegis.WithLimits(o.Limits), taegis.WithRetry(core.RetryLimits{MaxTries: max(o.Tries, 1)}), taegis.WithAuthenticators(way)}
	if o.Timeout > 0 {
		options = append(options, taegis.WithTimeout(o.Timeout), taegis.WithKeepAlive(o.Timeout))
	}
	client, err := newClient(o.URL, options...)
	if err != nil {
		return outcome{}, err
	}
	if o.Deadline == 0 {
		o.Deadline = 5 * time.Minute
	}
	grown := watchHeap(o.Fence)
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), o.Deadline)
	defer cancel()
	n, err := ask(ctx, client)
	return outcomeOf(n, err, time.Since(began), grown()), client.Close()
}

func outcomeOf(n int, err error, took time.Duration, peak int64) outcome {
	r := outcome{Values: n, Took: took, Peak: peak, HintText: core.Hint(err), TimedOut: errors.Is(err, context.DeadlineExceeded)}
	if err == nil {
		return r
	}
	r.Error = err.Error()
	if limit, ok := errors.AsType[*core.LimitError](err); ok {
		r.Option = limit.Option
	}
	_, r.Response = errors.AsType[*core.ResponseError](err)
	_, r.Connection = errors.AsType[*core.ConnectionError](err)
	_, r.Login = errors.AsType[*core.LoginError](err)
	return r
}

// watchHeap looks at the heap all the time, until it is asked how much it has grown at most. It
// ends a subject whose heap grows beyond the fence, for where the kernel does not.
func watchHeap(fence int64) (grown func() int64) {
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	look := func() int64 {
		metrics.Read(samples)
		return int64(samples[0].Value.Uint64())
	}
	begin, most := look(), int64(0)
	enough, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(time.Millisecond); ; {
			if most = max(most, look()-begin); fence > 0 && most > fence {
				panic("the heap has grown by " + mebibytes(most))
			}
			select {
			case <-tick.C:
			case <-enough:
				tick.Stop()
				return
			}
		}
	}()
	return func() int64 {
		close(enough)
		<-ended
		return max(most, look()-begin)
	}
}

// carryOut has a subject carry an order out. A subject that breaks fails the test.
func (o order) carryOut(t *testing.T) outcome {
	t.Helper()
	told, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), subjectVariable+"="+string(told), "GORACE=atexit_sleep_ms=0")
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	var result outcome
	if err := cmd.Run(); err != nil {
		t.Fatalf("the subject broke: %v\n%s", err, firstLines(stderr.String()))
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	if strings.Contains(result.Error+result.HintText, canary) {
		t.Errorf("the error holds a secret: %s", result.Error)
	}
	return result
}

func firstLines(text string) string {
	return strings.Join(strings.SplitN(text, "\n", 12)[:min(11, strings.Count(text, "\n"))], "\n")
}

// mebibytes writes a number of bytes.
func mebibytes(n int64) string { return fmt.Sprintf("%.0f MiB", float64(n)/(1<<20)) }
