package taegis_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	taegis "github.com/taegis-go/taegis"
	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/ports"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/services/authz"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/services/events"
	"github.com/taegis-go/taegis/taegistest"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// found has the fields of a search for alerts that a program uses.
type found struct {
	Alerts *struct {
		TotalResults int `json:"total_results"`
		List         []struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		} `json:"list"`
	} `json:"alerts"`
}

func TestQueryDecodesASelectionOfOnesOwn(t *testing.T) {
	d := newLoginServer(t, func(c *emulator.Config) { c.RecordSecrets = true })
	d.asClient()
	c := d.client(t)
	for name, selection := range map[string]string{
		"derived": "",
		"given":   "reason alerts { list { id status } total_results }",
	} {
		t.Run(name, func(t *testing.T) {
			// Query's selection comes before the context's.
			ctx := taegis.ContextWithSelection(taegis.ContextWithTenant(t.Context(), "00000"), "status")
			page, err := taegis.Query[found](ctx, c, &alerts.OpAlertsServiceSearch, alerts.AlertsServiceSearchArgs{}, selection)
			if err != nil || page.Alerts == nil || len(page.Alerts.List) == 0 || page.Alerts.List[0].ID == "" || page.Alerts.List[0].Status == "" {
				t.Fatalf("%+v, %v", page, err)
			}
			requests := d.Requests()
			last := requests[len(requests)-1]
			if got := strings.Contains(string(last.Body), "reason"); got != (selection != "") || last.Tenant != "00000" {
				t.Errorf("tenant %q, sent %s", last.Tenant, last.Body)
			}
		})
	}
}

func TestQueryRunsMutationsAndPlainValues(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	made, err := taegis.Query[*struct {
		Secret string `json:"client_secret"`
	}](t.Context(), c, &clients.OpCreateClient, clients.CreateClientArgs{Name: "x"}, "")
	if err != nil || made.Secret == "" {
		t.Errorf("%+v, %v", made, err)
	}
	if _, err := taegis.Query[bool](t.Context(), c, &authz.OpAuthzCanSubjectAssumeAllTenants, nil, ""); err != nil {
		t.Error(err)
	}
}

func TestSubscribeDecodesASelectionOfOnesOwn(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	type progress struct {
		Query *struct {
			Status string `json:"status"`
		} `json:"query"`
	}
	var last string
	args := map[string]any{"query": "FROM process EARLIEST=-1d"}
	for message, err := range taegis.Subscribe[progress](t.Context(), d.client(t), &events.OpEventQuerySubscription, args, "") {
		if err != nil {
			t.Fatal(err)
		}
		if message.Query != nil { // the last message is empty
			last = message.Query.Status
		}
	}
	if last != "SUCCEEDED" {
		t.Errorf("the last status is %q", last)
	}
}

func TestSubscribeGoesOnAfterAMessageThatDoesNotFit(t *testing.T) {
	fake := taegistest.NewTransport(t)
	fake.Unchecked("eventQuery") // the messages have the wrong type
	fake.Stream("eventQuery", json.RawMessage(`{"id":{}}`), json.RawMessage(`{"id":"2"}`))
	type row struct {
		ID string `json:"id"`
	}
	var ids []string
	var misfits int
	for message, err := range taegis.Subscribe[row](t.Context(), fake, &core.Operation{Name: "eventQuery"}, nil, "") {
		if answer, ok := errors.AsType[*core.ResponseError](err); ok && answer.Status == http.StatusOK {
			misfits++
		} else if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, message.ID)
	}
	if misfits != 1 || len(ids) != 2 || ids[1] != "2" {
		t.Errorf("%d misfits in %q", misfits, ids)
	}
	for range taegis.Subscribe[row](t.Context(), fake, &core.Operation{Name: "eventQuery"}, nil, "") {
		break // leaves without a trace
	}
}

type (
	common struct {
		ID string `json:"id"`
	}
	Deeper struct {
		Name     string `json:"name"`
		Shadowed inside `json:"shadowed"`
	}
	Other struct {
		Name     string `json:"name"`
		Shadowed int    `json:"shadowed"`
	}
	Left   struct{ *Deeper }
	Right  struct{ *Deeper }
	inside struct {
		X int `json:"x"`
	}
	tree struct {
		Children []*tree `json:"children"`
	}
	nest  []nest
	loop  struct{ *loop }
	level string
)

func (level) MarshalText() ([]byte, error)     { return nil, nil }
func (*level) UnmarshalText(text []byte) error { return nil }

