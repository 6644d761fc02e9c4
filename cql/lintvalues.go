package cql

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checkComparison checks a comparison.
func (l *linter) checkComparison(c *Comparison) {
	l.checkField(c.Field)
	name := strings.ToLower(c.Field.Name)
	switch {
	case c.Field.Logical:
	case l.isSeverity(name):
		l.checkSeverity(c)
		return
	case name == "status":
		l.checkStatus(c)
	}
	for _, v := range c.Values {
		l.checkOrder(c, v)
		l.checkQuotedBool(c, v)
		l.checkString(c, v)
	}
}

// isSeverity reports whether the field is the severity of detections.
func (l *linter) isSeverity(name string) bool {
	return name == "metadata.severity" || name == "severity" &&
		(l.service == Detections || l.service == "" && len(l.Types) == 0)
}

// band is a word for a severity with its lower limit, and the next band's, "" if there is none. See
// docs/protocol.md#types-and-fields.
type band struct {
	words       []string
	lower, over string
}

var bands = []band{
	{words: []string{"info", "informational", "information"}, lower: "0", over: "0.2"},
	{words: []string{"low"}, lower: "0.2", over: "0.4"},
	{words: []string{"medium", "moderate"}, lower: "0.4", over: "0.6"},
	{words: []string{"high"}, lower: "0.6", over: "0.8"},
	{words: []string{"critical"}, lower: "0.8"},
}

// checkSeverity reports severities that are words, or on another scale than 0 to 1.
func (l *linter) checkSeverity(c *Comparison) {
	field := c.Field.String()
	for _, v := range c.Values {
		number, err := strconv.ParseFloat(v.Text, 64)
		switch {
		case v.Kind == BoolValue || err != nil:
			l.error(v.Pos, "severity is a number from 0 to 1",
				"write "+severityText(field, c.Operator, v.Text))
		case number < 0 || number > 1:
			scale := "write a number from 0 to 1"
			for _, factor := range []float64{10, 100} {
				if number > 1 && number <= factor {
					right := strconv.FormatFloat(number/factor, 'f', -1, 64)
					scale = fmt.Sprintf("write %s %s %s", field, plainOperator(c.Operator), right)
					if len(c.Values) > 1 {
						scale = fmt.Sprintf("write %s for %s", right, v.Text)
					}
					break
				}
			}
			l.error(v.Pos, fmt.Sprintf("severity is a number from 0 to 1, and no record has %s", v.Text),
				scale)
		case v.Kind == StringValue && plainOperator(c.Operator) == c.Operator:
			l.warn(v.Pos, "severity is a number", fmt.Sprintf("write %s without quotes", v.Text))
		case v.Kind == StringValue:
			l.warn(v.Pos, "severity is a number", fmt.Sprintf("write %s >= %s", field, v.Text))
		}
	}
	if (c.Operator == OpGreater || c.Operator == OpLess) && len(c.Values) == 1 {
		if end := map[Operator]string{OpGreater: "1", OpLess: "0"}[c.Operator]; c.Values[0].Text == end {
			l.error(c.Values[0].Pos, fmt.Sprintf("no severity is %s %s", c.Operator, end),
				"severity is a number from 0 to 1")
		}
	}
}

// plainOperator returns the operator for a number: >= in place of one that takes strings.
func plainOperator(o Operator) Operator {
	if o.operand() == oneValue || o.operand() == listOfValues {
		return o
	}
	return OpGreaterEqual
}

// severityText returns the condition for a word, for example for "High".
func severityText(field string, o Operator, word string) string {
	word = strings.ToLower(strings.Trim(word, "*% "))
	for _, b := range bands {
		if slices.Contains(b.words, word) {
			return b.condition(field, o)
		}
	}
	return field + " >= 0.6, for example: high is from 0.6, critical from 0.8"
}

// condition returns the condition that compares the field with the band.
func (b band) condition(field string, o Operator) string {
	isFirst, isLast := b.lower == "0", b.over == ""
	from, before := field+" >= "+b.lower, field+" < "+b.over
	below, above := field+" < "+b.lower, field+" >= "+b.over
	switch {
	case o == OpGreaterEqual, isLast &&
		(o == OpGreater || !o.Negated() && o != OpLess && o != OpLessEqual):
		return from
	case o == OpGreater, o.Negated() && isFirst:
		return above
	case o == OpLessEqual && isLast:
		return field + " <= 1"
	case o == OpLess && !isFirst, o.Negated() && isLast:
		return below
	case o == OpLess, o == OpLessEqual, isFirst:
		return before
	case o.Negated():
		return "(" + below + " OR " + above + ")"
	}
	return from + " AND " + before
}

