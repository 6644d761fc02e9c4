package output

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/taegis-go/taegis/internal/text"
)

const (
	// tableSample is how many rows decide the widths of the columns.
	tableSample = 100
	// tableWait is how long a table waits for them.
	tableWait = time.Second
	// tableGap is the space between columns.
	tableGap = 2
	// narrowest is the least width to which a column shrinks before another one is left out. A time
	// does not shrink.
	narrowest = 12
)

// tableForm prints records as a table. The first ones decide the widths, later ones are printed as
// they come; their cells are cut if the terminal is too narrow.
type tableForm struct {
	p     *Printer
	timer *time.Timer

	mu      sync.Mutex
	sample  [][]byte // records until the widths are known
	settled bool
	widths  []int // of the columns that are shown
	cells   [][]byte
	failed  error // of the timer
}

func newTable(p *Printer) *tableForm { return &tableForm{p: p} }

func (t *tableForm) write(record []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.settled {
		if t.failed != nil {
			return t.failed
		}
		return t.row(record)
	}
	if t.timer == nil {
		t.timer = time.AfterFunc(tableWait, t.expire)
	}
	if t.sample = append(t.sample, bytes.Clone(record)); len(t.sample) < tableSample {
		return nil
	}
	return t.settle()
}

// expire prints the rows that have waited.
func (t *tableForm) expire() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.settled {
		t.failed = t.settle()
	}
}

func (t *tableForm) end() error { return t.flush() }

// flush prints the rows that have waited.
func (t *tableForm) flush() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
	if t.settled {
		return t.failed
	}
	return t.settle()
}

// settle decides the columns and their widths and prints the header and the rows so far.
func (t *tableForm) settle() error {
	t.settled = true
	p := t.p
	if len(t.sample) == 0 && (p.o.Terminal || p.fields == nil) {
		return nil
	}
	if p.fields == nil {
		p.fields, p.columns = columnsOf(t.sample)
	}
	t.cells = make([][]byte, len(p.columns))
	natural := make([]int, len(p.columns))
	headers := make([]string, len(p.columns))
	for i, c := range p.columns {
		headers[i] = text.OneLine(c.Name)
		if !p.o.NoHeaders {
			natural[i] = textWidth(headers[i])
		}
	}
	for _, record := range t.sample {
		for i, cell := range t.texts(record) {
			natural[i] = max(natural[i], textWidth(cell))
		}
	}
	t.widths = natural
	if p.o.Terminal && p.o.Width > 0 {
		t.widths = shrink(natural, leastWidths(p.columns, natural), p.o.Width)
	}
	if hidden := len(natural) - len(t.widths); hidden > 0 {
		p.o.Note(fmt.Sprintf("the terminal is too narrow for %d of %d columns; choose them with --fields", hidden, len(natural)))
	}
	if !p.o.NoHeaders {
		if err := t.line(headers, p.o.Color); err != nil {
			return err
		}
	}
	for _, record := range t.sample {
		if err := t.row(record); err != nil {
			return err
		}
	}
	t.sample = nil
	return nil
}

// texts returns the cells of a record, each on one line and escaped.
func (t *tableForm) texts(record []byte) []string {
	pickCells(t.p.fields, record, t.cells)
	shown := make([]string, len(t.cells))
	for i, cell := range t.cells {
		shown[i] = text.OneLine(cellText(cell, t.p.columns[i], t.p.o.Location))
	}
	return shown
}

func (t *tableForm) row(record []byte) error { return t.line(t.texts(record), false) }

// line prints cells in their columns.
func (t *tableForm) line(cells []string, bold bool) error {
	var b strings.Builder
	last := len(t.widths) - 1
	for i, cell := range cells[:len(t.widths)] {
		if t.p.o.Terminal {
			cell = fit(cell, t.widths[i])
		}
		if i < last {
			cell = pad(cell, t.widths[i]) + strings.Repeat(" ", tableGap)
		}
		b.WriteString(cell)
	}
	line := strings.TrimRight(b.String(), " ")
	if bold {
		line = colorHeader + line + colorOff
	}
	return t.p.out.append(func(dst []byte) []byte { return append(append(dst, line...), '\n') })
}

// leastWidths returns the widths to which columns may shrink.
func leastWidths(columns []Column, natural []int) []int {
	least := make([]int, len(natural))
	for i, w := range natural {
		least[i] = min(w, narrowest)
		if columns[i].Time {
			least[i] = min(w, len(time.RFC3339)-len("07:00"))
		}
	}
	return least
}

// shrink returns the widths of the columns in a terminal. If the least widths do not fit, the last
// columns are left out, but never the first. Then the widest columns shrink, down to their least
// width.
func shrink(natural, least []int, terminal int) []int {
	shown, used := 1, least[0]
	for shown < len(least) && used+tableGap+least[shown] <= terminal {
		used += tableGap + least[shown]
		shown++
	}
	room := terminal - tableGap*(shown-1)
	widths := slices.Clone(least[:shown])
	widths[0] = min(widths[0], room)
	for left := room - sum(widths); left > 0; {
		narrow := -1 // the narrowest column that may still grow
		for i, w := range widths {
			if w < natural[i] && (narrow < 0 || w < widths[narrow]) {
				narrow = i
			}
		}
		if narrow < 0 {
			break
		}
		widths[narrow]++
		left--
	}
	return widths
}

func sum(widths []int) int {
	total := 0
	for _, w := range widths {
		total += w
	}
	return total
}
