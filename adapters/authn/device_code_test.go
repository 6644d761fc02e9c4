package authn_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taegis-go/taegis/adapters/authn"
	"github.com/taegis-go/taegis/core"
)

// script is a server without a network. It issues device codes and answers the requests for their
// token in turn; the last answer repeats.
type script struct {
	codes   int
	life    string // of a code, in seconds
	answers []string
	asked   []time.Time
}

// RoundTrip answers a request; "hold" holds it until its context ends, "break" breaks the
// connection.
func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/auth") {
		s.codes++
		return reply(200, `{"device_code":"d","user_code":"u","verification_uri":"https://taegis.example/x","interval":2,"expires_in":`+s.life+`}`), nil
	}
	s.asked = append(s.asked, time.Now())
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	switch answer {
	case "hold":
		<-r.Context().Done()
		return nil, r.Context().Err()
	case "break":
		return nil, io.ErrUnexpectedEOF
	case "token":
		return reply(200, `{"access_token":"opaque"}`), nil
	}
	return reply(400, `{"error":"`+answer+`"}`), nil
}

func reply(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
}

// logIn logs in with the script; countdown gets the time left that is shown.
func (s *script) logIn(ctx context.Context, countdown func(time.Duration)) (core.Token, error) {
	environment, err := core.FindEnvironment("charlie")
	if err != nil {
		return core.Token{}, err
	}
	prompt := core.Prompt{ShowVerification: func(context.Context, core.Verification) error { return nil }}
	if countdown != nil {
		prompt.Countdown = func(_ context.Context, left time.Duration) { countdown(left) }
	}
	return (&authn.DeviceCode{}).Authenticate(ctx, core.LoginRequest{
		Environment: environment, Prompt: prompt, HTTP: &http.Client{Transport: s}, Timeout: time.Second,
	})
}

func TestPollingKeepsTheIntervalAndSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: "600", answers: []string{"authorization_pending", "slow_down", "authorization_pending", "break", "token"}}
		if token, err := s.logIn(t.Context(), nil); err != nil || token.AccessToken.Reveal() != "opaque" {
			t.Fatal(err)
		}
		want := []time.Duration{2 * time.Second, 7 * time.Second, 7 * time.Second, 7 * time.Second}
		for i, pause := range want {
			if got := s.asked[i+1].Sub(s.asked[i]); got != pause {
				t.Errorf("pause %d is %v, want %v", i+1, got, pause)
			}
		}
		if s.codes != 1 {
			t.Errorf("%d codes", s.codes)
		}
	})
}

func TestALongPollIsLimitedOnlyByTheCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		s := &script{life: "300", answers: []string{"hold", "hold", "token"}}
		if _, err := s.logIn(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 600*time.Second || s.codes != 3 {
			t.Errorf("%d codes in %v, want a fresh one after 300 s each", s.codes, took)
		}
	})
}

func TestThreeExpiredCodesEndTheChain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{life: "60", answers: []string{"authorization_pending", "expired_token", "hold"}}
		_, err := s.logIn(t.Context(), nil)
		wantFailure(t, err, false, "3 device codes expired")
		if s.codes != 3 {
			t.Errorf("%d codes", s.codes)
		}
	})
}

func TestCountdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var shown []time.Duration
		s := &script{life: "300", answers: []string{"authorization_pending", "token"}}
		if _, err := s.logIn(t.Context(), func(left time.Duration) { shown = append(shown, left) }); err != nil {
			t.Fatal(err)
		}
		if len(shown) < 3 || shown[0] != 5*time.Minute || shown[1] != 299*time.Second || shown[len(shown)-1] != 0 {
			t.Errorf("shown: %v", shown)
		}
	})
}

func TestCancellingTheWaitForAUserEndsAtOnce(t *testing.T) {
	for _, answer := range []string{"hold", "authorization_pending"} {
		synctest.Test(t, func(t *testing.T) {
			gaveUp := errors.New("gave up")
			ctx, cancel := context.WithTimeoutCause(t.Context(), 3*time.Second, gaveUp)
			defer cancel()
			begin := time.Now()
			_, err := (&script{life: "300", answers: []string{answer}}).logIn(ctx, nil)
			if took := time.Since(begin); !errors.Is(err, gaveUp) || took != 3*time.Second {
				t.Errorf("%s: after %v: %v", answer, took, err)
			}
		})
	}
}
