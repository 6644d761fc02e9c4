package terminal

import (
	"strings"

	"rsc.io/qr"
)

// quiet is the width of the white margin around a code, in modules (ISO/IEC 18004).
const quiet = 4

// qrCode returns text as a QR code, two rows of modules on each line, black on white in any colour
// scheme. It returns "" if the text is too long for a code.
func qrCode(text string) string {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return ""
	}
	var b strings.Builder
	for y := -quiet; y < code.Size+quiet; y += 2 {
		b.WriteString("\x1b[30;107m")
		for x := -quiet; x < code.Size+quiet; x++ {
			switch upper, lower := code.Black(x, y), code.Black(x, y+1); {
			case upper && lower:
				b.WriteRune('█')
			case upper:
				b.WriteRune('▀')
			case lower:
				b.WriteRune('▄')
			default:
				b.WriteByte(' ')
			}
		}
		b.WriteString("\x1b[0m\n")
	}
	return b.String()
}
