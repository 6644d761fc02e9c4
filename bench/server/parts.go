package server

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// part selects a part of a search for so many alerts in parts of a size.
type part struct{ alerts, size, number int }

// parts caches the requested parts.
type parts struct{ known sync.Map }

// serve sends the first part for a search, and the part of a poll.
func (p *parts) serve(w http.ResponseWriter, r *http.Request) {
	var request struct {
		OperationName string
		Variables     struct {
			In struct {
				Part int `json:"part_id"`
			}
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	time.Sleep(time.Duration(number(r, "ms")) * time.Millisecond)
	key := part{number(r, "n"), number(r, "size"), max(1, request.Variables.In.Part)}
	text, ok := p.known.Load(key)
	if !ok {
		text, _ = p.known.LoadOrStore(key, key.answer(request.OperationName))
	}
	answer(w, text.([]byte))
}

// answer returns the response of a part. Alerts come newest first, three in a second.
func (p part) answer(operation string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"data":{%q:{"status":"OK","search_id":"s-1","alerts":{"total_results":%d,"part":%d,"total_parts":%d,"list":[`,
		operation, p.alerts, p.number, (p.alerts+p.size-1)/p.size)
	first := (p.number - 1) * p.size
	for i := first; i < min(first+p.size, p.alerts); i++ {
		if i > first {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, alert, i, newest-i/3)
	}
	b.WriteString(`]}}}}`)
	return b.Bytes()
}
