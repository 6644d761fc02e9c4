package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

func TestSendLog(t *testing.T) {
	server, f := start(t, nil)
	text := make([]byte, 3<<20)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(text)
	sent := log(string(text))
	sent.SensorID, sent.Service = "fw1", "svc"
	if err := f.SendLog(t.Context(), sent); err != nil {
		t.Fatal(err)
	}
	wantStored(t, server, string(text), 1)
	if u := server.Uploads()[0]; u.Sensor != "fw1" || u.Service != "svc" {
		t.Errorf("%s %s %s", u.Sensor, u.Service, u.Tenant)
	}
}

func TestFaultsOfTheHost(t *testing.T) {
	for _, c := range []struct {
		name            string
		fault           emulator.Fault
		behavior        emulator.Behavior
		signed, stored  int
		requestsOfFirst int
	}{
		{name: "none", signed: 1, stored: 1, requestsOfFirst: 1},
		{name: "expired", fault: emulator.Fault{Times: 1, Status: 403, Body: "<Error><Code>AccessDenied</Code></Error>"}, signed: 2, stored: 1},
		{name: "expired token", fault: emulator.Fault{Times: 1, Status: 400, Body: "<Error><Code>ExpiredToken</Code></Error>"}, signed: 2, stored: 1},
		{name: "failing", fault: emulator.Fault{Times: 2, Status: 500}, signed: 1, stored: 1, requestsOfFirst: 1},
		{name: "busy", fault: emulator.Fault{Times: 1, Status: 503, RetryAfter: "1"}, signed: 1, stored: 1, requestsOfFirst: 1},
		{name: "dropped", fault: emulator.Fault{Times: 1, Drop: true}, signed: 1, stored: 1, requestsOfFirst: 1},
		{name: "reset", fault: emulator.Fault{Times: 1, Reset: true}, signed: 1, stored: 1, requestsOfFirst: 1},
		{
			name: "stored without an answer", fault: emulator.Fault{Times: 1, Drop: true, Execute: true},
			signed: 1, stored: 1, requestsOfFirst: 2,
		},
		{
			name: "stored without an answer, no conditions", fault: emulator.Fault{Times: 1, Drop: true, Execute: true},
			behavior: emulator.Behavior{NoConditions: true}, signed: 1, stored: 2, requestsOfFirst: 2,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server, f := start(t, func(config *emulator.Config) { config.Behavior = c.behavior })
			if c.fault.Times > 0 {
				server.AddFault("PUT /presigned", c.fault)
			}
			if err := f.SendLog(t.Context(), log("line 1\nline 2\n")); err != nil {
				t.Fatal(err)
			}
			wantStored(t, server, "line 1\nline 2\n", c.stored)
			list := server.Uploads()
			if len(list) != c.signed || c.requestsOfFirst != 0 && list[0].Requests != c.requestsOfFirst {
				t.Errorf("%+v", list)
			}
		})
	}
}

func TestTheTriesEnd(t *testing.T) {
	for status, want := range map[int]int{500: 2, 403: 2, 404: 1, 307: 1} {
		server, f := start(t, nil)
		f.Retry.MaxTries = 2
		server.AddFault("PUT /presigned", emulator.Fault{Status: status})
		err := f.SendLog(t.Context(), log("x"))
		answer, ok := errors.AsType[*core.ResponseError](err)
		if !ok || answer.Status != status || server.Count("PUT /presigned") != want {
			t.Errorf("%d: %v after %d tries, want %d", status, err, server.Count("PUT /presigned"), want)
		}
	}
}

func TestAnUploadContinuesAtItsPlace(t *testing.T) {
	server, f := start(t, nil)
	var place files.Place
	sent := log("abc\n")
	errStop := errors.New("stop")
	sent.OnPlace = func(p files.Place) error { place = p; return errStop }
	if err := f.SendLog(t.Context(), sent); !errors.Is(err, errStop) || server.Count("PUT /presigned") != 0 {
		t.Fatalf("%v", err)
	}
	sent.Place, sent.OnPlace = place, nil
	for range 3 { // the second and third find it stored
		if err := f.SendLog(t.Context(), sent); err != nil {
			t.Fatal(err)
		}
	}
	wantStored(t, server, "abc\n", 1)
	if n := server.Count("/s3-signer/v2/signed-s3url"); n != 1 {
		t.Errorf("%d places", n)
	}
}

