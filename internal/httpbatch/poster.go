package httpbatch

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/retry"
	"github.com/taegis-go/taegis/internal/sinkfault"
)

// Poster posts bodies to one collector.
type Poster struct {
	Sink string // its name in errors

	config    Config
	address   *url.URL
	client    *http.Client
	closeIdle bool // the client is the poster's own
	secrets   []string
}

// Answer is an answer with a status that lies with the body: of success, or of a refusal.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // at most its first longestAnswer bytes
}

// longestAnswer is how much of an answer is read, in bytes.
const longestAnswer = 256 << 10

// OK reports whether the status is one of success.
func (a *Answer) OK() bool { return a.Status/100 == 2 }

// Address returns the URL with another path, which replaces its own, and a query.
func (p *Poster) Address(path string, query url.Values) string {
	u := *p.address
	u.Path, u.RawPath, u.RawQuery = path, "", query.Encode()
	return u.String()
}

// URL returns the URL of the configuration.
func (p *Poster) URL() *url.URL { return p.address }

// Close closes idle connections.
func (p *Poster) Close() {
	if p.closeIdle {
		p.client.CloseIdleConnections()
	}
}

// Post posts a body to an address. It repeats requests that fail for a reason that passes, within
// the limits of the configuration. Its answer has a status of success, or 400, 413 or 422; for any
// other one, and if there is no answer, the error is a [*core.SinkError].
func (p *Poster) Post(ctx context.Context, address string, body []byte, header http.Header) (*Answer, error) {
	if ctx.Err() != nil {
		return nil, sinkfault.Ended(ctx, p.Sink)
	}
	sent, err := p.encode(body)
	if err != nil {
		return nil, err
	}
	var answer *Answer
	err = retry.Do(ctx, p.config.Retry, func(ctx context.Context) error {
		var err error
		answer, err = p.once(ctx, address, sent, header)
		if fault, ok := errors.AsType[*core.SinkError](err); ok && !fault.Permanent && ctx.Err() == nil {
			return retry.Transient(fault, fault.RetryAfter)
		}
		return err
	})
	switch fault, ok := errors.AsType[*core.SinkError](err); {
	case err == nil:
		return answer, nil
	case ctx.Err() != nil:
		return nil, sinkfault.Ended(ctx, p.Sink)
	case ok:
		return nil, fault
	}
	return nil, p.fault(err.Error(), "", err)
}

func (p *Poster) encode(body []byte) ([]byte, error) {
	if !p.config.Gzip {
		return body, nil
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(body); err != nil {
		return nil, err
	}
	err := writer.Close()
	return packed.Bytes(), err
}

var errTimeout = errors.New("time limit")

// once posts a body once.
func (p *Poster) once(ctx context.Context, address string, body []byte, header http.Header) (*Answer, error) {
	limited, cancel := context.WithTimeoutCause(ctx, p.config.Timeout, errTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(limited, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, p.permanent("URL cannot be used", "check URL", nil) // the cause has the URL
	}
	if err := p.prepare(limited, req, header); err != nil {
		return nil, err
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, p.broken(limited, err)
	}
	defer resp.Body.Close()
	answer := &Answer{Status: resp.StatusCode, Header: resp.Header}
	answer.Body, err = io.ReadAll(io.LimitReader(resp.Body, longestAnswer))
	if err != nil && answer.OK() {
		return nil, p.broken(limited, fmt.Errorf("the answer ended early: %w", err))
	}
	return answer, p.judge(answer)
}

func (p *Poster) prepare(ctx context.Context, req *http.Request, header http.Header) error {
	maps.Copy(req.Header, header)
	req.Header.Set("Content-Type", p.config.ContentType)
	req.Header.Set("User-Agent", "taegis-go")
	if p.config.Gzip {
		req.Header.Set("Content-Encoding", "gzip")
	}
	p.secrets = p.secrets[:0]
	p.set(req, p.config.Headers)
	if p.config.HeaderFunc == nil {
		return nil
	}
	more, err := p.config.HeaderFunc(ctx)
	if err != nil {
		return p.permanent("its headers cannot be obtained: "+err.Error(), core.Hint(err), err)
	}
	for name, value := range more {
		if hint := headerFault(name, value); hint != "" {
			return p.permanent("the header "+name+" cannot be sent", hint, nil)
		}
	}
	p.set(req, more)
	return nil
}

func (p *Poster) set(req *http.Request, headers map[string]core.Secret) {
	for name, value := range headers {
		req.Header.Set(name, value.Reveal())
		for word := range strings.FieldsSeq(value.Reveal()) { // without the scheme of Authorization
			if len(word) >= 6 && !strings.EqualFold(word, "Bearer") && !strings.EqualFold(word, "Splunk") {
				p.secrets = append(p.secrets, word)
			}
		}
	}
	slices.SortFunc(p.secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
}

// hide removes the values of headers from a text of the server.
func (p *Poster) hide(text string) string {
	for _, secret := range p.secrets {
		text = strings.ReplaceAll(text, secret, redact.Mark)
	}
	return text
}

// longestPause is the longest pause of a Retry-After header that is believable, so that a wrong one
// does not stop an export.
const longestPause = time.Hour
