//go:build linux

package week_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The operations that the service uses.
const (
	searchOperation  = "alertsServiceSearch"
	pollOperation    = "alertsServicePoll"
	resolveOperation = "alertsServiceUpdateResolutionInfo"
	followOperation  = "alertsServiceBulkResolutionProcessor"
)

// question is the body of a request.
type question struct {
	Query         string `json:"query"`
	OperationName string `json:"operationName"`
	Variables     struct {
		In map[string]any `json:"in"`
	} `json:"variables"`
}

// text returns an argument's string, "" where there is none.
func (q *question) text(name string) string {
	value, _ := q.Variables.In[name].(string)
	return value
}

// number returns an argument's number, 0 where there is none.
func (q *question) number(name string) int {
	value, _ := q.Variables.In[name].(float64)
	return int(value)
}

// graphQL answers a request, or lets it go wrong.
func (s *server) graphQL(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Upgrade") != "" {
		s.stream(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	fault := s.fault()
	switch fault {
	case failed:
		w.WriteHeader(http.StatusInternalServerError)
		return
	case proxied:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><body>Bad Gateway</body></html>") // the reader may be gone
		return
	case limited:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case dropped:
		panic(http.ErrAbortHandler)
	case slow:
		time.Sleep(slowness)
	case stuck:
		<-r.Context().Done()
		return
	}
	if _, ok := s.accepts(r); !ok {
		reject(w)
		return
	}
	record := s.respond(r, body)
	switch fault {
	case failedLate:
		w.WriteHeader(http.StatusServiceUnavailable)
	case lostAnswer:
		panic(http.ErrAbortHandler)
	case torn:
		w.Header().Set("Content-Length", strconv.Itoa(record.Body.Len()))
		_, _ = w.Write(record.Body.Bytes()[:record.Body.Len()/2])
		_ = http.NewResponseController(w).Flush() // so that the half arrives
		panic(http.ErrAbortHandler)
	default:
		replay(w, record)
	}
}

// fault returns what goes wrong with the request that has come.
func (s *server) fault() fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counters.Calls++
	f := s.faults[s.request]
	s.request++
	if f != none {
		s.counters.Faults[f]++
	}
	return f
}

// respond executes a request.
func (s *server) respond(r *http.Request, body []byte) *httptest.ResponseRecorder {
	var q question
	if err := json.Unmarshal(body, &q); err != nil || strings.Contains(q.Query, "__schema") {
		return s.emulate(r, body)
	}
	a := s.checked(r, &q)
	if a.rejection != nil {
		return a.rejection
	}
	value := maps.Clone(a.value)
	switch q.OperationName {
	case searchOperation:
		s.search(&q, r.Header.Get("X-Tenant-Context"), a, value)
	case pollOperation:
		id, _ := parseSearch(q.text("search_id"))
		s.part(id, q.number("part_id"), a, value)
	case resolveOperation:
		s.mu.Lock()
		s.executed[q.text("reason")]++
		s.mu.Unlock()
	}
	record := httptest.NewRecorder()
	record.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(record).Encode(map[string]any{"data": map[string]any{q.OperationName: value}}); err != nil {
		panic(err)
	}
	return record
}

// search is a search, as its id tells: stateless, so that a server which runs for a week keeps
// none.
type search struct {
	tenant               string
	offset, parts, total int
}

const searchForm = "%s %d %d %d"

func (f search) id() string { return fmt.Sprintf(searchForm, f.tenant, f.offset, f.parts, f.total) }

func parseSearch(id string) (f search, err error) {
	_, err = fmt.Sscanf(id, searchForm, &f.tenant, &f.offset, &f.parts, &f.total)
	return f, err
}

// partSize is how many alerts a part holds. Parts are full, beyond the limit that was asked for
// too.
const partSize = 10

// resolved begins a query for an alert that has been resolved.
const resolved = "resolved:"

