package files_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/investigations2"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// openCase returns the ID of a case that can be changed.
func openCase(t *testing.T, client ports.Transport) string {
	t.Helper()
	query := "status = 'OPEN'"
	page, err := investigations2.New(client).InvestigationsV2(t.Context(), investigations2.InvestigationsV2Args{
		Arguments: investigations2.InvestigationsV2Arguments{CQL: &query},
	})
	if err != nil || len(page.Investigations) == 0 {
		t.Fatalf("%+v, %v", page, err)
	}
	return page.Investigations[0].ID
}

// older is a server that lacks the operations of cases.
type older struct{ ports.Transport }

func (o older) Execute(ctx context.Context, req *core.Request, out any) error {
	if strings.Contains(strings.ToLower(req.Operation.Name), "casefile") {
		return &core.SchemaError{Operation: req.Operation.Name, NoOperation: true}
	}
	return o.Transport.Execute(ctx, req, out)
}

func (o older) Subscribe(ctx context.Context, req *core.Request) iter.Seq2[json.RawMessage, error] {
	return o.Transport.Subscribe(ctx, req)
}

// onFusion makes a client call fusion.
func onFusion(server *emulator.Server) []taegis.Option {
	return []taegis.Option{taegis.WithEnvironment(server.Fusion.Name), taegis.WithTenant(server.FusionTenant(emulator.DemoTenant))}
}

func TestFilesOfCases(t *testing.T) {
	for name, options := range map[string]func(*emulator.Server) []taegis.Option{
		"cases": func(*emulator.Server) []taegis.Option { return nil },
		"investigations": func(*emulator.Server) []taegis.Option {
			return []taegis.Option{taegis.WithMiddleware(func(next ports.Transport) ports.Transport { return older{next} })}
		},
		"fusion": onFusion,
	} {
		t.Run(name, func(t *testing.T) {
			server, _ := start(t, nil)
			id := openCase(t, connect(t, server))
			f := files.New(connect(t, server, options(server)...))
			text := strings.Repeat("evidence\n", 1000)
			made, err := f.UploadToCase(t.Context(), id, files.Upload{
				Name: "notes.txt", Content: strings.NewReader(text), Size: int64(len(text)),
			})
			if err != nil || made.Status != "UPLOADED" || made.Name != "notes.txt" {
				t.Fatalf("%+v, %v", made, err)
			}
			wantStored(t, server, text, 1)
			server.AddFault("GET /presigned", emulator.Fault{Times: 1, Truncate: true}) // the rest is asked for
			d, err := f.Download(t.Context(), made.ID)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(d)
			if err != nil || string(got) != text || d.File.Name != "notes.txt" || d.Close() != nil {
				t.Errorf("%d bytes, %v, %+v", len(got), err, d.File)
			}
			if n := server.Count("GET /presigned"); n != 2 {
				t.Errorf("%d requests", n)
			}
			if _, err := f.Download(t.Context(), "none"); !errors.Is(err, files.ErrNotFound) {
				t.Errorf("a file that does not exist: %v", err)
			}
			server.AddFault("PUT /presigned", emulator.Fault{Status: 403})
			f.Retry.MaxTries = 2
			if _, err := f.UploadToCase(t.Context(), id, files.Upload{Name: "a.txt", Content: strings.NewReader("x"), Size: 1}); err == nil {
				t.Error("a refused upload gives no error")
			}
			if violations := server.Violations(); len(violations) > 0 {
				t.Errorf("violations: %q", violations)
			}
		})
	}
}

