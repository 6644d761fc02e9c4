// Package policy reads what the administrator of a machine allows the programs that use this SDK.
//
// The policy is one file, /etc/taegis/policy.toml, on macOS /Library/Application
// Support/taegis/policy.toml, on Windows policy.toml in the folder taegis of ProgramData. No
// variable, flag or option names another one. A machine without the file has no policy:
//
//	version = 1
//	contact = "it-security@acme.example" # part of each hint
//
//	methods = ["client-credentials", "sso", "plugin:acme"] # as in chains
//	access-token = false # TAEGIS_ACCESS_TOKEN and "auth login --with-token"
//	token-stores = ["keyring", "encrypted-file"]
//	environments = ["us1", "us2"]
//	hosts = ["taegis-proxy.acme.example"] # that base URLs may have instead of the environment's own
//	user-profiles = false # only the system's profile file is read
//
//	plugins = ["acme"]
//	plugin-checksums = ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]
//	plugin-keys = ["RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3"]
//	denied-checksums = []
//
// A key that is absent allows everything, an empty list nothing. Without the key access-token, a
// token from a variable is allowed if methods is absent. A plugin is allowed if its method and its
// name are, its checksum is not denied, and its checksum or the key of its signature is listed, if
// one of these two lists exists. The token store memory is always allowed: it keeps nothing.
//
// A policy closes: one that cannot be read, has an unknown key, or belongs to another user than the
// administrator is an error of each login, not a policy that is ignored. The file is written in a
// part of TOML: keys without tables, with strings, lists of strings, true, false and numbers.
//
// The policy binds programs, not their users: a user who runs a program of another make, or root in
// a namespace, is bound by the server alone.
package policy
