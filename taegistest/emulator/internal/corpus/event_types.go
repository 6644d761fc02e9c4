package corpus

import (
	"slices"
	"strings"
	"sync"
)

// EventType is a type of events with its fields.
type EventType struct {
	Name   string // for example "process"
	Fields []EventField
	byName map[string]*EventField
}

// EventField is a field of an event type.
type EventField struct {
	Name string
	// Logical is the logical type, for example "ip", "" if the field has none.
	Logical string
	// Kind is the kind of values: "String", "Number", "Bool", "StringList" or
	// "TimestampMicroseconds".
	Kind  string
	value func(*Event) any
}

// Field returns a field by its name in lower case, nil if the type does not have it.
func (t *EventType) Field(name string) *EventField { return t.byName[name] }

// EventTypes returns all types of events, in alphabetical order.
var EventTypes = sync.OnceValue(newEventTypes)

// frequent are the types that most events have.
var frequent = []string{"process", "process", "process", "netflow", "dnsquery", "auth", "http"}

// drawEventType returns the type of a generated event: in three of four cases a frequent one.
func drawEventType(r ref) *EventType {
	if !r.oneIn(purposeType, 4) {
		t, _ := EventTypeByName(pick(r, purposeType+64, frequent))
		return t
	}
	return pick(r, purposeType+65, EventTypes())
}

// HasLogical reports whether a field has the logical type, which is in lower case.
func (t *EventType) HasLogical(name string) bool {
	return slices.ContainsFunc(t.Fields, func(f EventField) bool { return f.Logical == name })
}

// EventTypeByName returns a type by its name, which compares without case.
func EventTypeByName(name string) (*EventType, bool) {
	i := slices.IndexFunc(EventTypes(), func(t *EventType) bool { return strings.EqualFold(t.Name, name) })
	if i < 0 {
		return nil, false
	}
	return EventTypes()[i], true
}

// commonFields are the fields of all types.
func commonFields() []EventField {
	return []EventField{
		{"resource_id", "", "String", func(e *Event) any { return e.ID() }},
		{"tenant_id", "", "String", func(e *Event) any { return e.Tenant }},
		{"event_time_usec", "timestamp", "TimestampMicroseconds", func(e *Event) any { return e.Created.UnixMicro() }},
		{"ingest_time_usec", "timestamp", "TimestampMicroseconds", func(e *Event) any { return e.Inserted.UnixMicro() }},
		{"sensor_type", "", "String", func(e *Event) any { return pick(e.ref, purposeType+66, sensorTypes) }},
		{"sensor_id", "sensorid", "String", func(e *Event) any { return ref{e.seed + 2, e.below(purposeHost, hosts)}.hex(purposeID, 16) }},
		{"host_id", "", "String", func(e *Event) any { return hostID(e.below(purposeHost, hosts)) }},
		{"hostname", "host", "String", func(e *Event) any { return e.host() }},
	}
}

// hostID returns the ID of the host with a number.
func hostID(number int) string { return ref{seed: 7, index: number}.hex(purposeHost, 32) }

var sensorTypes = []string{"ENDPOINT_SOPHOS", "ENDPOINT_TAEGIS", "ISENSOR", "CLOUD", "SYSLOG"}

// specific says which fields a type has besides the common ones: "name kind" each.
var specific = map[string]string{
	"agentdetection":   "rule_name title, username user, image_path path, was_blocked bool",
	"antivirus":        "threat_name title, target_path path, sha256 hash, username user, was_blocked bool",
	"apicall":          "api_name title, image_path path, process_id number, username user",
	"auth":             "username user, source_address ip, destination_address ip, action outcome, logon_type number, extra_logon_user user",
	"cloudaudit":       "event_name title, user_name user, source_address ip, cloud_region word, target_resources list",
	"detectionfinding": "finding_title title, severity_id number, username user",
	"dhcp":             "assigned_address ip, mac_address mac, lease_seconds number",
	"dnsquery":         "query_name domain, query_type word, response_code number, answers list, source_address ip",
	"email":            "sender user, recipients list, subject title, was_blocked bool, sender_domain domain",
	"encrypt":          "protocol word, server_name domain, destination_address ip, destination_port port",
	"filemod":          "image_path path, file_path path, sha256 hash, operation word, username user",
	"generic":          "message title",
	"http":             "uri_host domain, uri_path urlpath, http_method word, response_code status, source_address ip, destination_address ip, destination_port port, username user, bytes_sent number",
	"managementevent":  "action word, username user, target word",
	"netflow":          "source_address ip, source_port port, destination_address ip, destination_port port, protocol number, tx_byte_count number, rx_byte_count number",
	"nids":             "signature title, source_address ip, destination_address ip, destination_port port, priority number, was_blocked bool",
	"persistence":      "persistence_type word, image_path path, commandline command, username user",
	"process":          "image_path path, commandline command, parent_image_path path, process_id number, username user, sha256 hash, was_blocked bool, process_correlation_id word",
	"processmodule":    "image_path path, module_path path, sha256 hash, process_id number",
	"registry":         "registry_path path, registry_value word, image_path path, username user",
	"scriptblock":      "script_block_text command, image_path path, username user",
	"thirdparty":       "vendor word, product word, message title, source_address ip",
	"threadinjection":  "source_image_path path, target_image_path path, process_id number, username user",
}

func newEventTypes() []*EventType {
	types := make([]*EventType, 0, len(specific))
	for name, fields := range specific {
		t := &EventType{Name: name, Fields: commonFields()}
		for i, field := range strings.Split(fields, ", ") {
			name, kind, _ := strings.Cut(field, " ")
			t.Fields = append(t.Fields, newEventField(name, kind, purposeField+uint64(i)))
		}
		t.byName = make(map[string]*EventField, len(t.Fields))
		for i := range t.Fields {
			t.byName[t.Fields[i].Name] = &t.Fields[i]
		}
		types = append(types, t)
	}
	slices.SortFunc(types, func(a, b *EventType) int { return strings.Compare(a.Name, b.Name) })
	return types
}