// derived returns the selection that Query derives from T.
func derived[T any](t *testing.T) (string, error) {
	t.Helper()
	fake := taegistest.NewTransport(t)
	fake.Unchecked("any")
	fake.Reply("any", nil)
	_, err := taegis.Query[T](t.Context(), fake, &core.Operation{Name: "any"}, nil, "")
	if requests := fake.Requests(); len(requests) == 1 {
		return requests[0].Selection, err
	}
	return "", err
}

func TestSelectionsFollowFromTypes(t *testing.T) {
	for name, c := range map[string]struct {
		derive func(*testing.T) (string, error)
		want   string
	}{
		"plain":              {derived[int], ""},
		"a list":             {derived[[]string], ""},
		"bytes":              {derived[[]byte], ""},
		"a time":             {derived[time.Time], ""},
		"a struct":           {derived[inside], "{ x }"},
		"pointers and lists": {derived[**[]*[2]inside], "{ x }"},
		"nested": {derived[struct {
			A []inside `json:"a"`
			B *struct {
				C *inside `json:"c,omitempty"`
			} `json:"b"`
		}], "{ a { x } b { c { x } } }"},
		"left out": {derived[struct {
			A      int  `json:"a"`
			B      tree `json:"-"`
			hidden tree
		}], "{ a }"},
		"decodes text": {derived[struct {
			At    *time.Time `json:"at"`
			Level []level    `json:"level"`
		}], "{ at level }"},
		"embedded": {derived[struct {
			common
			*Deeper
			Named    inside `json:"named"`
			Shadowed int    `json:"shadowed"`
		}], "{ named { x } shadowed id name }"},
		"two of one name in another's shadow": {derived[struct {
			*Deeper
			*Other
			Name     string `json:"name"`
			Shadowed string `json:"shadowed"`
		}], "{ name shadowed }"},
		"a name by a tag before a Go name": {derived[struct {
			A  string `json:"ID"`
			In struct {
				ID string `json:"id"`
			} `json:"in"`
		}], "{ ID in { id } }"},
		"embedded with a name": {derived[struct {
			Deeper `json:"deeper"`
		}], "{ deeper { name shadowed { x } } }"},
		"typename": {derived[struct {
			Type string `json:"__typename"`
		}], "{ __typename }"},
		"twice in different places": {derived[struct {
			A inside `json:"a"`
			B inside `json:"b"`
		}], "{ a { x } b { x } }"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := c.derive(t); err != nil || got != c.want {
				t.Errorf("%q, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestSelectionsThatDoNotFollow(t *testing.T) {
	for name, c := range map[string]struct {
		derive func(*testing.T) (string, error)
		want   string
	}{
		"any": {derived[any], "interface {} has no known fields"},
		"map": {derived[struct {
			A map[string]int `json:"a"`
		}], "field A: map[string]int has no known fields"},
		"raw": {derived[[]json.RawMessage], "json.RawMessage has its own UnmarshalJSON"},
		"union": {derived[struct {
			A alerts.Properties `json:"a"`
		}], "has its own UnmarshalJSON"},
		"function": {derived[struct {
			A func() `json:"a"`
		}], "field A: func() has no known fields"},
		"no tag": {derived[struct{ ID string }], "field ID of struct { ID string } has no json tag"},
		"odd tag": {derived[struct {
			A int `json:"a } b {"`
		}], "has no json tag with its name on the wire"},
		"recursion": {derived[tree], "field Children: taegis_test.tree contains itself"},
		"list":      {derived[nest], "taegis_test.nest contains itself"},
		"embedding": {derived[loop], "has no field to select"},
		"no fields": {derived[struct{}], "has no field to select"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.derive(t)
			if fault, ok := errors.AsType[*core.ArgumentError](err); !ok || fault.Operation != "any" || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "has to be set") {
				t.Errorf("error: %v", err)
			}
		})
	}
}

// What encoding/json would leave at its zero value without a word.
func TestQueryRefusesAmbiguousTypes(t *testing.T) {
	type (
		embeds struct { // pointers, because go vet sees through structs
			*Deeper
			*Other
		}
		diamond struct {
			Left
			Right
		}
		inList struct {
			Rows []map[string]*embeds `json:"rows"`
		}
		cases struct {
			A string `json:"contributorIDs"`
			B string `json:"contributorIds"`
		}
		casesApart struct {
			A string `json:"name"`
			*Deeper
			B string `json:"NAME"`
		}
	)
	for name, c := range map[string]struct {
		query func(context.Context, ports.Transport, string) error
		given bool // rejected with a selection, too
		want  string
	}{
		"two embedded structs":      {query[embeds], true, `taegis_test.Deeper.Name and taegis_test.Other.Name are both "name"`},
		"one struct embedded twice": {query[diamond], true, `taegis_test.Deeper.Name is embedded twice as "name"`},
		"further in":                {query[inList], true, `are both "name"`},
		"case":                      {query[cases], false, `"contributorIDs" and "contributorIds", which differ only in case`},
		"case of embedded ones":     {query[casesApart], false, "differ only in case"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := taegistest.NewTransport(t)
			fake.Unchecked("any")
			fake.Reply("any", nil)
			for _, selection := range []string{"", "id"} {
				err := c.query(t.Context(), fake, selection)
				if selection != "" && !c.given {
					if err != nil {
						t.Errorf("with a selection: %v", err)
					}
					continue
				}
				if _, ok := errors.AsType[*core.ArgumentError](err); !ok || !strings.Contains(err.Error(), c.want) {
					t.Errorf("selection %q: %v", selection, err)
				}
			}
			if n := len(fake.Requests()); c.given && n > 0 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func query[T any](ctx context.Context, t ports.Transport, selection string) error {
	_, err := taegis.Query[T](ctx, t, &core.Operation{Name: "any"}, nil, selection)
	return err
}

// The rules are those of encoding/json: what it decodes is selected, and what it drops is rejected.
func TestSelectedIsWhatIsDecoded(t *testing.T) {
	text := []byte(`{"name":"n","shadowed":7,"id":"i"}`)
	var kept struct {
		common
		Other
	}
	var dropped struct {
		*Deeper
		*Other
	}
	if err := json.Unmarshal(text, &kept); err != nil || kept.ID != "i" || kept.Name != "n" || kept.Shadowed != 7 {
		t.Errorf("%+v, %v", kept, err)
	}
	if err := json.Unmarshal(text, &dropped); err != nil || dropped.Deeper != nil || dropped.Other != nil {
		t.Errorf("encoding/json decodes what is rejected: %+v, %v", dropped, err)
	}
}

func TestACommentInASelectionEndsWithItsLine(t *testing.T) {
	d := newLoginServer(t)
	d.asClient()
	c := d.client(t)
	for _, selection := range []string{
		"reason # note", "{ reason } # note", "{ reason }# } {", "# note\n{ reason }", "# { note\nreason", "reason\r# note",
		"reason # one\n# two", "{ reason # note\n}", "\ufeffreason # note", ", reason, # note",
	} {
		_, err := taegis.Query[struct {
			Reason string `json:"reason"`
		}](t.Context(), c, &alerts.OpAlertsServiceSearch, alerts.AlertsServiceSearchArgs{}, selection)
		if err != nil {
			t.Errorf("Query with %q: %v", selection, err)
		}
		if _, err := alerts.New(c).AlertsServiceSearch(taegis.ContextWithSelection(t.Context(), selection), alerts.AlertsServiceSearchArgs{}); err != nil {
			t.Errorf("the context's %q: %v", selection, err)
		}
		req := &core.Request{Operation: &alerts.OpAlertsServiceSearch, Selection: "{ reason } " + "# note"}
		if err := c.Execute(t.Context(), req, nil); err != nil {
			t.Errorf("a request's own: %v", err)
		}
	}
	for _, selection := range []string{"# note", "{ } # note", "{ reason # note }"} {
		_, err := taegis.Query[any](t.Context(), c, &alerts.OpAlertsServiceSearch, nil, selection)
		if _, ok := errors.AsType[*core.ArgumentError](err); !ok {
			t.Errorf("%q: %v", selection, err)
		}
	}
}

func TestQueryRefusesWhatCannotBeSelected(t *testing.T) {
	fake := taegistest.NewTransport(t)
	for name, call := range map[string]func(context.Context) error{
		"syntax": func(ctx context.Context) error {
			_, err := taegis.Query[any](ctx, fake, &alerts.OpAlertsServiceSearch, nil, "alerts {")
			return err
		},
		"fields of a plain value": func(ctx context.Context) error {
			_, err := taegis.Query[bool](ctx, fake, &authz.OpAuthzCanSubjectAssumeAllTenants, nil, "id")
			return err
		},
		"a plain value of fields": func(ctx context.Context) error {
			_, err := taegis.Query[string](ctx, fake, &alerts.OpAlertsServiceSearch, nil, "")
			return err
		},
		"a subscription": func(ctx context.Context) error {
			for _, err := range taegis.Subscribe[any](ctx, fake, &events.OpEventQuerySubscription, nil, "") {
				return err
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, ok := errors.AsType[*core.ArgumentError](call(t.Context())); !ok {
				t.Error("it was accepted")
			}
		})
	}
	if n := len(fake.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}
