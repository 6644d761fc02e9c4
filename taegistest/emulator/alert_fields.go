package emulator

import (
	"strings"
	"time"

	"github.com/taegis-go/taegis/cql"
	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// alertRecord is an alert as a query reads it.
type alertRecord struct{ *corpus.Alert }

// Time returns the time of creation.
func (a alertRecord) Time() time.Time { return a.Created }

// Value returns the value of a field.
func (a alertRecord) Value(field string) any {
	if value := alertFields[field]; value != nil {
		return value(a.Alert)
	}
	return nil
}

// Logical returns the values of the entities of a logical type.
func (a alertRecord) Logical(name string) []any {
	var values []any
	for _, e := range a.Entities() {
		if entityTypes[strings.ToLower(e.Type)] == name {
			values = append(values, e.Value)
		}
	}
	return values
}

// entityTypes are the logical types by the types of entities, in lower case. See
// docs/protocol.md#logical-types.
var entityTypes = func() map[string]string {
	types := map[string]string{}
	for logical, list := range map[string]string{
		"ip": "ipaddress sourceipaddress destipaddress sourceipgeo destipgeo receiverip senderip " +
			"sourceaddress targetip targetipaddress destaddress destinationaddress",
		"domain": "dnsname domainname domain ipdomain topprivateipdomain queryname sourcehostnamefqdn " +
			"targethostnamefqdn urihost",
		"hash": "md5 sha1 sha256 sha512",
		"host": "sourcehostname desthostname workstationname targethostname hostname computername",
		"user": "username sourceusername targetusername",
	} {
		for name := range strings.FieldsSeq(list) {
			types[name] = logical
		}
	}
	return types
}()

// isLogical reports whether there is a logical type of that name.
func isLogical(name string) bool {
	switch strings.ToLower(name) {
	case "ip", "user", "domain", "hash", "host", "command", "mac", "path", "port", "url", "uuid",
		"latitude", "longitude", "raw", "sensorid", "timestamp":
		return true
	}
	return false
}

// alertFields are the fields of an alert in a query, in lower case.
var alertFields = map[string]func(*corpus.Alert) any{
	"id":                             func(a *corpus.Alert) any { return a.ID() },
	"resource_id":                    func(a *corpus.Alert) any { return a.ID() },
	"tenant_id":                      func(a *corpus.Alert) any { return a.Tenant },
	"tenant.id":                      func(a *corpus.Alert) any { return a.Tenant },
	"severity":                       func(a *corpus.Alert) any { return a.Severity },
	"metadata.severity":              func(a *corpus.Alert) any { return a.Severity },
	"metadata.confidence":            func(a *corpus.Alert) any { return a.Confidence },
	"metadata.title":                 func(a *corpus.Alert) any { return a.Title },
	"metadata.full_title":            func(a *corpus.Alert) any { return a.Title },
	"metadata.description":           func(a *corpus.Alert) any { return a.Description() },
	"metadata.created_at":            func(a *corpus.Alert) any { return a.Created },
	"metadata.inserted_at":           func(a *corpus.Alert) any { return a.Inserted },
	"metadata.updated_at":            func(a *corpus.Alert) any { return a.Updated },
	"metadata.first_resolved_at":     func(a *corpus.Alert) any { return optionalTime(a.FirstResolved) },
	"metadata.first_investigated_at": func(a *corpus.Alert) any { return optionalTime(a.FirstInvestigated) },
	"metadata.creator.detector.detector_id": func(a *corpus.Alert) any {
		id, _ := a.Detector()
		return id
	},
	"metadata.creator.detector.detector_name": func(a *corpus.Alert) any {
		_, name := a.Detector()
		return name
	},
	"threat_score":         func(a *corpus.Alert) any { return a.ThreatScore },
	"threat_score_v2":      func(a *corpus.Alert) any { return a.ThreatScore },
	"status":               func(a *corpus.Alert) any { return a.Status },
	"suppressed":           func(a *corpus.Alert) any { return a.Status == "SUPPRESSED" },
	"resolution_reason":    func(a *corpus.Alert) any { return optionalText(a.Reason) },
	"investigation_ids":    func(a *corpus.Alert) any { return a.Cases },
	"investigation_ids.id": func(a *corpus.Alert) any { return a.Cases },
	"event_ids":            func(a *corpus.Alert) any { return a.Events() },
	"event_ids.id":         func(a *corpus.Alert) any { return a.Events() },
	"entities":             func(a *corpus.Alert) any { return entityTexts(a) },
	"entities.entities":    func(a *corpus.Alert) any { return entityTexts(a) },
	"sensor_types":         func(a *corpus.Alert) any { return a.Sensors() },
	"attack_technique_ids": func(a *corpus.Alert) any { return a.Techniques() },
	"tags":                 func(a *corpus.Alert) any { return a.Tags() },
	"group_key":            func(a *corpus.Alert) any { return []string{a.GroupKey()} },
	"third_party_details":  func(a *corpus.Alert) any { return thirdParty(a) },
}

// knownAlertField reports whether alerts have a field, with or without values in the emulator.
func knownAlertField(f cql.Field) bool {
	if f.Logical {
		return isLogical(f.Name)
	}
	name := strings.ToLower(f.Name)
	if alertFields[name] != nil {
		return true
	}
	first, _, nested := strings.Cut(name, ".")
	if first == "metadata" {
		return nested
	}
	_, plain := alertFields[first]
	_, listed := alertRest[first]
	return listed || nested && plain
}

// alertRest are the other fields of an alert. They have no values in a query.
var alertRest = map[string]struct{}{
	"parent_tenant_id": {}, "mdr_provider": {}, "vids": {}, "observation": {}, "visibility": {},
	"suppression_rules": {}, "alerting_rules": {}, "resolution_history": {}, "severity_history": {},
	"tuning_history": {}, "key_entities": {}, "source_entities": {}, "target_entities": {},
	"observation_ids": {}, "collection_ids": {}, "enrichment_details": {}, "reference_details": {},
	"priority": {}, "events_metadata": {}, "relationships": {},
}

func entityTexts(a *corpus.Alert) []string {
	entities := a.Entities()
	list := make([]string, len(entities))
	for i, e := range entities {
		list[i] = e.String()
	}
	return list
}

func thirdParty(a *corpus.Alert) any {
	if name := a.ThirdParty(); name != "" {
		return []string{name}
	}
	return nil
}

// optionalTime returns nil for a zero time.
func optionalTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// optionalText returns nil for an empty text.
func optionalText(text string) any {
	if text == "" {
		return nil
	}
	return text
}
