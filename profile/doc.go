// Package profile reads the profile file and turns a profile into the options of a client. Users
// can then change the environment, the chain or the token store without a new build:
//
//	options, err := profile.Options("work")
//	client, err := taegis.New(options...)
//
// The file is taegis/config.toml in the user's configuration folder, see [DefaultPath]. It defines
// profiles, custom environments, plugins, credential processes and selections of tenants:
//
//	version = 1
//	profile = "work" # the active profile
//
//	[profiles.work]
//	environment = "charlie"
//	tenant = "145831"
//	token-store = "keyring"
//	chain = ["client-credentials", { method = "plugin:acme", continue-on-error = true }, "sso"]
//
//	[environments.next]
//	platform = "fusion" # the successor platform; Taegis without it
//	api = "https://fusion.example"
//	auth = "https://id.fusion.example"
//
//	[plugins.acme]
//	path = "/usr/local/lib/taegis/taegis-plugin-acme"
//	sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
//	env = ["ACME_BADGE"]
//
//	[exec.vault] # the method "exec:vault"
//	command = ["/usr/local/bin/taegis-token", "--json"]
//
//	[accounts] # tenants with credentials of their own, and the profiles that have them
//	"145848" = "acme"
//
//	[tenants.gold] # a named selection of tenants
//	labels = ["tier=gold"]
//	regions = ["us1", "us2"]
//
// The administrator of a machine can write a file for all users, [SystemPath], for example
// /etc/taegis/config.toml. The user's file comes over it. A profile that both have is one with the
// keys of both, and the user's keys come first, so that a user sets a tenant and leaves chain and
// environment to the administrator. A plugin, a credential process, an environment or a selection
// of tenants is replaced as a whole, because its keys belong together: a checksum without its path
// means nothing. Edits change the user's file alone, and [File.Origin] returns the file that a key
// comes from. The file of the system is used only if root alone can change it, with its folders.
//
// In the settings of a plugin, ${NAME} stands for the value of a variable, $${ for the characters
// ${, and ~/ at the beginning for the home folder, so that the file of the system serves all users.
// A path does not expand variables: which program runs is not up to a variable.
//
// A setting comes from the first of these that has it: code or a flag, an environment variable, the
// profile of the user's file, that of the system's, the configuration file shared with the Python
// SDK, the default. The policy of the machine limits all of them, see docs/enterprise.md.
package profile
