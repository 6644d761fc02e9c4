// Package plot draws lines on two logarithmic axes as SVG.
package plot

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Chart is a drawing. X and Y are the labels of its axes; all values must be positive.
type Chart struct {
	Title, X, Y string
	Series      []Series
}

// Series is a line of a chart.
type Series struct {
	Name   string
	Points []Point
}

// Point is a point of a line.
type Point struct{ X, Y float64 }

const (
	width, height            = 640, 400
	left, right, top, bottom = 80, 130, 40, 50
)

var colours = []string{"#0b62d6", "#8a8a8a", "#c2571a", "#2b8a3e", "#862e9c"}

// axis maps a range of decades to a part of the drawing.
type axis struct{ low, high, from, to float64 }

func newAxis(from, to float64, values []float64) axis {
	a := axis{math.Inf(1), math.Inf(-1), from, to}
	for _, v := range values {
		a.low, a.high = min(a.low, math.Floor(math.Log10(v))), max(a.high, math.Ceil(math.Log10(v)))
	}
	if a.low == a.high {
		a.high++
	}
	return a
}

func (a axis) at(v float64) float64 {
	return a.from + (math.Log10(v)-a.low)/(a.high-a.low)*(a.to-a.from)
}

// SVG returns the drawing. Text and lines have the colours of a dark page if the user prefers one.
func (c Chart) SVG() string {
	var xs, ys []float64
	for _, s := range c.Series {
		for _, p := range s.Points {
			xs, ys = append(xs, p.X), append(ys, p.Y)
		}
	}
	x, y := newAxis(left, width-right, xs), newAxis(height-bottom, top, ys)

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n", width, height)
	b.WriteString("<style>text{fill:#222}.grid{stroke:#ddd}@media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#444}}</style>\n")
	text := func(x, y float64, anchor, more, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>`+"\n", x, y, anchor, more, html.EscapeString(s))
	}
	line := func(x1, y1, x2, y2 float64) {
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", x1, y1, x2, y2)
	}
	text(left, 20, "start", ` font-weight="bold"`, c.Title)
	text((left+width-right)/2, height-12, "middle", "", c.X)
	text(16, height/2, "middle", fmt.Sprintf(` transform="rotate(-90 16 %d)"`, height/2), c.Y)
	for d := x.low; d <= x.high; d++ {
		at := x.at(math.Pow(10, d))
		line(at, top, at, height-bottom)
		text(at, height-bottom+18, "middle", "", tick(d))
	}
	for d := y.low; d <= y.high; d++ {
		at := y.at(math.Pow(10, d))
		line(left, at, width-right, at)
		text(left-8, at+4, "end", "", tick(d))
	}
	for i, s := range c.Series {
		colour := colours[i%len(colours)]
		var points []string
		for _, p := range s.Points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x.at(p.X), y.at(p.Y)))
			fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x.at(p.X), y.at(p.Y), colour)
		}
		fmt.Fprintf(&b, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour)
		at := float64(top + 16 + 18*i)
		fmt.Fprintf(&b, `<rect x="%d" y="%.0f" width="12" height="4" fill="%s"/>`+"\n", width-right+12, at-5, colour)
		text(width-right+30, at, "start", "", s.Name)
	}
	return b.String() + "</svg>\n"
}

// tick formats a power of ten.
func tick(exponent float64) string {
	if exponent < -3 || exponent > 6 {
		return fmt.Sprintf("1e%.0f", exponent)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.*f", int(max(0, -exponent)), math.Pow(10, exponent)), ".")
}