func TestAConnectionIsCutInTheMiddle(t *testing.T) {
	text := strings.Repeat("0123456789abcde\n", 1<<16)
	var tries atomic.Int32
	var got atomic.Value
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if tries.Add(1) == 1 {
			_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
			panic(http.ErrAbortHandler)
		}
		body, _ := io.ReadAll(r.Body)
		got.Store(string(body))
		if r.Header.Get("If-None-Match") != "*" {
			t.Error("the second try is unconditional")
		}
	}))
	defer store.Close()
	f := files.New(signer{store.URL + "/x?X-Amz-Signature=s"})
	if err := f.SendLog(t.Context(), log(text)); err != nil || tries.Load() != 2 || got.Load() != text {
		t.Errorf("%v after %d tries", err, tries.Load())
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

func TestAHostWithoutConditionsGetsTheBytesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []string
		f := files.New(signer{"https://store.example/x?X-Amz-Signature=s"})
		f.HTTP = host(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			seen = append(seen, r.Header.Get("If-None-Match"))
			switch {
			case len(seen) == 1:
				return nil, io.ErrUnexpectedEOF
			case r.Header.Get("If-None-Match") != "":
				return response(http.StatusNotImplemented, ""), nil
			}
			return response(http.StatusOK, ""), nil
		})
		if err := f.SendLog(t.Context(), log("x")); err != nil || strings.Join(seen, ",") != ",*," {
			t.Errorf("%q, %v", seen, err)
		}
	})
}

func TestAStalledUploadIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		f := files.New(signer{"https://store.example/x"})
		f.HTTP = host(func(r *http.Request) (*http.Response, error) {
			if tries++; tries == 1 {
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			_, _ = io.Copy(io.Discard, r.Body)
			return response(http.StatusOK, ""), nil
		})
		if err := f.SendLog(t.Context(), log("x")); err != nil || tries != 2 {
			t.Errorf("%v after %d tries", err, tries)
		}
		f.Retry.MaxTries, tries = 1, 0
		err := f.SendLog(t.Context(), log("x"))
		if limit, ok := errors.AsType[*core.LimitError](err); !ok || !strings.Contains(limit.What, "no progress") {
			t.Errorf("error %v", err)
		}
	})
}

func TestAnUploadEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		errStop := errors.New("stop")
		f := files.New(signer{"https://store.example/x"})
		f.HTTP = host(func(r *http.Request) (*http.Response, error) {
			cancel(errStop)
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		if err := f.SendLog(ctx, log("x")); !errors.Is(err, errStop) {
			t.Errorf("error %v", err)
		}
	})
}

func TestContentsThatCannotBeSent(t *testing.T) {
	server, f := start(t, nil)
	short := log("abc")
	short.Size = 10
	unreadable := log("")
	unreadable.Content, unreadable.Size = failingReader{bytes.NewReader(make([]byte, 1<<20)), 100_000}, 1<<20
	for name, l := range map[string]files.Log{"short": short, "unreadable": unreadable} {
		err := f.SendLog(t.Context(), l)
		fault, ok := errors.AsType[*files.ContentError](err)
		if !ok || fault.Read >= fault.Size || (name == "unreadable") != errors.Is(err, os.ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, l := range []files.Log{log(""), {Content: strings.NewReader("x"), Size: 1}, {Name: "x", Size: 1}} {
		if _, ok := errors.AsType[*core.ArgumentError](f.SendLog(t.Context(), l)); !ok {
			t.Errorf("%+v was sent", l)
		}
	}
	for _, u := range server.Uploads() {
		if u.Stored > 0 {
			t.Errorf("stored %+v", u)
		}
	}
}

func TestRefusedNames(t *testing.T) {
	_, f := start(t, func(c *emulator.Config) { c.Behavior.PlainTextNames = true })
	bad := log("x")
	bad.Name = "a.bin"
	if err := f.SendLog(t.Context(), bad); err == nil || !strings.Contains(err.Error(), "plain-text extension") {
		t.Errorf("error %v", err)
	}
}
