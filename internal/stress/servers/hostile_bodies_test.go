package servers_test

import (
	"compress/gzip"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/stress"
)

// answering starts a server that answers each request with a status and what write writes, until it
// is done or the reader has gone. It counts the requests.
func answering(t *testing.T, status int, header http.Header, write func(io.Writer) error) (url string, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_ = write(w) // the client hangs up
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

// endless writes begin and then again and again what repeats, until its reader has gone.
func endless(begin, repeated string) func(io.Writer) error {
	block := []byte(strings.Repeat(repeated, 1+(64<<10)/len(repeated)))
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, begin); err != nil {
			return err
		}
		for {
			if _, err := w.Write(block); err != nil {
				return err
			}
		}
	}
}

// ended writes begin, about so many bytes of what repeats, and the end.
func ended(begin, repeated, end string, size int64) func(io.Writer) error {
	block := []byte(strings.Repeat(repeated, 1+(64<<10)/len(repeated)))
	return func(w io.Writer) error {
		if _, err := io.WriteString(w, begin); err != nil {
			return err
		}
		for written := int64(0); written < size; written += int64(len(block)) {
			if _, err := w.Write(block); err != nil {
				return err
			}
		}
		_, err := io.WriteString(w, end)
		return err
	}
}

// zipped compresses what write writes.
func zipped(write func(io.Writer) error) func(io.Writer) error {
	return func(w io.Writer) error {
		z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
		if err != nil {
			return err
		}
		if err := write(z); err != nil {
			return err
		}
		return z.Close()
	}
}

// once is a text.
func once(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

var gzipped = http.Header{"Content-Encoding": {"gzip"}}

// endlessBodies have no end, in one way each.
var endlessBodies = map[string]func(io.Writer) error{
	"string":      endless(`{"data":{"records":[{"text":"`, "x"),
	"escapes":     endless(`{"data":{"records":[{"text":"`, `\u00e9`),
	"white space": endless(" ", " \n\t"),
	"list":        endless(`{"data":{"records":[{}`, `,{}`),
	"errors":      endless(`{"errors":[{}`, `,{}`),
	"name":        endless(`{"`, "x"),
	"number":      endless(`{"data":{"records":[{"severity":1`, "0"),
	"levels":      endless(`{"data":`, `{"a":[`),
	"extensions":  endless(`{"extensions":{"a":0`, `,"a":0`),
}

func TestBodiesWithoutEnd(t *testing.T) {
	limits := stress.Scale(core.Limits{ResponseBytes: 4 << 20}, core.Limits{ResponseBytes: 32 << 20}, core.Limits{})
	bound := limits.OrDefault().ResponseBytes
	all := tally{most: 8 * bound}
	for name, write := range endlessBodies {
		for _, way := range []struct {
			name   string
			status int
			header http.Header
			write  func(io.Writer) error
		}{
			{"as it is", http.StatusOK, nil, write},
			{"compressed", http.StatusOK, gzipped, zipped(write)},
			{"as a passing failure", http.StatusServiceUnavailable, nil, write},
		} {
			t.Run(name+" "+way.name, func(t *testing.T) {
				url, requests := answering(t, way.status, way.header, way.write)
				result := all.expose(t, order{URL: url, Ask: "query", Limits: limits, Tries: 3})
				result.names(t, "Limits.ResponseBytes")
				all.requests += requests.Load()
			})
		}
	}
	if all.requests != all.n {
		t.Errorf("%d requests", all.requests)
	}
	stress.Report(t, stress.Servers, "bodies without end: strings, white space, lists, errors, names, numbers, levels; compressed; with status 503",
		"an error that names the limit, 1 request, memory of at most 8 times the limit",
		"%d bodies, limit %s: %d requests, %s, the slowest %v", all.n, mebibytes(bound), all.requests, mebibytes(all.peak), all.slowest)
}

func TestDepth(t *testing.T) {
	t.Parallel()
	deep := stress.Scale(100_000, 1_000_000, 10_000_000)
	lists, objects := strings.Repeat("[", deep)+strings.Repeat("]", deep), strings.Repeat(`{"a":`, deep)+"0"+strings.Repeat("}", deep)
	all := tally{most: 6*int64(len(objects)) + 8<<20}
	for name, body := range map[string]string{
		"data":                `{"data":` + lists + `}`,
		"a known list":        `{"data":{"records":` + lists + `}}`,
		"a known list's item": `{"data":{"records":[{"tags":` + lists + `}]}}`,
		"an object":           `{"data":{"records":[` + objects + `]}}`,
		"one type":            `{"data":{"records":[` + strings.ReplaceAll(objects, `"a"`, `"parent"`) + `]}}`,
		"errors":              `{"errors":` + lists + `}`,
		"a path":              `{"errors":[{"message":"x","path":` + lists + `}]}`,
		"an error's own":      `{"errors":[{"message":"x","extensions":` + objects + `}]}`,
		"extensions":          `{"data":{"records":[]},"extensions":` + objects + `}`,
		"not closed":          `{"data":` + lists[:deep],
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := answering(t, http.StatusOK, nil, once(body))
			all.expose(t, order{URL: url, Ask: "query"}).names(t, "Limits.Depth")
		})
	}
	stress.Report(t, stress.Servers, "lists and objects very deep in each other, in data, errors, paths and extensions", "an error that names the limit",
		"%d answers of %d levels: %s, the slowest %v", all.n, deep, mebibytes(all.peak), all.slowest)
}

