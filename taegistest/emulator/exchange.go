package emulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/taegis-go/taegis/core"
)

// The largest request bodies, in bytes.
const (
	maxBody   = 16 << 20
	maxUpload = 1 << 30 // to a presigned URL
)

// exchange is one request with its response and the configuration that applies to it.
type exchange struct {
	e      *Emulator
	config *Config
	w      *statusWriter
	r      *http.Request
	id     string // X-Request-Id
	body   []byte
	// refused is set if the condition of an upload does not hold. Its body was not read.
	refused bool
	// operations are the names and root fields of the GraphQL document, if there is one.
	operations []string
	// expired makes tokens that this exchange issues expired from the start.
	expired bool
}

// endpoint serves an exchange.
type endpoint func(*exchange)

func (e *Emulator) newExchange(w http.ResponseWriter, r *http.Request) (*exchange, error) {
	limit := int64(maxBody)
	if isPresigned(r.URL.Path) {
		limit = maxUpload
	}
	config := e.config.Load()
	refused := !config.Behavior.NoConditions && e.files.refuses(r)
	var body []byte
	if !refused { // else it is not read, for a client that waits for the status 100
		var err error
		if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, limit)); err != nil {
			return nil, err
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	x := &exchange{e: e, config: config, refused: refused, w: &statusWriter{ResponseWriter: w}, r: r, id: e.journal.nextID(), body: body}
	w.Header().Set("X-Request-Id", x.id)
	if e.gateways[r.URL.Path] != nil {
		x.operations = operationNames(body)
	}
	return x, nil
}

// routeNames returns the routes of the exchange, for faults and counts.
func (x *exchange) routeNames() []string {
	names := routeNames(x.r.URL.Path, x.operations, true)
	if isPresigned(x.r.URL.Path) {
		names = append(names, pathPresigned, x.r.Method+" "+pathPresigned)
	}
	return names
}

// tenant returns the tenant of the request, from the header of its platform or from the
// subprotocols.
func (x *exchange) tenant() string {
	if x.platform() == core.PlatformFusion {
		return x.r.Header.Get(core.PlatformFusion.TenantHeader())
	}
	return orDefault(x.r.Header.Get("X-Tenant-Context"), subprotocolValue(x.r, "x-tenant-context-"))
}

// bearer returns the access token, from the header or from the subprotocols.
func (x *exchange) bearer() string {
	if scheme, token, ok := strings.Cut(x.r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return token
	}
	return subprotocolValue(x.r, "access-token-")
}

// subprotocolValue returns the rest of the offered WebSocket subprotocol that starts with prefix.
func subprotocolValue(r *http.Request, prefix string) string {
	for _, line := range r.Header.Values("Sec-WebSocket-Protocol") {
		for offer := range strings.SplitSeq(line, ",") {
			if value, ok := strings.CutPrefix(strings.TrimSpace(offer), prefix); ok {
				return value
			}
		}
	}
	return ""
}

// basic returns the credentials of HTTP Basic authentication as the service reads them: raw,
// not form-encoded.
func (x *exchange) basic() (id, secret string, ok bool) {
	scheme, encoded, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	return strings.Cut(string(raw), ":")
}

// params reads the body's string members, from JSON or from a form.
func (x *exchange) params() (map[string]string, error) {
	params := map[string]string{}
	media, _, _ := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	if media != "application/json" {
		form, err := url.ParseQuery(string(x.body))
		for name := range form {
			params[name] = form.Get(name)
		}
		return params, err
	}
	var members map[string]any
	if err := json.Unmarshal(x.body, &members); err != nil {
		return nil, fmt.Errorf("the body is not a JSON object: %w", err)
	}
	for name, value := range members {
		if text, ok := value.(string); ok {
			params[name] = text
		}
	}
	return params, nil
}

// json responds with a JSON body.
func (x *exchange) json(status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // the emulator's own values always encode
	}
	x.w.Header().Set("Content-Type", "application/json")
	x.w.WriteHeader(status)
	_, _ = x.w.Write(text) // the client may have disconnected
}

// oauthError responds with an error in the form of RFC 6749, section 5.2.
func (x *exchange) oauthError(status int, code, description string) {
	x.json(status, map[string]string{"error": code, "error_description": description})
}

// baseURL returns the base URL that the client used.
func (x *exchange) baseURL() string {
	scheme := "http://"
	if x.r.TLS != nil {
		scheme = "https://"
	}
	return scheme + x.r.Host
}

// statusWriter stores the status of the response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] find the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
