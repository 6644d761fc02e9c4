package setting

// Error says which setting cannot be used, why, and what to do about it. It holds no value: that may
// be a secret in the wrong place.
type Error struct {
	// Setting is where the value comes from: a variable such as "TAEGIS_CONFIG_FILE", a flag such as
	// "--dir", or an option such as "WithConfigFile".
	Setting string
	Reason  string
	Advice  string
	Err     error // the cause, nil if there is none
}

func (e *Error) Error() string {
	text := e.Setting + ": " + e.Reason
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	return text
}

// Hint returns what the user can do about it.
func (e *Error) Hint() string { return e.Advice }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
