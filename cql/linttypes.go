package cql

import (
	"fmt"
	"slices"
	"strings"
)

// checkTypes checks the names after FROM.
func (l *linter) checkTypes() {
	seen := map[string]bool{}
	var first Service
	for _, t := range l.Types {
		name := strings.ToLower(t.Name)
		s := serviceOf(name)
		switch {
		case seen[name]:
			l.warn(t.Pos, t.Name+" stands twice after FROM", "name each type once")
		case s == "":
			l.unknownType(t)
		case first != "" && s != first:
			l.error(t.Pos, fmt.Sprintf("%s and %s cannot be searched in one query", first, s),
				fmt.Sprintf("send two queries: FROM %s and FROM %s", l.typesOf(first), l.typesOf(s)))
		case l.chosen && s != l.service && l.service != "":
			l.error(t.Pos,
				fmt.Sprintf("%s belongs to the %s, and the query goes to the %s", t.Name, s, l.service),
				"send it to the other service")
		case name != t.Name:
			l.warn(t.Pos, "the type is written "+name, "write FROM "+name)
		}
		if first == "" {
			first = s
		}
		seen[name] = true
	}
	if seen["alert"] && seen["detection"] {
		l.warn(l.Types[0].Pos, "alert and detection are the same records", "write FROM alert")
	}
}

// unknownType reports a type that is not known.
func (l *linter) unknownType(t TypeName) {
	known := slices.Concat(typesOf[Detections], typesOf[Events], typesOf[Cases])
	message := "unknown type " + t.Name
	if near := nearest(t.Name, slices.Concat(known, typeSlips())); near != "" {
		if right, ok := typesByOtherName[near]; ok {
			near = right
		}
		l.error(t.Pos, message, "write FROM "+near)
		return
	}
	l.warn(t.Pos, message, "known are "+strings.Join(known, ", "))
}

// typesByOtherName are types by names that users take for them.
var typesByOtherName = map[string]string{
	"alerts": "alert", "detections": "detection", "cases": "case", "investigations": "investigation",
	"processes": "process", "dns": "dnsquery", "file": "filemod", "files": "filemod",
	"network": "netflow", "authentication": "auth", "login": "auth", "ids": "nids",
	"events": "*", "event": "*", "all": "*",
	"cloud": "cloudaudit", "script": "scriptblock",
}

func typeSlips() []string {
	var names []string
	for name := range typesByOtherName {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// typesOf returns the types of the query that belong to the service.
func (l *linter) typesOf(s Service) string {
	var names []string
	for _, t := range l.Types {
		if serviceOf(t.Name) == s {
			names = append(names, t.Name)
		}
	}
	return strings.Join(names, ", ")
}

// checkField checks the name of a field in the condition.
func (l *linter) checkField(f Field) {
	switch {
	case f.Logical && !slices.Contains(logicalTypes, strings.ToLower(f.Name)):
		suggestion := "known are @" + strings.Join(logicalTypes, " @")
		if near := nearest(f.Name, logicalTypes); near != "" {
			suggestion = "write @" + near
		}
		l.error(f.Pos, "unknown logical type "+f.String(), suggestion)
	case !f.Logical && l.service == Detections:
		l.checkDetectionField(f)
	}
}

// moreDetectionFields are known fields of detections that other records have, too.
var moreDetectionFields = []string{"status", "resource_id", "tenant_id"}

// checkDetectionField finds fields of detections that miss their prefix or are misspelled.
func (l *linter) checkDetectionField(f Field) {
	name := strings.ToLower(f.Name)
	known := slices.Concat(fieldsOf[Detections], moreDetectionFields)
	switch near := nearest(name, known); {
	case slices.Contains(known, name):
	case slices.Contains(known, "metadata."+name):
		l.warn(f.Pos, "detections have no field "+f.Name, "write metadata."+name)
	case near != "" && len(name) > 4 && !strings.Contains(name, "."):
		l.warn(f.Pos, "detections have no field "+f.Name, "write "+near)
	}
}
