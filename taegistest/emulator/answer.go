package emulator

// operation resolves a root field that does not return an example.
type operation func(*call, map[string]any) (any, error)

// operations are the root fields that have a function of their own. A name that several gateways
// have is preceded by the path and a space on all but the default one.
var operations = map[string]operation{
	"client":                  op((*call).client),
	"createClient":            op((*call).createClient),
	"rotateClientSecret":      op((*call).rotateSecret),
	"forceRotateClientSecret": op((*call).forceRotateSecret),
	"appendClientRoles":       op((*call).appendRoles),
	"removeClientRoles":       op((*call).removeRoles),
	"deleteClient":            op((*call).deleteClient),
	"currentSubject":          op((*call).currentSubject),
	"currentTDRUser":          op((*call).currentUser),

	"alertsServiceSearch": op((*call).searchAlerts),
	"alertsServicePoll":   op((*call).pollAlerts),
	"detectionSearch":     op((*call).searchAlerts),
	"detectionPoll":       op((*call).pollAlerts),

	"events":           op((*call).eventsByID),
	"eventQuery":       op((*call).eventQueryState),
	"deleteEventQuery": op((*call).deleteEventQuery),
}

// answer executes a root field of a query or a mutation.
func (c *call) answer(field string, args map[string]any) (any, error) {
	if serve, own := operations[c.r.URL.Path+" "+field]; own {
		return serve(c, args)
	}
	if serve, own := operations[field]; own {
		return serve(c, args)
	}
	if l := c.listing(field, ""); l != nil {
		return c.listed(l, args)
	}
	return example{name: field}, nil
}