// The context can choose the other platform for a call.
func TestOneClientHasFilesOfBothPlatforms(t *testing.T) {
	server, _ := start(t, nil)
	f := files.New(connect(t, server))
	id := openCase(t, connect(t, server))
	onFusion := taegis.ContextWithTenant(taegis.ContextWithEnvironment(t.Context(), server.Fusion.Name), server.FusionTenant(emulator.DemoTenant))
	made, err := f.UploadToCase(onFusion, id, files.Upload{Name: "a.txt", Content: strings.NewReader("text"), Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	for name, ctx := range map[string]context.Context{"Taegis": t.Context(), "fusion": onFusion} {
		d, err := f.Download(ctx, made.ID) // the emulator has the same cases on both
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text, err := io.ReadAll(d); err != nil || string(text) != "text" || d.Close() != nil {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// TestAClosedDownloadIsNotContinued reads after Close, which must not open another connection.
func TestAClosedDownloadIsNotContinued(t *testing.T) {
	server, _ := start(t, nil)
	client := connect(t, server)
	f := files.New(client)
	made, err := f.UploadToCase(t.Context(), openCase(t, client), files.Upload{Name: "a.txt", Content: strings.NewReader("text"), Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.Download(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if n, err := d.Read(make([]byte, 8)); n != 0 || !errors.Is(err, fs.ErrClosed) {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

func TestAFileWithoutContentIsRemoved(t *testing.T) {
	server, f := start(t, nil)
	server.AddFault("PUT /presigned", emulator.Fault{Status: 403})
	f.Retry.MaxTries = 2
	id := openCase(t, connect(t, server))
	if _, err := f.UploadToCase(t.Context(), id, files.Upload{Name: "a.txt", Content: strings.NewReader("x"), Size: 1}); err == nil {
		t.Fatal("no error")
	}
	if begun, removed := server.Executed("startCaseFileUpload"), server.Executed("deleteCaseFile"); begun != 2 || removed != 2 {
		t.Errorf("%d files begun, %d removed", begun, removed)
	}
}

// failing is a transport that returns an error.
type failing struct {
	ports.Transport
	err error
}

func (f failing) Execute(context.Context, *core.Request, any) error { return f.err }

func TestDownloadsThatFail(t *testing.T) {
	_, f := start(t, nil)
	if _, err := f.Download(t.Context(), "none"); !errors.Is(err, files.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	// Fusion answers with an error for a record that does not exist.
	missing := &core.ResponseError{Operation: "caseFile", Status: 200, RequestID: "r-1", Errors: []core.GraphQLError{
		{Message: "record not found", Path: []any{"caseFile"}, Extensions: map[string]any{"code": "DOWNSTREAM_SERVICE_ERROR"}},
	}}
	if _, err := files.New(failing{err: missing}).Download(t.Context(), "f"); !errors.Is(err, files.ErrNotFound) || !errors.Is(err, missing) {
		t.Errorf("error %v", err)
	}
	if _, err := files.New(signer{""}).Download(t.Context(), "f"); !errors.Is(err, files.ErrNotUploaded) {
		t.Errorf("error %v", err)
	}
}

// broken is a body that breaks off.
type broken struct{ io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (broken) Close() error { return nil }

func TestADownloadContinuesOnlyTheSameContent(t *testing.T) {
	part := func(status int, header ...string) *http.Response {
		resp := response(status, "lo", header...)
		return resp
	}
	for name, c := range map[string]struct {
		tag    string
		second func() *http.Response
		want   string // "" for an error
	}{
		"continued": {`"1"`, func() *http.Response { return part(206, "Content-Range", "bytes 3-4/5") }, "hello"},
		"changed":   {`"1"`, func() *http.Response { return part(200) }, ""},
		"elsewhere": {`"1"`, func() *http.Response { return part(206, "Content-Range", "bytes 0-1/5") }, ""},
		"no tag":    {"", func() *http.Response { return part(206, "Content-Range", "bytes 3-4/5") }, ""},
		"weak tag":  {`W/"1"`, func() *http.Response { return part(206, "Content-Range", "bytes 3-4/5") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tries := 0
				f := files.New(signer{"https://store.example/x"})
				f.HTTP = host(func(r *http.Request) (*http.Response, error) {
					if tries++; tries > 1 {
						if r.Header.Get("Range") != "bytes=3-" || r.Header.Get("If-Range") != c.tag {
							t.Errorf("headers %v", r.Header)
						}
						return c.second(), nil
					}
					resp := response(200, "", "ETag", c.tag)
					resp.Body, resp.ContentLength = broken{strings.NewReader("hel")}, 5
					return resp, nil
				})
				d, err := f.Download(t.Context(), "f")
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(d)
				if c.want == "" && err == nil || c.want != "" && (err != nil || string(text) != c.want) {
					t.Errorf("%q, %v", text, err)
				}
				_ = d.Close()
			})
		})
	}
}

// A host that says the content is shorter than it was uploaded gives an error, not a short file.
func TestADownloadThatIsTooShort(t *testing.T) {
	for _, length := range []int64{4, -1} { // with a length, and without one
		f := files.New(signer{"https://store.example/x"})
		f.HTTP = host(func(*http.Request) (*http.Response, error) {
			resp := response(200, "hell", "ETag", `"1"`)
			resp.ContentLength = length
			return resp, nil
		})
		d, err := f.Download(t.Context(), "f")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(d)
		if answer, ok := errors.AsType[*core.ResponseError](err); string(text) != "hell" || !ok || !strings.Contains(answer.Reason, "after 4 bytes, and the file has 5") {
			t.Errorf("%q, %v", text, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestTypeOf(t *testing.T) {
	for name, want := range map[string]string{
		"a.log": "text/plain", "A.LOG": "text/plain", "a.png": "image/png", "a": "application/octet-stream",
		"a.unheard-of": "application/octet-stream", "a.html": "text/html",
	} {
		if got := files.TypeOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
