package servers_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/files"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// The routes of signed URLs.
const (
	putFile = "PUT /presigned"
	getFile = "GET /presigned"
)

const fileText = "one line\nanother line\n"

// fileActs are uploads and a download.
func fileActs(t testing.TB) []act {
	t.Helper()
	at, file := knownFile(t)
	return []act{
		{name: "send a log file", way: ways[0], calls: true, run: sendLog},
		{name: "upload a file to a case", way: ways[0], calls: true, first: true, run: func(ctx context.Context, v *session, key string) (any, error) {
			_, err := files.New(v).UploadToCase(ctx, at, files.Upload{Name: key, Content: strings.NewReader(fileText), Size: int64(len(fileText))})
			return v.has(key), err
		}},
		{name: "download a file of a case", way: ways[0], calls: true, run: func(ctx context.Context, v *session, _ string) (any, error) {
			d, err := files.New(v).Download(ctx, file)
			if err != nil {
				return nil, err
			}
			defer func() { _ = d.Close() }() // reading returns what is wrong
			text, err := io.ReadAll(d)
			return text, err
		}},
	}
}

// sendLog returns whether the whole file was stored.
func sendLog(ctx context.Context, v *session, key string) (any, error) {
	ctx = taegis.ContextWithTenant(ctx, emulator.DemoTenant)
	err := files.New(v).SendLog(ctx, files.Log{Name: key + ".log", Content: strings.NewReader(fileText), Size: int64(len(fileText))})
	return v.has(key + ".log"), err
}

// has reports whether the server has the content of a file.
func (w *env) has(name string) bool {
	return slices.ContainsFunc(w.Uploads(), func(u emulator.Upload) bool { return u.Name == name && string(u.Content) == fileText })
}

// noteLie notes that a signed URL is about to be used, which is a secret, and whether its host lies. A
// host that says to have stored what it has not, or gives other content, cannot be told from one that
// does not lie.
func (v *session) noteLie(r *http.Request, answer *http.Response) {
	if !strings.HasPrefix(r.URL.Path, "/presigned/") {
		return
	}
	v.reveals("a signature", r.URL.Query().Get("X-Amz-Signature"))
	honest := answer.Header.Get("ETag") != ""
	if r.Method == http.MethodPut {
		honest = v.has(path.Base(r.URL.Path))
	}
	if answer.StatusCode/100 == 2 && !honest {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.lied = true
	}
}

// wasToldALie reports whether the host of a signed URL has lied.
func (v *session) wasToldALie() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.lied
}

// knownFile returns the ids of a case that is open, and of a file that all servers have.
func knownFile(t testing.TB) (inCase, file string) {
	t.Helper()
	e := emulator.New(emulator.Config{Corpus: equalRecords})
	defer e.Close()
	var answer struct {
		Data struct {
			Cases struct{ Investigations []struct{ ID string } }
			Files struct {
				Files []struct{ ID, Status string }
			}
		}
	}
	query := `{ cases: investigationsV2(arguments: {cql: "status = 'OPEN'` + bounds + `"}) { investigations { id } }
		files: investigationFilesV2(arguments: {}) { files { id status } } }`
	text, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(text)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+e.Token(emulator.DemoClientID))
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	err = json.Unmarshal(w.Body.Bytes(), &answer)
	uploaded := slices.IndexFunc(answer.Data.Files.Files, func(f struct{ ID, Status string }) bool { return f.Status == "UPLOADED" })
	if err != nil || len(answer.Data.Cases.Investigations) == 0 || uploaded < 0 {
		t.Fatalf("%s, %v", w.Body, err)
	}
	return answer.Data.Cases.Investigations[0].ID, answer.Data.Files.Files[uploaded].ID
}
