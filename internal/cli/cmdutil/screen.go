package cmdutil

import (
	"os"
	"runtime"
	"strconv"

	"golang.org/x/term"
)

// defaultWidth is the width of a terminal of unknown width.
const defaultWidth = 80

// terminalWidth returns the number of columns of the terminal that a stream is.
func terminalWidth(stream any) int {
	if file, ok := stream.(interface{ Fd() uintptr }); ok {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil && width > 0 {
			return width
		}
	}
	if width, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && width > 0 {
		return width
	}
	return defaultWidth
}

// useColor reports whether a terminal gets colours: not if NO_COLOR is set, CLICOLOR is 0 or the
// terminal cannot show them.
func useColor() bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("CLICOLOR") != "0" && !dumb()
}

// dumb reports whether the terminal cannot move its cursor.
func dumb() bool {
	kind := os.Getenv("TERM")
	return kind == "dumb" || kind == "" && runtime.GOOS != "windows"
}
