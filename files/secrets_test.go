package files_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
)

// canary is a part of each signed URL of these tests.
const canary = "c4n4ry"

// No error contains the signed URL, whatever the host does.
func TestErrorsKeepTheURL(t *testing.T) {
	document := "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>" + canary + "</StringToSign></Error>"
	for name, answer := range map[string]host{
		"denied":    func(*http.Request) (*http.Response, error) { return response(403, document), nil },
		"not found": func(*http.Request) (*http.Response, error) { return response(404, document), nil },
		"code": func(*http.Request) (*http.Response, error) {
			return response(404, "<Code>"+canary+"&amp;x</Code>"), nil
		},
		"failing": func(*http.Request) (*http.Response, error) { return response(500, document), nil },
		"broken":  func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"redirect": func(*http.Request) (*http.Response, error) {
			return response(307, "", "Location", "http://other.example/"+canary), nil
		},
		"no redirect": func(*http.Request) (*http.Response, error) {
			return response(302, "", "Location", "https://%zz/"+canary), nil
		},
		"tls": func(*http.Request) (*http.Response, error) { return nil, tls.RecordHeaderError{Msg: "first record"} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := files.New(signer{"https://store.example/" + canary + "?X-Amz-Signature=" + canary})
				f.HTTP = answer
				_, down := f.Download(t.Context(), "f")
				for _, err := range []error{f.SendLog(t.Context(), log("x")), down} {
					if err == nil || strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), canary) || !strings.Contains(err.Error(), "store.example") {
						t.Errorf("error %v", err)
					}
				}
			})
		})
	}
}

func TestURLsThatAreNotUsed(t *testing.T) {
	for _, url := range []string{
		"http://store.example/" + canary, "ftp://store.example/" + canary, "https:///" + canary, "https://%zz/" + canary,
		"https://u:" + canary + "@store.example/x", canary, "//store.example/" + canary,
	} {
		f := files.New(signer{url})
		f.HTTP = host(func(*http.Request) (*http.Response, error) { return nil, errors.New("it was used") })
		_, down := f.Download(t.Context(), "f")
		for _, err := range []error{f.SendLog(t.Context(), log("x")), down} {
			if answer, ok := errors.AsType[*core.ResponseError](err); !ok || !strings.Contains(answer.Reason, "signed URL") || strings.Contains(err.Error(), canary) {
				t.Errorf("%s: %v", url, err)
			}
		}
	}
	if err := files.New(signer{""}).SendLog(t.Context(), log("x")); err == nil || !strings.Contains(err.Error(), "no location") {
		t.Errorf("error %v", err)
	}
}

// A host gets the headers that were signed, but none that could carry a secret, and another host
// gets neither the content nor the URL that led to it.
func TestHeadersOfSignedHosts(t *testing.T) {
	var other []http.Header
	second := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		other = append(other, r.Header.Clone())
		_, _ = io.WriteString(w, "hello")
	}))
	defer second.Close()
	var first http.Header
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first = r.Header.Clone()
		_, _ = io.Copy(io.Discard, r.Body)
		http.Redirect(w, r, second.URL, http.StatusTemporaryRedirect)
	}))
	defer store.Close()
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	f := files.New(signer{store.URL + "/?X-Amz-Signature=" + canary})
	err := f.SendLog(t.Context(), log("x"))
	if answer, ok := errors.AsType[*core.ResponseError](err); !ok || answer.Status != 307 || len(other) != 0 {
		t.Errorf("%v, other host %v", err, other)
	}
	for _, name := range []string{"Authorization", "Cookie", "X-Tenant-Context", "X-Tenant-Id", "Proxy-Authorization", "Referer"} {
		if first.Get(name) != "" {
			t.Errorf("the header %s: %q", name, first.Get(name))
		}
	}
	if first.Get("X-Amz-Acl") != "private" {
		t.Errorf("headers %v", first)
	}
	d, err := f.Download(t.Context(), "f")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	if text, err := io.ReadAll(d); err != nil || string(text) != "hello" || len(other) != 1 {
		t.Errorf("%q, %v", text, err)
	}
	if shown := fmt.Sprint(other); strings.Contains(shown, canary) || strings.Contains(shown, "Referer") {
		t.Errorf("the other host got %s", shown)
	}
}
