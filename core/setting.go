package core

// Setting is a configured value with its source.
type Setting struct {
	// Value is the configured value; empty if it is not set.
	Value Secret
	// Variable is the environment variable that the value comes from, or would come from; empty
	// for a value that was set in code.
	Variable string
	// NamedBy is the place that configures the variable's name, for example
	// "/home/ann/.taegis_sdk_python/config [charlie] client_id"; empty for the default name.
	NamedBy string
}
