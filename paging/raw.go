package paging

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/taegis-go/taegis/core"
	"github.com/taegis-go/taegis/internal/rawjson"
	"github.com/taegis-go/taegis/ports"
)

// Plan is an operation together with its row of paging.json. Package catalog returns it.
type Plan struct {
	Descriptor
	Op *core.Operation
	// Next is the plan of the operation that returns the further pages, nil if it is Op itself.
	Next *Plan
}

// Raw returns the rows of all pages of an operation as JSON. Args encodes to a JSON object of the
// operation's arguments; nil means none. Options and errors are those of [Pager.All]. Raw can
// continue a run of All, and All a run of Raw.
//
// If the caller selects fields of the result, the selection must contain those that the plan
// requires.
func Raw(ctx context.Context, t ports.Transport, plan Plan, args any, opts ...Option) iter.Seq2[json.RawMessage, error] {
	object, err := objectOf(args)
	if err != nil {
		return func(yield func(json.RawMessage, error) bool) {
			err := &core.ArgumentError{Operation: plan.Op.Name, Reason: "the arguments are not a JSON object", Err: err}
			yield(nil, &Error{Operation: plan.Op.Name, Cursor: settingsOf(opts).cursor(), Err: err})
		}
	}
	return rawPager(plan).All(ctx, t, object, opts...)
}

// object are arguments by their names.
type object map[string]json.RawMessage

func objectOf(args any) (object, error) {
	if args == nil {
		return object{}, nil
	}
	text, err := json.Marshal(args)
	if err != nil {
		return nil, err
	}
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, err
	}
	if o == nil { // null
		o = object{}
	}
	return o, nil
}

// rawPager returns the pager whose closures follow the paths of a plan.
func rawPager(plan Plan) *Pager[object, json.RawMessage, json.RawMessage] {
	w := newRawPaths(plan.Descriptor)
	p := &Pager[object, json.RawMessage, json.RawMessage]{
		Rules: plan.Rules(), Operation: plan.Op, Required: plan.required(),
		Slots: func(args *object) Slots { return rawSlots(plan.Descriptor, args) },
		Page:  w.page,
	}
	if plan.Next != nil {
		p.Continuation = plan.Next.Op
		p.Continue = func(at At) any {
			return Fill(at, func(args *object) Slots { return rawSlots(plan.Next.Descriptor, args) })
		}
	}
	if plan.ID != "" {
		p.ID = w.id
	}
	if plan.Time != "" {
		p.Time = func(item json.RawMessage) int64 { return int64(number(rawjson.At(item, w.time...))) }
	}
	return p
}

// rawSlots returns the paging arguments of the row's operation.
func rawSlots(row Descriptor, args *object) Slots {
	s := Slots{Query: textSlot(args, row.Query)}
	switch row.Strategy {
	case PageNumber, OffsetLimit:
		s.Size, s.Number = numberSlot(args, row.Limit), numberSlot(args, row.Cursor)
	case Range:
		s.Number, s.End = numberSlot(args, row.Cursor), numberSlot(args, row.Limit)
	case Parts, MessageNext, Relay, AfterCursor, Token:
		s.Size, s.Cursor, s.Number = numberSlot(args, row.Limit), textSlot(args, row.Cursor), numberSlot(args, row.Number)
	}
	return s
}

func numberSlot(args *object, path string) Slot[int] {
	if path == "" {
		return nil
	}
	return rawSlot[int]{args, strings.Split(path, ".")}
}

func textSlot(args *object, path string) Slot[string] {
	if path == "" {
		return nil
	}
	return rawSlot[string]{args, strings.Split(path, ".")}
}

// rawSlot is the position of an argument in an object. Setting it replaces the objects that lead to
// it, so that those of the caller stay.
type rawSlot[V any] struct {
	args *object
	path []string
}

func (s rawSlot[V]) Get() (value V, set bool) {
	text := rawjson.At((*s.args)[s.path[0]], s.path[1:]...)
	if text == nil || isNull(text) {
		return value, false
	}
	return value, json.Unmarshal(text, &value) == nil
}

func (s rawSlot[V]) Set(value V) {
	text, err := json.Marshal(value)
	if err != nil {
		return // unreachable: an int or a string
	}
	*s.args = with(*s.args, s.path, text)
}