// checkStatus reports values that are not one of the status.
func (l *linter) checkStatus(c *Comparison) {
	known := statusesOf[l.service]
	if l.service == "" && len(l.Types) == 0 {
		known = slices.Concat(statusesOf[Detections], statusesOf[Cases])
	}
	if known == nil || c.Operator.operand() != oneValue && c.Operator.operand() != listOfValues {
		return
	}
	for _, v := range c.Values {
		if v.Kind != StringValue || slices.Contains(known, v.Text) {
			continue
		}
		upper := strings.ToUpper(v.Text)
		if slices.Contains(known, upper) {
			l.warn(v.Pos, "the status is written "+upper, "write '"+upper+"'")
			continue
		}
		suggestion := "known are " + strings.Join(known, ", ")
		if near := nearest(strings.NewReplacer(" ", "_", "-", "_").Replace(v.Text), known); near != "" {
			suggestion = "write '" + near + "'"
		} else if upper == "CLOSED" || upper == "RESOLVED" {
			suggestion = closedStatus[l.service]
		}
		l.warn(v.Pos, "unknown status "+shown(token{kind: stringToken, text: v.Text}), suggestion)
	}
}

// closedStatus are the right forms for what is no longer open.
var closedStatus = map[Service]string{
	"":         "write status !IN ('OPEN','SUPPRESSED') for detections, status MATCHES 'CLOSED_*' for cases",
	Detections: "write status !IN ('OPEN','SUPPRESSED') for all that were resolved",
	Cases:      "write status MATCHES 'CLOSED_*' for all that are closed",
}

// checkOrder reports words that are compared by their order.
func (l *linter) checkOrder(c *Comparison, v Value) {
	switch c.Operator {
	case OpLess, OpLessEqual, OpGreater, OpGreaterEqual:
	default:
		return
	}
	_, err := strconv.ParseFloat(v.Text, 64)
	if v.Kind == BoolValue || v.Kind == StringValue && err != nil && !beginsWithDigit(v.Text) {
		l.warn(v.Pos, string(c.Operator)+" compares numbers and times", "write = or !=")
	}
}

func beginsWithDigit(s string) bool { return s != "" && isDigit(s[0]) }

// checkQuotedBool reports 'true' and 'false'.
func (l *linter) checkQuotedBool(c *Comparison, v Value) {
	if v.Kind == StringValue && (c.Operator.Positive() == OpEqual || c.Operator.Positive() == OpIn) &&
		(strings.EqualFold(v.Text, "true") || strings.EqualFold(v.Text, "false")) {
		l.warn(v.Pos, "booleans stand without quotes", "write "+strings.ToLower(v.Text))
	}
}

// checkNull reports null checks of fields that stored events always have.
func (l *linter) checkNull(n *NullCheck) {
	if n.Field.Logical || l.service == Detections || l.service == Cases {
		return
	}
	zero := zeroOf(strings.ToLower(n.Field.Name))
	switch {
	case zero == "":
	case n.Not:
		l.warn(n.Field.Pos,
			"stored events have zero values in place of absent ones, so IS NOT NULL finds all",
			fmt.Sprintf("write %s != %s", n.Field.Name, zero))
	default:
		l.warn(n.Field.Pos,
			"stored events have zero values in place of absent ones, so IS NULL finds none",
			fmt.Sprintf("write %s = %s", n.Field.Name, zero))
	}
}

// zeroOf returns the zero value of a field, as far as its name tells its type, else "".
func zeroOf(name string) string {
	last := name[strings.LastIndex(name, ".")+1:]
	for _, prefix := range []string{"was_", "is_", "has_", "can_", "did_"} {
		if strings.HasPrefix(last, prefix) {
			return "false"
		}
	}
	for _, suffix := range []string{"_enabled", "_blocked", "_allowed", "_flag"} {
		if strings.HasSuffix(last, suffix) {
			return "false"
		}
	}
	for _, suffix := range []string{
		"port", "_count", "_bytes", "_size", "_code", "_usec", "_pid",
		"_length", "_score", "_number",
	} {
		if strings.HasSuffix(last, suffix) {
			return "0"
		}
	}
	return ""
}

// checkAlternatives reports alternatives of which one always holds: a != 'x' OR a != 'y'.
func (l *linter) checkAlternatives(o *OrExpr) {
	negated := map[string]int{}
	for _, operand := range o.Operands {
		c, ok := operand.(*Comparison)
		if !ok || c.Operator != OpNotEqual && c.Operator != OpNotIn {
			continue
		}
		name := strings.ToLower(c.Field.String())
		if negated[name]++; negated[name] == 2 {
			l.warn(c.Field.Pos, "one of these alternatives always holds",
				fmt.Sprintf("join them by AND, or write %s !IN (…)", c.Field))
		}
	}
}