// search answers with the first part of what there is by now.
func (s *server) search(q *question, tenant string, a *answer, value map[string]any) {
	s.mu.Lock()
	now := s.now.Sub(s.Plan.Start)
	key, asksOne := strings.CutPrefix(q.text("cql_query"), resolved)
	done := s.executed[key] > 0
	s.mu.Unlock()
	if asksOne {
		var ids []string
		if done {
			ids = []string{key}
		}
		a.page(value, "", 1, 1, len(ids), ids)
		return
	}
	n, err := strconv.Atoi(strings.TrimPrefix(tenant, "tenant-"))
	if err != nil || n >= len(s.alerts) {
		panic("no tenant: " + tenant)
	}
	f := search{tenant: tenant, offset: q.number("offset")}
	f.total, _ = slices.BinarySearchFunc(s.alerts[n], now, func(at, now time.Duration) int {
		if at <= now {
			return -1
		}
		return 1
	})
	wanted := min(q.number("limit"), f.total-f.offset)
	f.parts = max((wanted+partSize-1)/partSize, 1)
	s.part(f, 1, a, value)
}

// part answers with a part of a search.
func (s *server) part(f search, part int, a *answer, value map[string]any) {
	id := ""
	if f.parts > 1 {
		id = f.id()
	}
	var ids []string
	for n := f.offset + (part-1)*partSize; n < min(f.offset+part*partSize, f.total); n++ {
		ids = append(ids, alertID(f.tenant, n))
	}
	a.page(value, id, part, f.parts, f.total, ids)
}

// answer is what the emulator has said to a document, from which further answers are made.
type answer struct {
	once      sync.Once
	rejection *httptest.ResponseRecorder
	value     map[string]any
	// before and after stand around an alert's id.
	before, after []byte
}

// page fills in what the document asks for of a part of a search.
func (a *answer) page(value map[string]any, id string, part, parts, total int, ids []string) {
	list := make([]json.RawMessage, len(ids))
	for i, id := range ids {
		list[i] = slices.Concat(a.before, []byte(id), a.after)
	}
	fill := func(object map[string]any, name string, value any) {
		if _, asked := object[name]; asked {
			object[name] = value
		}
	}
	fill(value, "search_id", id)
	inner, _ := value["alerts"].(map[string]any)
	page := maps.Clone(inner)
	for name, value := range map[string]any{"total_results": total, "total_parts": parts, "part": part, "list": list} {
		fill(page, name, value)
	}
	value["alerts"] = page
}

// checked returns what the emulator says to a document, which it is asked once for each version of
// the schema.
func (s *server) checked(r *http.Request, q *question) *answer {
	s.mu.Lock()
	a := s.answers[q.Query]
	if a == nil {
		a = &answer{}
		s.answers[q.Query] = a
	}
	s.mu.Unlock()
	a.once.Do(func() { s.check(r, q, a) })
	if a.rejection != nil {
		s.mu.Lock()
		s.counters.Documents++
		s.mu.Unlock()
	}
	return a
}

// check asks the emulator, for alerts that it has.
func (s *server) check(r *http.Request, q *question, a *answer) {
	asked := *q
	asked.Variables.In = maps.Clone(q.Variables.In)
	switch q.OperationName {
	case searchOperation:
		asked.Variables.In["offset"], asked.Variables.In["limit"] = 0, pageSize
		asked.Variables.In["cql_query"] = "FROM alert EARLIEST=-1y" // all that the emulator has
	case pollOperation:
		asked.Variables.In["search_id"], asked.Variables.In["part_id"] = s.searchID, 2
	}
	body, err := json.Marshal(asked)
	if err != nil {
		panic(err)
	}
	own := r.Clone(r.Context())
	own.Header.Del("X-Tenant-Context") // the emulator has alerts of the account's tenant only
	record := s.emulate(own, body)
	var said struct {
		Data map[string]map[string]any
	}
	if err := json.Unmarshal(record.Body.Bytes(), &said); err != nil || said.Data[q.OperationName] == nil {
		a.rejection = record
		return
	}
	a.value = said.Data[q.OperationName]
	if id, ok := a.value["search_id"].(string); ok && id != "" {
		s.searchID = id // a service searches before it polls
	}
	if page, ok := a.value["alerts"].(map[string]any); ok {
		a.keep(page["list"].([]any)[0].(map[string]any))
	}
}

// keep makes an alert the pattern of others.
func (a *answer) keep(alert map[string]any) {
	const place = "the place of the id"
	alert["id"] = place
	text, err := json.Marshal(alert)
	if err != nil {
		panic(err)
	}
	a.before, a.after, _ = bytes.Cut(text, []byte(place))
}

// emulate lets the emulator answer.
func (s *server) emulate(r *http.Request, body []byte) *httptest.ResponseRecorder {
	record := httptest.NewRecorder()
	again := r.Clone(r.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	s.emulator.ServeHTTP(record, again)
	return record
}
