package profile

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SetPlugin adds a plugin to the file, or replaces it. An invalid name or value, or a file that
// cannot be edited or written, returns a [*core.FileError].
func (f *File) SetPlugin(name string, p PluginConfig) error {
	return f.UpdatePlugin(name, func(PluginConfig) (PluginConfig, error) { return p, nil })
}

// UpdatePlugin replaces a plugin of the file by what change makes of it, the zero value if the file
// lacks it. No other process edits the file meanwhile, so that nothing is lost if several processes
// change one plugin. An error of change is returned as it is; the others are those of SetPlugin.
func (f *File) UpdatePlugin(name string, change func(PluginConfig) (PluginConfig, error)) error {
	if err := f.checkName("plugins", name); err != nil {
		return err
	}
	return f.locked(func() error {
		p, err := change(f.Plugins[name].clone())
		if err != nil {
			return err
		}
		if !p.isText() {
			return f.fault("plugins."+name, "path, settings or env are not valid UTF-8", "use names in UTF-8")
		}
		return f.setPlugin(name, p.decoded())
	})
}

func (f *File) setPlugin(name string, p PluginConfig) error {
	return f.edit(func(text string) string {
		return strings.TrimRight(withoutPlugin(text, name), "\n") + "\n\n" + p.table(name)
	}, func(want *File) {
		if want.Plugins == nil {
			want.Plugins = map[string]PluginConfig{}
		}
		want.Plugins[name] = p
	})
}

// clone returns a copy that shares nothing with p.
func (p PluginConfig) clone() PluginConfig {
	p.SHA256, p.Keys, p.Deny = slices.Clone(p.SHA256), slices.Clone(p.Keys), slices.Clone(p.Deny)
	p.Env, p.Settings = slices.Clone(p.Env), maps.Clone(p.Settings)
	return p
}

// decoded returns p as a decoded file has it: what is empty is nil.
func (p PluginConfig) decoded() PluginConfig {
	for _, list := range []*Strings{&p.SHA256, &p.Keys, &p.Deny} {
		if *list = slices.DeleteFunc(*list, func(s string) bool { return s == "" }); len(*list) == 0 {
			*list = nil
		}
	}
	if len(p.Env) == 0 {
		p.Env = nil
	}
	if len(p.Settings) == 0 {
		p.Settings = nil
	}
	return p
}

// isText reports whether all strings are valid UTF-8, as TOML requires.
func (p PluginConfig) isText() bool {
	all := slices.Concat([]string{p.Path, p.Entry, p.SignedSince, p.Version, p.Vendor}, p.SHA256, p.Keys, p.Deny, p.Env,
		slices.Collect(maps.Keys(p.Settings)), slices.Collect(maps.Values(p.Settings)))
	return !slices.ContainsFunc(all, func(s string) bool { return !utf8.ValidString(s) })
}

// RemovePlugin removes a plugin from the file. If a chain still contains the plugin, or the file
// cannot be edited or written, or only that of the system has the plugin, RemovePlugin returns a
// [*core.FileError].
func (f *File) RemovePlugin(name string) error {
	return f.locked(func() error {
		if key := "plugins." + name; !f.isOwn(key) {
			return f.foreign(key)
		}
		return f.edit(func(text string) string { return withoutPlugin(text, name) },
			func(want *File) { delete(want.Plugins, name) })
	})
}

// withoutPlugin removes the tables of a plugin from the text.
func withoutPlugin(text, name string) string {
	if !utf8.ValidString(name) {
		return text // neither a TOML key nor a pattern can hold such a name
	}
	q := regexp.QuoteMeta(name)
	return withoutTables(text, regexp.MustCompile(`^[ \t]*\[plugins\.("`+q+`"|`+q+`)(\.[^\]]*)?\]`))
}

// table returns the TOML of a plugin.
func (p PluginConfig) table(name string) string {
	var b strings.Builder
	line := func(key, value string) { b.WriteString(key + " = " + value + "\n") }
	head := "[plugins." + quote(name)
	b.WriteString(head + "]\n")
	line("path", quote(p.Path))
	if len(p.Keys) == 0 || len(p.SHA256) > 0 {
		line("sha256", p.SHA256.toml())
	}
	for _, list := range []struct {
		key    string
		values Strings
	}{{"key", p.Keys}, {"deny", p.Deny}} {
		if len(list.values) > 0 {
			line(list.key, list.values.toml())
		}
	}
	for _, text := range []struct{ key, value string }{
		{"signed-since", p.SignedSince}, {"entry", p.Entry}, {"version", p.Version}, {"vendor", p.Vendor},
	} {
		if text.value != "" {
			line(text.key, quote(text.value))
		}
	}
	if len(p.Env) > 0 {
		line("env", "["+quoted(p.Env)+"]")
	}
	for _, flag := range []struct {
		key string
		on  bool
	}{{"prompts", p.Prompts}, {"revokes", p.Revokes}} {
		if flag.on {
			line(flag.key, "true")
		}
	}
	for _, limit := range []struct {
		key string
		d   Duration
	}{{"timeout", p.Timeout}, {"interaction-timeout", p.InteractionTimeout}, {"idle-timeout", p.IdleTimeout}} {
		if limit.d > 0 {
			line(limit.key, quote(time.Duration(limit.d).String()))
		}
	}
	if len(p.Settings) > 0 {
		b.WriteString("\n" + head + ".settings]\n")
		for _, key := range slices.Sorted(maps.Keys(p.Settings)) {
			line(quote(key), quote(p.Settings[key]))
		}
	}
	return b.String()
}
