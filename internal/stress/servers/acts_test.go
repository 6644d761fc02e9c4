package servers_test

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/services/alerts"
	"github.com/taegis-go/taegis/services/catalog"
	"github.com/taegis-go/taegis/services/clients"
	"github.com/taegis-go/taegis/services/events"
	"github.com/taegis-go/taegis/services/subjects"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// act is something that a program does with a client, which the server can spoil.
type act struct {
	name string
	way  way
	// operation is what its mutation, if it has one, is called by the server.
	operation string
	// calls is set where logging in is not what the act is about.
	calls bool
	// first is set where only the first call decides: what fails behind it is no error.
	first bool
	// messages are the routes of its subscriptions' messages, which a handshake does not name.
	messages []string
	// run returns what came of it. The key goes into an argument.
	run func(ctx context.Context, v *session, key string) (any, error)
}

// acts returns all of them: each way to log in, each kind of operation on each gateway of the SDK,
// and those that take several answers.
func acts(t testing.TB) []act {
	t.Helper()
	var all []act
	for _, w := range ways {
		run := whoami
		if w.fusion {
			run = fusionTenants
		}
		all = append(all, act{name: "log in by " + w.name, way: w, run: run})
	}
	all = append(all,
		act{name: "create a client", way: ways[0], calls: true, operation: "createClient", run: createClient},
		act{name: "all pages of a search", way: ways[0], calls: true, run: searchAlerts},
		act{name: "all pages of an event query", way: ways[0], calls: true, messages: []string{"eventQuery", "eventPage"}, run: queryEvents},
	)
	all = append(all, fusionActs()...)
	all = append(all, fileActs(t)...)
	type kind struct {
		gateway string
		kind    core.OperationKind
	}
	var seen []kind
	for _, service := range catalog.Services(core.PlatformTaegis) {
		list, err := catalog.Operations(service)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range list {
			k := kind{op.Gateway, op.Kind}
			if !slices.Contains(seen, k) && takesTexts(op) {
				seen = append(seen, k)
				all = append(all, call(op))
			}
		}
	}
	return all
}

// tokenRoute is where clients log in.
const tokenRoute = "/auth/api/v2/auth/token"

// takesTexts reports whether texts are all that an operation needs, of which a mutation needs one
// for the key.
//
// An operation that continues another one needs what that one returned, so it does not count. The
// IOC services have no other with texts; there an empty object is all that eventWindow needs.
func takesTexts(op *core.Operation) bool {
	texts := 0
	for _, a := range op.Arguments {
		switch {
		case a.Name == "nextToken":
			return false
		case op.Name == "eventWindow":
		case a.Type == "String!":
			texts++
		case a.Type[len(a.Type)-1] == '!':
			return false
		}
	}
	return texts > 0 || op.Kind != core.KindMutation
}

// call is the act of one call.
func call(op *core.Operation) act {
	a := act{name: fmt.Sprintf("%s %s on %s", op.Kind, op.Name, cmp.Or(op.Gateway, core.DefaultGateway)), way: ways[0], calls: true}
	request := func(key string) *core.Request {
		args := map[string]any{}
		for _, a := range op.Arguments {
			if op.Name == "eventWindow" {
				args[a.Name] = map[string]any{}
			}
			if a.Type == "String!" {
				args[a.Name] = key
			}
			if a.Name == "query" {
				args[a.Name] = "FROM process" + bounds
			}
		}
		return &core.Request{Operation: op, Args: args}
	}
	a.run = func(ctx context.Context, v *session, key string) (any, error) {
		var out any
		err := v.Execute(ctx, request(key), &out)
		return out, err
	}
	switch op.Kind {
	case core.KindMutation:
		a.operation = op.Name
	case core.KindSubscription:
		a.messages = []string{op.Name}
		a.run = func(ctx context.Context, v *session, key string) (any, error) {
			var messages []string
			var failure error
			for message, err := range v.Subscribe(ctx, request(key)) {
				if message != nil {
					messages = append(messages, numbered.ReplaceAllString(string(message), "$1"))
				}
				if err != nil {
					failure = err
				}
			}
			return messages, failure
		}
	}
	return a
}

// bounds are those of the records of all servers.
const bounds = " EARLIEST='1999-12-30T00:00:00Z' LATEST='1999-12-31T12:00:00Z'"

// numbered are the ids and times that differ from call to call.
var numbered = regexp.MustCompile(`\b(event-query|key)-\d+|\d{4}-\d\d-\d\dT[0-9:.]+Z`)

// whoami returns who the server says has logged in.
func whoami(ctx context.Context, v *session, _ string) (any, error) {
	subject, err := subjects.New(v).CurrentSubject(ctx, subjects.CurrentSubjectArgs{})
	if subject == nil {
		return "", err
	}
	return subject.Name, err
}

// createClient returns whether the client that was made is the one that was asked for, and exists.
func createClient(ctx context.Context, v *session, key string) (any, error) {
	made, err := clients.New(v).CreateClient(ctx, clients.CreateClientArgs{Name: key})
	if made == nil || made.Client == nil {
		return false, err
	}
	return made.Client.Name == key && made.ClientSecret != "" && v.env.Token(made.Client.ClientID) != "", err
}

// searchAlerts returns the ids of all alerts.
func searchAlerts(ctx context.Context, v *session, _ string) (any, error) {
	service := alerts.New(v)
	var ids []string
	take := func(answer *alerts.AlertsResponse) {
		if answer == nil || answer.Alerts == nil {
			return
		}
		for _, alert := range answer.Alerts.List {
			ids = append(ids, alert.ID)
		}
	}
	found, err := service.AlertsServiceSearch(ctx, alerts.AlertsServiceSearchArgs{In: &alerts.SearchRequestInput{CQLQuery: new("from alert" + bounds)}})
	take(found)
	for part := 2; err == nil && found != nil && found.Alerts != nil && part <= found.Alerts.TotalParts; part++ {
		var more *alerts.AlertsResponse
		more, err = service.AlertsServicePoll(ctx, alerts.AlertsServicePollArgs{In: &alerts.PollRequestInput{
			SearchID: &found.SearchID, PartID: &part, //nolint:staticcheck // no replacement is known
		}})
		take(more)
	}
	return ids, err
}

// queryEvents returns the ids of all events, of which each page is a subscription.
func queryEvents(ctx context.Context, v *session, _ string) (any, error) {
	service := events.New(v)
	var ids []string
	next, failure := "", error(nil)
	take := func(page *events.EventQueryResults, err error) bool {
		if err != nil {
			failure = err
		}
		if page == nil {
			return true
		}
		if page.Next != "" {
			next = page.Next
		}
		if page.Result != nil {
			for _, row := range page.Result.Rows {
				ids = append(ids, string(row))
			}
		}
		return true
	}
	service.EventQuerySubscription(ctx, events.EventQuerySubscriptionArgs{Query: "from process" + bounds, Options: &events.EventQueryOptions{PageSize: new(10)}})(take)
	for failure == nil && next != "" {
		page := next
		next = ""
		service.EventPage(ctx, events.EventPageArgs{ID: page})(take)
	}
	return ids, failure
}

// prepare makes the world the one that the act is for.
func (w *env) prepare(a act) {
	w.Configure(func(c *emulator.Config) {
		c.Endpoints = emulator.EndpointsBoth
		if a.way.older {
			c.Endpoints = emulator.EndpointsLegacy
		}
	})
}
