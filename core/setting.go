package core

// Setting is one value that a user or a program configured, with where it came from.
type Setting struct {
	// Value is the configured value, as it is; empty where it is not set.
	Value Secret
	// Variable is the environment variable that holds, or would hold, the value; empty for a
	// value given in code.
	Variable string
	// NamedBy says where the variable's name was configured, such as
	// "/home/ann/.taegis_sdk_python/config [charlie] client_id"; empty for the default name.
	NamedBy string
}
