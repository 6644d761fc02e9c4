package transport_test

import (
	"strings"
	"testing"
	"time"

	"github.com/taegis-go/taegis/adapters/transport"
	"github.com/taegis-go/taegis/core"
)

func TestLeavingStopsAndCloses(t *testing.T) {
	for selected, want := range map[string]string{"graphql-ws": "stop connection_terminate", "graphql-transport-ws": "complete"} {
		env, rest := observed(t, selected, func(p *peer) {
			p.want("connection_init")
			p.say(ack)
			p.read()
			for range 3 {
				p.say(strings.Replace(data("1"), `"data"`, map[bool]string{true: `"next"`, false: `"data"`}[selected != "graphql-ws"], 1))
			}
		})
		for range (&transport.HTTP{}).Subscribe(t.Context(), greet(env, core.KindSubscription)) {
			break
		}
		if last := strings.Join(<-rest, " "); last != want {
			t.Errorf("%s: said %q, want %q", selected, last, want)
		}
	}
}

// A server that does not answer the close is not waited for as long as the WebSocket library would,
// which is 5 s.
func TestLeavingAServerThatDoesNotAnswer(t *testing.T) {
	left := make(chan struct{})
	env := serve(t, socket(t, "graphql-ws", func(p *peer) {
		p.want("connection_init")
		p.say(ack, data("1"))
		<-left // without reading
	}))
	began := time.Now()
	for range (&transport.HTTP{}).Subscribe(t.Context(), greet(env, core.KindSubscription)) {
		break
	}
	close(left)
	took := time.Since(began)
	if t.Logf("left after %v", took); took > 4*time.Second {
		t.Errorf("leaving took %v", took)
	}
}
