package emulator

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
)

// source is a list that an operation returns in pages.
type source struct {
	length int
	// at returns an item as it is sent.
	at func(i int) any
	// key returns what identifies an item, so that a cursor finds its place in a list that has
	// changed. It may be nil for a list that does not change.
	key func(i int) string
	// more are members of the answer besides those of the pages.
	more map[string]any
	// also are paths of further lists with the items of the same page.
	also []string
	// whole returns all items on one page.
	whole bool
}

// span is a part of a source.
type span struct {
	first, end int
	size       int
}

// page returns the page of a source that the arguments of an operation ask for.
func (c *call) page(l *listing, args map[string]any, s source) (any, error) {
	p, err := c.span(l, args, s)
	if err != nil {
		return nil, err
	}
	if p.first == p.end && l.EndText != "" && c.config.Behavior.NoRowsError {
		return nil, notFound(l.EndText)
	}
	items := make([]any, 0, p.end-p.first)
	for i := p.first; i < p.end; i++ {
		items = append(items, s.at(i))
	}
	if l.Items == "$" {
		return items, nil
	}
	answer := record{"error": nil, "errors": nil, "reason": nil}
	for _, list := range append(s.also, l.Items) {
		setPath(answer, list, items)
	}
	setPath(answer, l.Total, s.length)
	describePage(answer, l, s, p)
	maps.Copy(answer, s.more)
	return answer, nil
}

// describePage sets what tells a client whether and how to go on. Members that the type does not
// have are never selected.
func describePage(answer record, l *listing, s source, p span) {
	more := p.end < s.length
	parent, name := answer, l.Next
	if i := strings.LastIndexByte(l.Next, '.'); i >= 0 {
		setPath(answer, l.Next, nil)
		parent, name = pathParent(answer, l.Next), l.Next[i+1:]
	}
	for _, flag := range []string{"hasNextPage", "hasMore", "has_more", "has_next_page", "hasNext"} {
		parent[flag] = more
	}
	parent["startRange"], parent["endRange"] = p.first, max(p.end-1, 0)
	for _, flag := range []string{"hasPreviousPage", "hasPrevious", "has_previous_page"} {
		parent[flag] = p.first > 0
	}
	pages := 0
	if p.size > 0 {
		pages = (s.length + p.size - 1) / p.size
	}
	answer["total_pages"], answer["totalPages"], answer["total_unfiltered"] = pages, pages, s.length
	answer["result_count"], answer["totalUnfilteredCount"] = p.end-p.first, s.length
	if name == "" || strings.HasPrefix(name, "has") {
		return
	}
	parent["startCursor"], parent["previousCursor"], parent[name] = nil, nil, nil
	if p.end > p.first {
		parent["startCursor"] = s.cursor(p.first)
		if more || l.keepsCursor() {
			parent[name] = s.cursor(p.end - 1)
		}
	}
}

// keepsCursor reports whether the last page has a cursor too, because a flag tells the end.
func (l *listing) keepsCursor() bool {
	return l.Strategy == "relay" || l.Strategy == "after-cursor" && !strings.HasSuffix(l.Next, "lastEvaluatedKey")
}

// span returns the part of the source that the arguments ask for.
func (c *call) span(l *listing, args map[string]any, s source) (span, error) {
	size := c.pageSize(l, args)
	if s.whole {
		return s.span(0, s.length), nil
	}
	switch l.Strategy {
	case "page-number":
		base := 1
		if l.FirstPage != nil {
			base = *l.FirstPage
		} else if c.config.Behavior.FirstPageZero {
			base = 0
		}
		page, given := numberAt(args, l.Cursor)
		if !given {
			page = base
		}
		if page < base && c.config.Behavior.RefusePageZero {
			return span{}, badInput(fmt.Sprintf("there is no page %d: the first page is %d", page, base))
		}
		return s.span(max(page-base, 0)*size, size), nil
	case "offset-limit":
		offset, _ := numberAt(args, l.Cursor)
		return s.span(offset, size), nil
	case "range":
		first, given := numberAt(args, l.Cursor)
		last, bounded := numberAt(args, l.Limit)
		if !given && !bounded {
			return s.span(0, s.length), nil
		}
		return s.span(first, max(last-first+1, 0)), nil
	}
	return s.after(l, args, size)
}

