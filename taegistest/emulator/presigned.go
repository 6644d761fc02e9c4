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

	"github.com/taegis-go/taegis/internal/headers"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// urlLifetime is how long the URL of a file can be used unless the behavior selects another time.
const urlLifetime = 15 * time.Minute

// pathPresigned is the path of all URLs of files.
const pathPresigned = "/presigned"

// signatureParameter is the parameter of a URL that allows its use.
const signatureParameter = "X-Amz-Signature"

func isPresigned(path string) bool { return strings.HasPrefix(path, pathPresigned+"/") }

// presigned is what a URL of a file allows.
type presigned struct {
	file    corpus.File
	method  string
	expires time.Time
	upload  *Upload // of a PUT
	stored  func()  // called after an upload, may be nil
}

// fileStore holds the URLs that were given out and the contents that were uploaded. The host of the
// URLs belongs to another party, so a request with a token is a violation.
type fileStore struct {
	mu       sync.Mutex
	base     string // of the second listener, "" if there is none
	last     int
	urls     map[string]presigned
	contents map[string][]byte
	uploads  []*Upload
}

// next returns a new number.
func (s *fileStore) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	return s.last
}

// sign returns a URL that allows what p says, for as long as the behavior says.
func (s *fileStore) sign(x *exchange, p presigned) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.urls == nil {
		s.urls, s.contents = map[string]presigned{}, map[string][]byte{}
	}
	lifetime := orDefault(x.config.Behavior.UploadLifetime, urlLifetime)
	p.expires = x.config.Now().Add(lifetime)
	if p.upload != nil {
		s.uploads = append(s.uploads, p.upload)
	}
	signature := rand.Text()
	s.urls[signature] = p
	base := s.base
	if base == "" {
		base = x.baseURL()
	}
	return base + pathPresigned + "/" + url.PathEscape(p.file.Name) + "?X-Amz-Expires=" +
		strconv.Itoa(int(lifetime.Seconds())) + "&" + signatureParameter + "=" + signature
}

// serveFile serves the URL of a file.
func (x *exchange) serveFile() {
	status, reason, p := x.e.files.serve(x)
	switch {
	case reason != "":
		x.w.Header().Set("Content-Type", "application/xml")
		x.w.WriteHeader(status)
		_, _ = fmt.Fprintf(x.w, "<Error><Code>%s</Code></Error>", reason) // the client may have gone
	case p.method == http.MethodGet:
		x.w.Header().Set("Content-Type", orDefault(p.file.Type, "binary/octet-stream"))
		x.w.Header().Set("ETag", strconv.Quote(p.file.ID))
		http.ServeContent(x.w, x.r, "", time.Time{}, bytes.NewReader(x.e.files.content(p.file)))
	default:
		x.w.WriteHeader(status)
	}
}

// refuses reports whether a request asks for an upload only if nothing is stored, and something is.
func (s *fileStore) refuses(r *http.Request) bool {
	if r.Method != http.MethodPut || r.Header.Get("If-None-Match") != "*" || !isPresigned(r.URL.Path) {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, known := s.urls[r.URL.Query().Get(signatureParameter)]
	return known && p.upload != nil && p.upload.Stored > 0
}

// serve checks a request and stores the content of an upload.
func (s *fileStore) serve(x *exchange) (status int, reason string, p presigned) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range x.r.Header {
		if headers.CarriesIdentity(name) {
			x.e.violate(x.r.Method + " of a presigned URL has the header " + name)
			return http.StatusBadRequest, "InvalidArgument", p
		}
	}
	p, known := s.urls[x.r.URL.Query().Get(signatureParameter)]
	if known && p.upload != nil {
		p.upload.Requests++
	}
	switch {
	case !known, p.method != x.r.Method:
		return http.StatusForbidden, "SignatureDoesNotMatch", p
	case x.config.Now().After(p.expires):
		return http.StatusForbidden, "AccessDenied", p
	case p.method == http.MethodGet:
		return http.StatusOK, "", p
	case x.refused:
		return http.StatusPreconditionFailed, "PreconditionFailed", p
	case len(x.body) != p.file.Size, x.r.Header.Get("Content-Type") != p.file.Type:
		return http.StatusForbidden, "SignatureDoesNotMatch", p
	}
	content := bytes.Clone(x.body)
	s.contents[p.file.ID] = content
	p.upload.Content = content
	p.upload.Stored++
	if p.stored != nil {
		p.stored()
	}
	return http.StatusOK, "", p
}

// content returns the content of a file: what was uploaded, or generated text of its size.
func (s *fileStore) content(f corpus.File) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if content, uploaded := s.contents[f.ID]; uploaded {
		return content
	}
	line := f.Name + " of " + f.ID + "\n"
	return []byte(strings.Repeat(line, f.Size/len(line)+1)[:f.Size])
}
