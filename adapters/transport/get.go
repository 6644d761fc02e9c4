package transport

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/redact"
	"github.com/taegis-go/taegis/internal/shellquote"
)

// get sends a request of a REST interface, [core.KindGet], and decodes the whole answer into out.
func (h *HTTP) get(ctx context.Context, req *core.Request, out any) error {
	if req.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, req.Timeout, late(req.Timeout, "WithTimeout"))
		defer cancel()
	}
	address, err := addressOfGet(req)
	if err != nil {
		return err
	}
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return &core.ConnectionError{Operation: nameOf(req), Host: address.Host, Err: err}
	}
	get.Header = h.header(req)
	get.Header.Del("Content-Type")
	resp, err := h.client().Do(get) //nolint:bodyclose // discard does
	if err != nil {
		return failure(ctx, req, address.Host, resp, true, err)
	}
	defer discard(resp.Body)
	noteResponse(ctx, req, resp)
	limits := h.Limits.OrDefault()
	if resp.StatusCode/100 != 2 {
		return read(ctx, req, resp, limits, nil)
	}
	return readObject(ctx, req, resp, limits, out)
}

// addressOfGet returns the URL of a GET request, with its arguments as the query.
func addressOfGet(req *core.Request) (*url.URL, error) {
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

// readObject decodes the answer to a GET request into out, which may be nil.
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

// curlGet is curl for a GET request.
func curlGet(req *core.Request) string {
	address, err := addressOfGet(req)
	if err != nil {
		return ""
	}
	words := []string{"curl", "-sS", shellquote.Word(redact.Text(address.String())), "-H", bearerOfCurl}
	return strings.Join(append(words, headersOfCurl(req)...), " ")
}