// pageSize returns the size of a page: that of the arguments or by default that of the operation,
// but at most the largest one.
func (c *call) pageSize(l *listing, args map[string]any) int {
	size, _ := numberAt(args, l.Limit)
	if size <= 0 {
		size = orDefault(l.Default, defaultPerPage)
	}
	if l.MaxPage > 0 {
		size = min(size, l.MaxPage)
	}
	return size
}

// span returns up to size items from first on.
func (s source) span(first, size int) span {
	first = min(max(first, 0), s.length)
	return span{first: first, end: first + min(size, s.length-first), size: size}
}

// after returns the items that follow a cursor. With last or before it goes backwards.
func (s source) after(l *listing, args map[string]any, size int) (span, error) {
	parent := strings.TrimSuffix(l.Limit, "first")
	last, backwards := numberAt(args, parent+"last")
	before, bounded := textAt(args, parent+"before")
	if l.Strategy == "relay" && (backwards || bounded) {
		end := s.length
		if bounded {
			position, err := s.position(before)
			if err != nil {
				return span{}, err
			}
			end = position
		}
		if backwards && last > 0 {
			size = last
		}
		first := max(end-size, 0)
		return span{first: first, end: end, size: size}, nil
	}
	cursor, given := textAt(args, l.Cursor)
	if !given {
		return s.span(0, size), nil
	}
	position, err := s.position(cursor)
	if err != nil {
		return span{}, err
	}
	return s.span(position+1, size), nil
}

// cursorText is the content of a cursor, which is opaque for clients.
type cursorText struct {
	Index int    `json:"i"`
	Key   string `json:"k,omitempty"`
}

// cursor returns the cursor of an item.
func (s source) cursor(i int) string {
	c := cursorText{Index: i}
	if s.key != nil {
		c.Key = s.key(i)
	}
	text, err := json.Marshal(c)
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// position returns the place of the item that a cursor names. If the item has gone, it is the
// place before the one that the cursor had.
func (s source) position(text string) (int, error) {
	var c cursorText
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return 0, badInput(fmt.Sprintf("%q is not a cursor of this list", text))
	}
	if s.key == nil || c.Index < s.length && s.key(c.Index) == c.Key {
		return c.Index, nil
	}
	for i := range s.length {
		if s.key(i) == c.Key {
			return i, nil
		}
	}
	return c.Index - 1, nil
}

// setPath sets a member of an object, and creates the objects on its path.
func setPath(r record, path string, value any) {
	if path == "" || path == "$" {
		return
	}
	parent := pathParent(r, path)
	parent[path[strings.LastIndexByte(path, '.')+1:]] = value
}

// pathParent returns the object that has the last member of a path.
func pathParent(r record, path string) record {
	for {
		first, rest, nested := strings.Cut(path, ".")
		if !nested {
			return r
		}
		child, ok := r[first].(record)
		if !ok {
			child = record{}
			r[first] = child
		}
		r, path = child, rest
	}
}

// at returns the argument at a path, nil if it is absent.
func at(args map[string]any, path string) any {
	var value any = args
	for path != "" {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		name, rest, _ := strings.Cut(path, ".")
		value, path = object[name], rest
	}
	return value
}

// numberAt returns the number at a path, and whether there is one.
func numberAt(args map[string]any, path string) (int, bool) {
	if path == "" {
		return 0, false
	}
	switch v := at(args, path).(type) {
	case int64:
		return int(v), true
	case int:
		return v, true
	case float64:
		return int(min(max(v, math.MinInt32), math.MaxInt32)), true
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// textAt returns the text at a path, and whether there is one that is not empty.
func textAt(args map[string]any, path string) (string, bool) {
	text, ok := at(args, path).(string)
	return text, ok && text != ""
}
