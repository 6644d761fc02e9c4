package output

// For tests.
var (
	TextWidth = textWidth
	Fit       = fit
)
