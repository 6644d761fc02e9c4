package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
	"github.com/taegis-go/taegis/internal/text"
)

// rest sends a request of a REST interface, [core.KindGet] or [core.KindPost], and decodes the
// whole answer into out.
func (h *HTTP) rest(ctx context.Context, req *core.Request, out any) error {
	if req.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, req.Timeout, late(req.Timeout, "WithTimeout"))
		defer cancel()
	}
	address, err := addressOfREST(req)
	if err != nil {
		return err
	}
	ask, err := http.NewRequestWithContext(ctx, methodOfREST(req), address.String(), http.NoBody)
	if err != nil {
		return &core.ConnectionError{Operation: nameOf(req), Host: address.Host, Err: err}
	}
	ask.Header = h.header(req)
	ask.Header.Del("Content-Type")
	resp, err := h.client().Do(ask) //nolint:bodyclose // discard does
	if err != nil {
		return failure(ctx, req, address.Host, resp, true, err)
	}
	defer discard(resp.Body)
	noteResponse(ctx, req, resp)
	limits := h.Limits.OrDefault()
	if resp.StatusCode/100 != 2 {
		return readRefusal(ctx, req, resp, limits)
	}
	return readObject(ctx, req, resp, limits, out)
}

func methodOfREST(req *core.Request) string {
	if req.Operation.Kind == core.KindPost {
		return http.MethodPost
	}
	return http.MethodGet
}

// addressOfREST returns the URL of a request of a REST interface, with its arguments as the query.
func addressOfREST(req *core.Request) (*url.URL, error) {
	address, err := addressOf(req)
	if err != nil {
		return nil, err
	}
	args, err := parseArguments(req.Args)
	if err == nil {
		err = args.fit(req.Operation)
	}
	if err != nil {
		return nil, ofOperation(err, req)
	}
	query := url.Values{}
	for name, value := range args {
		var text string
		if json.Unmarshal(value, &text) != nil {
			text = string(value) // a number or a boolean
		}
		query.Set(name, text)
	}
	address.RawQuery = query.Encode()
	return address, nil
}

// readRefusal returns the error for an answer without success. A REST interface may give its reason
// as plain text.
func readRefusal(ctx context.Context, req *core.Request, resp *http.Response, limits core.Limits) error {
	head, _ := io.ReadAll(io.LimitReader(resp.Body, longestAnswer)) // read fails likewise
	shown := *resp
	shown.Body = io.NopCloser(io.MultiReader(bytes.NewReader(head), resp.Body))
	err := read(ctx, req, &shown, limits, nil)
	fault, ok := errors.AsType[*core.ResponseError](err)
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if ok && fault.Err == nil && media == "text/plain" && firstOf(head) != 0 {
		fault.Reason = text.Short(redact.Text(secretsOf(req).removeFrom(string(head))), longestMessage)
	}
	return err
}

// readObject decodes the answer of a REST interface into out, which may be nil.
func readObject(ctx context.Context, req *core.Request, resp *http.Response, limits core.Limits, out any) error {
	text := buffers.Get().(*bytes.Buffer)
	defer release(text)
	b := &body{r: resp.Body, limit: limits.ResponseBytes, left: limits.ResponseBytes}
	err := b.readAll(text, resp.ContentLength)
	if brokenOff(err) {
		return &core.ConnectionError{
			Operation: nameOf(req), Host: hostOf(req), Sent: true,
			Err: fmt.Errorf("the response is incomplete: %w", reason(ctx, err)),
		}
	}
	fault := &core.ResponseError{
		Operation: nameOf(req), Host: hostOf(req), Status: resp.StatusCode, RequestID: resp.Header.Get("X-Request-Id"), Err: err,
	}
	if out == nil {
		out = new(json.RawMessage)
	}
	if err == nil {
		if err = json.Unmarshal(withoutMark(text.Bytes()), out); err == nil {
			return nil
		}
		fault.Reason, fault.Err = "the response does not have the expected shape", err
	}
	if b.first != '{' {
		fault.Reason = strings.Replace(b.describe(resp.Header.Get("Content-Type")), "GraphQL", "a JSON object", 1)
	}
	return fault
}

// curlREST is curl for a request of a REST interface.
func curlREST(req *core.Request) string {
	address, err := addressOfREST(req)
	if err != nil {
		return ""
	}
	words := []string{"curl", "-sS"}
	if req.Operation.Kind == core.KindPost {
		words = append(words, "-X", "POST")
	}
	words = append(words, shellquote.Word(redact.Text(address.String())), "-H", bearerOfCurl)
	if req.Tenant != "" && req.Operation.Kind == core.KindPost {
		words = append(words, "-H", shellquote.Word(req.Environment.Platform.TenantHeader()+": "+req.Tenant))
	}
	return strings.Join(append(words, headersOfCurl(req)...), " ")
}
