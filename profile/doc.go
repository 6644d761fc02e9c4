// Package profile turns a configuration file into the options of a client, so that the chain, its
// order and the place for tokens change without recompiling:
//
//	options, err := profile.Options("work")
//	client, err := taegis.New(options...)
//
// The file is config.toml in the folder taegis of the user's configuration folder, see
// [DefaultPath]. It has profiles, environments of the user's own, plugins and other programs:
//
//	version = 1
//	profile = "work" # the one in use
//
//	[profiles.work]
//	environment = "charlie"
//	tenant = "145831"
//	token-store = "keyring"
//	chain = ["client-credentials", { link = "plugin:acme", failure = "next" }, "sso", "password"]
//
//	[plugins.acme]
//	path = "/usr/local/lib/taegis/taegis-plugin-acme"
//	sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
//	variables = ["ACME_BADGE"]
//
//	[programs.vault] # as the link "exec:vault"
//	command = ["/usr/local/bin/taegis-token", "--json"]
//
// What a program sets in code or a flag says comes first, then an environment variable, then the
// profile, then the file that is shared with the Python SDK, then the default.
package profile