// with returns a copy of an object in which the value at a path is another one.
func with(o object, path []string, value json.RawMessage) object {
	own := make(object, len(o)+1)
	maps.Copy(own, o)
	if len(path) > 1 {
		var below object
		if json.Unmarshal(own[path[0]], &below) != nil {
			below = nil // absent, or not an object: then the server refuses it
		}
		text, err := json.Marshal(with(below, path[1:], value))
		if err != nil {
			return own // unreachable: its members are JSON
		}
		value = text
	}
	own[path[0]] = value
	return own
}

// rawPaths are the paths of a row, split.
type rawPaths struct {
	row                                  Descriptor
	items, next, more, total, part, last []string
	end, id_, time                       []string
}

func newRawPaths(row Descriptor) *rawPaths {
	return &rawPaths{
		row: row, items: steps(row.Items), next: steps(row.Next), more: steps(row.More), total: steps(row.Total),
		part: steps(row.Part), last: steps(row.Parts), end: steps(row.End), id_: steps(row.ID), time: steps(row.Time),
	}
}

// steps splits a path. The value itself has none.
func steps(path string) []string {
	if path == "" || path == whole {
		return nil
	}
	return strings.Split(path, ".")
}

func (w *rawPaths) id(item json.RawMessage) string {
	if len(w.id_) == 0 {
		var text string
		if json.Unmarshal(item, &text) != nil {
			return ""
		}
		return text
	}
	last := len(w.id_) - 1
	return rawjson.Member(rawjson.At(item, w.id_[:last]...), w.id_[last])
}

// page reads a result.
func (w *rawPaths) page(value json.RawMessage) Page[json.RawMessage] {
	result := rawjson.NewReader(value)
	p := Page[json.RawMessage]{
		Items: rawjson.Elements(result.At(w.items...)),
		Total: number(find(result, w.total)), Part: number(find(result, w.part)), Parts: number(find(result, w.last)),
		End: number(find(result, w.end)), LowerBound: w.row.LowerBound.in(result), Pending: w.row.Pending.in(result),
		Truncated: w.row.Truncated.in(result),
	}
	if w.row.Next != w.row.More {
		p.Next = text(find(result, w.next))
	}
	if w.more != nil {
		p.More = MoreOf(string(find(result, w.more)) == "true")
	}
	for _, s := range w.row.Failure {
		if s.in(result) {
			p.Failure = Reason(p.Failure, s.reason(result))
		}
	}
	for _, s := range w.row.Partial {
		if s.in(result) {
			p.PartialFailures = append(p.PartialFailures, s.reason(result))
		}
	}
	return p
}

// in reports whether a result has the sign.
func (s *Signal) in(result *rawjson.Reader) bool {
	if s == nil {
		return false
	}
	value := result.At(steps(s.Path)...)
	switch word := text(value); {
	case string(value) == "true":
		return true
	case string(value) == "false":
		return false
	case len(s.Values) > 0:
		return slices.Contains(s.Values, word)
	case word == "":
		return s.Absent && result.At(steps(parent(s.Path))...) != nil
	default:
		return !slices.Contains(s.Except, word)
	}
}

// parent returns a path without its last step.
func parent(path string) string {
	return path[:max(strings.LastIndexByte(path, '.'), 0)]
}

func (s *Signal) reason(result *rawjson.Reader) string {
	return Reason(text(find(result, steps(s.Reason))), text(find(result, steps(s.Path))))
}

// find is At for a path that may be absent from the row.
func find(result *rawjson.Reader, path []string) json.RawMessage {
	if path == nil {
		return nil
	}
	return result.At(path...)
}

// text returns a string, "" for another value.
func text(value json.RawMessage) string {
	var s string
	if value == nil || json.Unmarshal(value, &s) != nil {
		return ""
	}
	return s
}

// number returns a whole number, also one that is written as a string or with a fraction of zeros;
// 0 for another value.
func number(value json.RawMessage) int {
	if value == nil {
		return 0
	}
	word := strings.Trim(string(value), `"`)
	if n, err := strconv.Atoi(word); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(word, 64)
	if err != nil || f != float64(int(f)) {
		return 0
	}
	return int(f)
}
