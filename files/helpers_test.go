package files_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/http"
	"os"
	"strings"
	"testing"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// start serves an emulator and returns a client of it.
func start(t *testing.T, change func(*emulator.Config)) (*emulator.Server, *files.Client) {
	t.Helper()
	server := taegistest.NewServer(t, func(c *emulator.Config) {
		c.AnyTenant = true
		if change != nil {
			change(c)
		}
	})
	return server, files.New(connect(t, server))
}

func connect(t *testing.T, server *emulator.Server, options ...taegis.Option) *taegis.Client {
	t.Helper()
	variables := map[string]string{
		"CLIENT_ID": emulator.DemoClientID, "CLIENT_SECRET": emulator.DemoClientSecret, "TAEGIS_NO_INPUT": "1",
		"TAEGIS_CONFIG_FILE": t.TempDir() + "/config", "SOPHOS_CLIENT_ID": emulator.DemoSophosClientID,
		"SOPHOS_CLIENT_SECRET": emulator.DemoSophosClientSecret,
	}
	client, err := taegis.New(append([]taegis.Option{
		taegis.WithEnvironments(server.Environment, server.Fusion), taegis.WithEnvironment("loopback"), taegis.WithTenant("11063"),
		taegis.WithLookupEnv(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }),
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

// log is a log file with those bytes.
func log(text string) files.Log {
	return files.Log{Name: "a.log", Content: strings.NewReader(text), Size: int64(len(text))}
}

// wantStored checks the only object with content.
func wantStored(t *testing.T, server *emulator.Server, content string, times int) {
	t.Helper()
	var stored []emulator.Upload
	for _, u := range server.Uploads() {
		if u.Stored > 0 {
			stored = append(stored, u)
		}
	}
	if len(stored) != 1 || string(stored[0].Content) != content || stored[0].Stored != times {
		t.Errorf("stored %+v, want %d bytes, %d times", stored, len(content), times)
	}
}

// signer is a transport that signs one URL.
type signer struct{ url string }

func (s signer) Execute(_ context.Context, req *core.Request, out any) error {
	switch req.Operation.Name {
	case "signed-s3url":
		return json.Unmarshal([]byte(`{"location": "`+s.url+`", "headers": {"X-Amz-Acl": "private", "Authorization": "Bearer x", "x-tenant-id": "1", "PROXY-AUTHORIZATION": "x", "Cookie": ["a=b"]}}`), out)
	case "caseFile":
		return json.Unmarshal([]byte(`{"id": "f", "name": "n", "size": 5, "status": "UPLOADED", "downloadURL": "`+s.url+`"}`), out)
	}
	return errors.New("not expected: " + req.Operation.Name)
}

func (signer) Subscribe(context.Context, *core.Request) iter.Seq2[json.RawMessage, error] { return nil }

// host is the host of a signed URL.
type host func(*http.Request) (*http.Response, error)

func (h host) RoundTrip(r *http.Request) (*http.Response, error) { return h(r) }

func response(status int, body string, header ...string) *http.Response {
	resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// failingReader is a content that cannot be read from an offset on.
type failingReader struct {
	*bytes.Reader
	from int64
}

func (f failingReader) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > f.from {
		return 0, os.ErrPermission
	}
	return f.Reader.ReadAt(p, at)
}