// A bomb is small on the wire, below the limit of bytes, and stands for values of many times as
// much.
func TestBombs(t *testing.T) {
	size := stress.Scale[int64](2<<20, 32<<20, 255<<20)
	limits := core.Limits{ValueBytes: 4 * size} // as the defaults are
	all := tally{most: 20 * size}
	for name, write := range map[string]func(io.Writer) error{
		"records":   ended(`{"data":{"records":[{}`, `,{}`, `]}}`, size),
		"errors":    ended(`{"errors":[{}`, `,{}`, `]}`, size),
		"any":       ended(`{"errors":[{"extensions":{"a":[[]`, `,[]`, `]}}]}`, size),
		"locations": ended(`{"errors":[{"locations":[{}`, `,{}`, `]}]}`, size),
	} {
		t.Run(name, func(t *testing.T) {
			url, requests := answering(t, http.StatusOK, gzipped, zipped(write))
			all.expose(t, order{URL: url, Ask: "query", Limits: limits, Tries: 3}).names(t, "Limits.ValueBytes")
			all.requests += requests.Load()
		})
	}
	stress.Report(t, stress.Servers, "compressed bombs that unfold to valid JSON below the limit of bytes", "an error that names the limit, 1 request, memory of at most 5 times the limit",
		"%d of %s, limit %s: %d requests, %s, the slowest %v", all.n, mebibytes(size), mebibytes(4*size), all.requests, mebibytes(all.peak), all.slowest)
	if all.requests != all.n {
		t.Errorf("%d requests for %d answers", all.requests, all.n)
	}
}

func TestHugePages(t *testing.T) {
	id := strings.Repeat("i", 36)
	page := func(size int64) string {
		url, _ := answering(t, http.StatusOK, nil, ended(`{"data":{"records":[{"id":"`+id+`"}`,
			`,{"id":"`+id+`","text":"`+strings.Repeat("t", 900)+`","severity":0.5,"tags":["a","b"]}`, `]}}`, size))
		return url
	}
	// The limits of every day are a part of the default ones.
	limits := stress.Scale(core.Limits{ResponseBytes: 8 << 20}, core.Limits{}, core.Limits{})
	bound := limits.OrDefault().ResponseBytes
	refused := tally{most: 8 * bound}
	refused.expose(t, order{URL: page(4 * bound), Ask: "query", Limits: limits}).names(t, "Limits.ResponseBytes")

	size := stress.Scale[int64](16<<20, 128<<20, 1<<30)
	taken := tally{most: 8 * size}
	result := taken.expose(t, order{URL: page(size), Ask: "query", Limits: core.Limits{ResponseBytes: 2 * size, ValueBytes: 4 * size}})
	if result.Error != "" || result.Values < int(size>>10) {
		t.Errorf("with higher limits: %d records, error %q", result.Values, result.Error)
	}
	stress.Report(t, stress.Servers, "a page of 1 GiB, with the default limits and with higher ones", "an error that names the limit; all records, in memory of at most 8 times the page",
		"%s refused after %v with %s; %s: %d records in %v with %s", mebibytes(4*bound), refused.slowest, mebibytes(refused.peak),
		mebibytes(size), result.Values, taken.slowest, mebibytes(taken.peak))
}

