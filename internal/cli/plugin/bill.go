package plugin

import (
	"cmp"
	"debug/buildinfo"
	"encoding/json"
	"path/filepath"
	"runtime/debug"

	"github.com/spf13/afero"

	"github.com/taegis-go/taegis/internal/atomicfile"
)

// billSuffix is the end of the name of a program's bill of materials.
const billSuffix = ".cdx.json"

// bill is a bill of materials in the format of CycloneDX 1.6. It has neither a time nor a random
// number, so that equal programs have equal bills.
type bill struct {
	Format     string          `json:"bomFormat"`
	Spec       string          `json:"specVersion"`
	Version    int             `json:"version"`
	Metadata   billMetadata    `json:"metadata"`
	Components []billComponent `json:"components"`
}

type billMetadata struct {
	Component billComponent `json:"component"`
}

type billComponent struct {
	Ref        string         `json:"bom-ref"`
	Type       string         `json:"type"`
	Name       string         `json:"name"`
	Version    string         `json:"version,omitempty"`
	URL        string         `json:"purl,omitempty"`
	Hashes     []billHash     `json:"hashes,omitempty"`
	Properties []billProperty `json:"properties,omitempty"`
}

type billHash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type billProperty struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// writeBill writes the bill of materials of a program next to it: the modules that the linker noted in
// the program. It returns the path.
func writeBill(program, sum string) (string, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return "", err
	}
	text, err := json.MarshalIndent(billOf(info, filepath.Base(program), sum), "", "  ")
	if err != nil {
		return "", err
	}
	path := program + billSuffix
	if err := atomicfile.File(afero.NewOsFs(), path, append(text, '\n'), nil); err != nil {
		return "", unwritable(path, err)
	}
	return path, nil
}

func billOf(info *debug.BuildInfo, name, sum string) bill {
	main := billComponent{
		Ref: "program", Type: "application", Name: name, Version: info.Main.Version,
		Hashes:     []billHash{{Algorithm: "SHA-256", Content: sum}},
		Properties: []billProperty{{Name: "go:package", Value: info.Path}},
	}
	for _, setting := range info.Settings {
		main.Properties = append(main.Properties, billProperty{Name: "go:build:" + setting.Key, Value: setting.Value})
	}
	b := bill{
		Format: "CycloneDX", Spec: "1.6", Version: 1, Metadata: billMetadata{Component: main},
		Components: []billComponent{{Ref: "std", Type: "library", Name: "std", Version: info.GoVersion, URL: "pkg:golang/std@" + info.GoVersion[min(2, len(info.GoVersion)):]}},
	}
	for _, module := range info.Deps {
		b.Components = append(b.Components, componentOf(module))
	}
	return b
}

// componentOf returns the module that was linked. A module that a folder replaces has no address.
func componentOf(module *debug.Module) billComponent {
	used := cmp.Or(module.Replace, module)
	c := billComponent{Ref: module.Path, Type: "library", Name: module.Path, Version: used.Version}
	if used.Sum != "" {
		c.URL = "pkg:golang/" + used.Path + "@" + used.Version
		c.Properties = []billProperty{{Name: "go:sum", Value: used.Sum}}
	}
	return c
}
