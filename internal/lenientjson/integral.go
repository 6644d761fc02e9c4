package lenientjson

import (
	"bytes"
	"strconv"
	"strings"
)

// longestInteger is longer than any integer of Go.
const longestInteger = 32

// integral returns the integer that a number denotes, for example 3 for 3.0 and 1200 for 1.2e3,
// without rounding: it does not convert through float64, which cannot hold 19 digits. A number that
// is not an integer, or is too large, is returned as it is written.
func integral(number []byte) string {
	if !bytes.ContainsAny(number, ".eE") {
		return string(number)
	}
	mantissa, exponent := string(number), 0
	if at := bytes.IndexAny(number, "eE"); at >= 0 {
		var err error
		if exponent, err = strconv.Atoi(string(number[at+1:])); err != nil {
			return string(number)
		}
		mantissa = mantissa[:at]
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	// The point stands behind so many of the digits.
	point := len(digits) - len(fraction) + exponent
	switch digits = strings.TrimRight(digits, "0"); {
	case digits == "":
		return "0"
	case point < len(digits) || point > longestInteger:
		return string(number)
	}
	digits += strings.Repeat("0", point-len(digits))
	if negative {
		return "-" + digits
	}
	return digits
}