// The SDK asks for gzip alone. What is compressed otherwise, or not as it is called, is no answer;
// only what is called compressed and is plain JSON can be read all the same.
func TestEncodingsThatLie(t *testing.T) {
	t.Parallel()
	honest := once(`{"data":{"records":[]}}`)
	var all tally
	for name, way := range map[string]struct {
		encoding string
		write    func(io.Writer) error
		want     outcome
	}{
		"gzip that is none":     {"gzip", honest, outcome{Connection: true}},
		"none that is gzip":     {"", zipped(honest), outcome{Response: true}},
		"a bomb in a bomb":      {"gzip", zipped(zipped(ended("{", " ", "}", 32<<20))), outcome{Response: true}},
		"gzip twice, as told":   {"gzip, gzip", zipped(zipped(honest)), outcome{Response: true}},
		"gzip that is cut":      {"gzip", func(w io.Writer) error { return zipped(honest)(&cut{w, 12}) }, outcome{Connection: true}},
		"a name without end":    {"gzip", endless("\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff", "name"), outcome{Connection: true}},
		"called Brotli":         {"br", honest, outcome{}},
		"two answers, both zip": {"gzip", func(w io.Writer) error { return errors.Join(zipped(honest)(w), zipped(honest)(w)) }, outcome{Response: true}},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := answering(t, http.StatusOK, http.Header{"Content-Encoding": {way.encoding}}, way.write)
			result := all.expose(t, order{URL: url, Ask: "query", Limits: core.Limits{ResponseBytes: 8 << 20}})
			readable := way.want == outcome{}
			if result.Connection != way.want.Connection || result.Response != way.want.Response || result.TimedOut || readable != (result.Error == "") {
				t.Errorf("%+v", result)
			}
		})
	}
	stress.Report(t, stress.Servers, "encodings that lie: gzip that is none, is cut, is twice, in itself, has a header without end", "a typed error, at once, in little memory",
		"%d answers: %s, the slowest %v", all.n, mebibytes(all.peak), all.slowest)
}

// cut takes so many bytes, and no more.
type cut struct {
	io.Writer
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	if n := min(len(p), c.left); n > 0 {
		c.left -= n
		if _, err := c.Writer.Write(p[:n]); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// tally is what the outcomes of a case have in common.
type tally struct {
	most     int64 // bytes that the heap may grow by; zero means 64 MiB
	n        int64
	requests int64
	peak     int64
	slowest  time.Duration
}

// expose has a subject carry an order out, and counts the outcome.
func (a *tally) expose(t *testing.T, o order) outcome {
	t.Helper()
	if a.most == 0 {
		a.most = 64 << 20
	}
	o.Fence = 2 * a.most
	r := o.carryOut(t)
	a.n++
	a.peak, a.slowest = max(a.peak, r.Peak), max(a.slowest, r.Took.Round(time.Millisecond))
	if r.Peak > a.most {
		t.Errorf("the heap grew by %s, more than %s", mebibytes(r.Peak), mebibytes(a.most))
	}
	return r
}

// names makes sure that the outcome is an error that names a limit, and how to raise it.
func (r outcome) names(t *testing.T, option string) {
	t.Helper()
	if !r.Response || r.Option != option || !strings.Contains(r.Error, "raise "+option) || strings.Contains(r.Error, "without data") {
		t.Errorf("the error %q, whose limit is %q", r.Error, r.Option)
	}
}
