package emulator

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// urlLifetime is how long the URL of a file can be used.
const urlLifetime = 15 * time.Minute

// pathPresigned is the path of all URLs of files.
const pathPresigned = "/presigned"

// presigned is what a URL of a file allows.
type presigned struct {
	file    corpus.File
	method  string
	expires time.Time
	stored  func() // called after an upload
}

// fileStore holds the URLs that were given out and the contents that were uploaded. The host of the
// URLs belongs to another party, so a request with a token is a violation.
type fileStore struct {
	mu       sync.Mutex
	base     string // of the second listener, "" if there is none
	last     int
	urls     map[string]presigned
	contents map[string][]byte
}

// next returns a new number.
func (s *fileStore) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return s.last
}

// sign returns a URL that allows what p says.
func (s *fileStore) sign(x *exchange, p presigned) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.urls == nil {
		s.urls, s.contents = map[string]presigned{}, map[string][]byte{}
	}
	signature := rand.Text()
	s.urls[signature] = p
	base := s.base
	if base == "" {
		base = x.baseURL()
	}
	return base + pathPresigned + "/" + url.PathEscape(p.file.Name) + "?X-Amz-Expires=" +
		strconv.Itoa(int(urlLifetime.Seconds())) + "&X-Amz-Signature=" + signature
}

// serveFile serves the URL of a file.
func (x *exchange) serveFile() {
	status, reason, body := x.e.files.serve(x)
	if reason != "" {
		x.w.Header().Set("Content-Type", "application/xml")
		x.w.WriteHeader(status)
		_, _ = fmt.Fprintf(x.w, "<Error><Code>%s</Code></Error>", reason) // the client may have gone
		return
	}
	if body != nil {
		x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body) // the client may have gone
}

// serve checks a request and stores or returns the content.
func (s *fileStore) serve(x *exchange) (status int, reason string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range []string{"Authorization", core.PlatformTaegis.TenantHeader(), core.PlatformFusion.TenantHeader()} {
		if x.r.Header.Get(name) != "" {
			x.e.violate(x.r.Method + " of a presigned URL has the header " + name)
			return http.StatusBadRequest, "InvalidArgument", nil
		}
	}
	p, known := s.urls[x.r.URL.Query().Get("X-Amz-Signature")]
	switch {
	case !known, p.method != x.r.Method:
		return http.StatusForbidden, "SignatureDoesNotMatch", nil
	case x.config.Now().After(p.expires):
		return http.StatusForbidden, "AccessDenied", nil
	case p.method == http.MethodGet:
		return http.StatusOK, "", s.content(p.file)
	case len(x.body) != p.file.Size, x.r.Header.Get("Content-Type") != p.file.Type:
		return http.StatusForbidden, "SignatureDoesNotMatch", nil
	}
	s.contents[p.file.ID] = bytes.Clone(x.body)
	if p.stored != nil {
		p.stored()
	}
	return http.StatusOK, "", nil
}

// content returns the content of a file: what was uploaded, or generated text of its size.
func (s *fileStore) content(f corpus.File) []byte {
	if content, uploaded := s.contents[f.ID]; uploaded {
		return content
	}
	line := f.Name + " of " + f.ID + "\n"
	return []byte(strings.Repeat(line, f.Size/len(line)+1)[:f.Size])
}
