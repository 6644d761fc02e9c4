package cql

import (
	"slices"
	"strings"
)

// Service is a service that accepts queries.
type Service string

// The services that [Lint] has rules for.
const (
	Detections Service = "detections" // also called alerts
	Events     Service = "events"
	Cases      Service = "cases" // also called investigations
)

// typesOf are the types of the services. See docs/protocol.md#types-and-fields.
var typesOf = map[Service][]string{
	Detections: {"alert", "detection"},
	Events: {
		"agentdetection", "antivirus", "apicall", "auth", "cloudaudit", "detectionfinding", "dhcp",
		"dnsquery",
		"email", "encrypt", "filemod", "generic", "http", "managementevent", "netflow", "nids",
		"persistence",
		"process", "processmodule", "registry", "scriptblock", "thirdparty", "threadinjection",
	},
	Cases: {"investigation", "case"},
}

// services are the services in the order of the text of errors.
var services = []Service{Detections, Events, Cases}

// fieldsOf are fields that only one of the services has, as far as known.
var fieldsOf = map[Service][]string{
	Detections: {
		"severity", "metadata.severity", "metadata.title", "metadata.confidence", "metadata.created_at",
		"metadata.inserted_at", "metadata.updated_at", "resolution_reason", "investigation_ids",
		"entities",
		"third_party_details", "sensor_types", "attack_technique_ids",
	},
	Events: {"sensor_type", "sensor_id", "host_id", "hostname", "event_time_usec", "ingest_time_usec"},
	Cases:  {"deleted_at", "archived_at", "assignee_id", "priority"},
}

// logicalTypes are the names behind @.
var logicalTypes = []string{
	"ip", "user", "domain", "hash", "host", "command", "mac", "path", "port", "url", "uuid",
	"latitude",
	"longitude", "raw", "sensorid", "timestamp",
}

// statusesOf are the values of the field status.
var statusesOf = map[Service][]string{
	Detections: {
		"OPEN", "TRUE_POSITIVE_BENIGN", "TRUE_POSITIVE_MALICIOUS", "FALSE_POSITIVE", "NOT_ACTIONABLE",
		"OTHER",
		"SUPPRESSED", "AUTO_CLOSE", "DISMISSED",
	},
	Cases: {
		"OPEN", "ACTIVE", "AWAITING_ACTION", "SUSPENDED", "DRAFT", "DRAFT_DISMISSED", "CUSTOM",
		"CLOSED_AUTHORIZED_ACTIVITY", "CLOSED_CONFIRMED_SECURITY_INCIDENT", "CLOSED_FALSE_POSITIVE_ALERT",
		"CLOSED_INCONCLUSIVE", "CLOSED_INFORMATIONAL", "CLOSED_NOT_VULNERABLE", "CLOSED_THREAT_MITIGATED",
	},
}

// serviceOf returns the service of a type, "" if it is not known.
func serviceOf(typeName string) Service {
	if typeName == "*" {
		return Events
	}
	for _, s := range services {
		if slices.Contains(typesOf[s], strings.ToLower(typeName)) {
			return s
		}
	}
	return ""
}

// service returns the service that the types of the query belong to, or without types its fields;
// "" if that is not known.
func (q *Query) service() Service {
	for _, t := range q.Types {
		if s := serviceOf(t.Name); s != "" {
			return s
		}
	}
	if len(q.Types) > 0 {
		return ""
	}
	var found Service
	Inspect(q.Where, func(e Expr) bool {
		for _, s := range services {
			if f, ok := fieldIn(e); ok && found == "" && isFieldOf(s, f) {
				found = s
			}
		}
		return true
	})
	return found
}

// fieldIn returns the field of a comparison or a null check.
func fieldIn(e Expr) (Field, bool) {
	switch e := e.(type) {
	case *Comparison:
		return e.Field, true
	case *NullCheck:
		return e.Field, true
	}
	return Field{}, false
}

// isFieldOf reports whether the field is one that only this service has.
func isFieldOf(s Service, f Field) bool {
	return !f.Logical && slices.Contains(fieldsOf[s], strings.ToLower(f.Name))
}

// nearest returns the element of the list that is spelled most alike, "" if none is near. Case does
// not count.
func nearest(word string, list []string) string {
	word = strings.ToLower(word)
	best, limit := "", 1+min(len(word)/5, 2)
	for _, candidate := range list {
		if d := distance(word, strings.ToLower(candidate), limit); d <= limit {
			best, limit = candidate, d-1
		}
	}
	return best
}

// distance returns the number of characters to insert, delete, replace or swap with the next one to
// turn a into b, or a larger number than limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
