package emulator

import (
	"time"

	"github.com/taegis-go/taegis/taegistest/emulator/internal/corpus"
)

// alertObject is an alert as the type Alert2. Fields that the emulator has no values for are null.
type alertObject struct{ *corpus.Alert }

func (a alertObject) resolve(field string, _ map[string]any) (any, error) {
	if value := alertMembers[field]; value != nil {
		return value(a.Alert), nil
	}
	return nil, nil
}

var alertMembers = map[string]func(*corpus.Alert) any{
	"id":                   func(a *corpus.Alert) any { return a.ID() },
	"group_key":            func(a *corpus.Alert) any { return []string{a.GroupKey()} },
	"attack_technique_ids": func(a *corpus.Alert) any { return a.Techniques() },
	"tenant_id":            func(a *corpus.Alert) any { return a.Tenant },
	"tenant":               func(a *corpus.Alert) any { return row{"id": a.Tenant} },
	"suppressed":           func(a *corpus.Alert) any { return a.Status == "SUPPRESSED" },
	"resolution_reason":    func(a *corpus.Alert) any { return optionalText(a.Reason) },
	"tags":                 func(a *corpus.Alert) any { return a.Tags() },
	"sensor_types":         func(a *corpus.Alert) any { return a.Sensors() },
	"threat_score":         func(a *corpus.Alert) any { return a.ThreatScore },
	"threat_score_v2":      func(a *corpus.Alert) any { return a.ThreatScore },
	"observation":          func(*corpus.Alert) any { return false },
	"visibility":           func(*corpus.Alert) any { return "DEPLOYED" },
	"status":               func(a *corpus.Alert) any { return a.Status },
	"metadata":             func(a *corpus.Alert) any { return alertMetadata{a} },
	"entities": func(a *corpus.Alert) any {
		return row{"entities": entityTexts(a), "relationships": []any{}}
	},
	"key_entities": func(a *corpus.Alert) any {
		return []any{row{"entity": a.Entities()[0].String(), "label": "user"}}
	},
	"event_ids":         func(a *corpus.Alert) any { return references(a.Events()) },
	"investigation_ids": func(a *corpus.Alert) any { return references(a.Cases) },
	"resolution_history": func(a *corpus.Alert) any {
		return rows(a.Resolutions, func(r corpus.Resolution) any {
			return row{
				"id": r.ID, "user_id": r.User, "uuid_user_id": r.User, "reason": optionalText(r.Reason),
				"status": r.Status, "num_alerts_affected": 1, "timestamp": timestamp(r.Time),
			}
		})
	},
	"third_party_details": func(a *corpus.Alert) any {
		name := a.ThirdParty()
		if name == "" {
			return []any{}
		}
		values := row{"record": []any{row{"key": "host", "value": a.Host()}}}
		return []any{row{"generic": row{"name": name, "generic": values}}}
	},
	"events_metadata": func(a *corpus.Alert) any {
		events := a.Events()
		return row{
			"first_event_id": events[0], "last_event_id": events[len(events)-1], "total_events": len(events),
			"updated_at": timestamp(a.Updated), "began_at": timestamp(began(a)), "ended_at": timestamp(a.Created),
		}
	},
	"priority": func(a *corpus.Alert) any {
		return row{"value": a.ThreatScore, "prioritizer": "emulator", "applied_time": timestamp(a.Inserted)}
	},
}

// began returns the time of the first event of an alert.
func began(a *corpus.Alert) time.Time { return a.Created.Add(-time.Minute) }

// alertMetadata is an alert as the type AlertsMetadata.
type alertMetadata struct{ *corpus.Alert }

func (a alertMetadata) resolve(field string, _ map[string]any) (any, error) {
	switch field {
	case "title", "full_title":
		return a.Title, nil
	case "description":
		return a.Description(), nil
	case "severity":
		return a.Severity, nil
	case "confidence":
		return a.Confidence, nil
	case "read_only":
		return false, nil
	case "origin":
		return "INTERNAL", nil
	case "creator":
		id, name := a.Detector()
		return row{"detector": row{"detector_id": id, "detector_name": name, "version": "1.0.0"}}, nil
	case "engine":
		_, name := a.Detector()
		return row{"name": name}, nil
	case "created_at":
		return timestamp(a.Created), nil
	case "inserted_at":
		return timestamp(a.Inserted), nil
	case "updated_at":
		return timestamp(a.Updated), nil
	case "began_at", "first_seen_at":
		return timestamp(began(a.Alert)), nil
	case "ended_at":
		return timestamp(a.Created), nil
	case "first_investigated_at":
		return timestampOf(a.FirstInvestigated), nil
	case "first_resolved_at":
		return timestampOf(a.FirstResolved), nil
	}
	return nil, nil
}
