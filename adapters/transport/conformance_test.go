package transport_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/ports/portstest"
)

func TestHTTPKeepsTheContract(t *testing.T) {
	portstest.Transport(t, func(t *testing.T, answers portstest.Answers) (ports.Transport, core.Environment) {
		return &transport.HTTP{}, serveAnswers(t, answers)
	})
}

func TestMiddlewareKeepsTheContract(t *testing.T) {
	portstest.Transport(t, func(t *testing.T, answers portstest.Answers) (ports.Transport, core.Environment) {
		logger, _ := record()
		return transport.Retry(core.RetryLimits{})(transport.Log(logger)(&transport.HTTP{})), serveAnswers(t, answers)
	})
}

// serveAnswers gives the answers over HTTP and legacy WebSocket.
func serveAnswers(t *testing.T, answers portstest.Answers) core.Environment {
	talk := socket(t, "graphql-ws", func(p *peer) {
		p.want("connection_init")
		p.say(`{"type":"ka"}`, `{"type":"connection_ack"}`)
		for _, answer := range answers[p.want("start").Payload.OperationName] {
			p.say(`{"id":"1","type":"data","payload":` + string(encoded(answer)) + `}`)
		}
		p.say(`{"id":"1","type":"complete"}`)
		p.drain()
	})
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			talk(w, r)
			return
		}
		var ask asked
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
			t.Error(err)
		}
		_, _ = w.Write(encoded(answers[ask.OperationName][0]))
	})
}

func encoded(answer portstest.Answer) []byte {
	text, err := json.Marshal(answer)
	if err != nil {
		panic(err)
	}
	return text
}
