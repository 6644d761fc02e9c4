// Command generate writes the packages below services/, and the catalog of them,
// from the SDL in services/schema. Run it from anywhere in the repository:
//
//	go -C tools run ./generate
//
// The services are listed in generate/services.txt, one wire name a line; "*" stands for all of
// them. For a newer schema, replace the files in services/schema, or name another folder with
// -schema. With -facts, a report of `taegis schema facts --json` is taken into settled.json first.
// Files that end in .gen.go and are no longer generated are deleted.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	schema := flag.String("schema", "../services/schema", "folder of the SDL files, services.json and uncertain.json")
	list := flag.String("services", "generate/services.txt", "file that lists the services to generate")
	out := flag.String("out", "..", "root of the module to write to")
	report := flag.String("facts", "", "report of `taegis schema facts --json` to take into settled.json first")
	flag.Parse()
	var err error
	if *report != "" {
		err = mergeFacts(*schema, *report)
	}
	if err == nil {
		err = run(*schema, *list, *out)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(schema, list, out string) error {
	a, err := readAPI(os.DirFS(schema))
	if err != nil {
		return err
	}
	text, err := os.ReadFile(list)
	if err != nil {
		return err
	}
	services, err := a.selected(strings.Fields(string(text)))
	if err != nil {
		return fmt.Errorf("%s: %w", list, err)
	}
	files, err := generate(a, services)
	if err != nil {
		return err
	}
	return write(out, files)
}

// selected returns the services with these wire names, sorted; "*" stands for all.
func (a *api) selected(wireNames []string) ([]service, error) {
	if slices.Contains(wireNames, "*") {
		return a.services, nil
	}
	slices.Sort(wireNames)
	var services []service
	for _, name := range slices.Compact(wireNames) {
		s, err := a.service(name)
		if err != nil {
			return nil, err
		}
		services = append(services, s)
	}
	return services, nil
}

// generate returns the files of the services, and the catalog, by their paths in the module.
func generate(a *api, services []service) (map[string][]byte, error) {
	files := map[string][]byte{}
	var models []*model
	for _, s := range services {
		m, err := build(a, s)
		if err != nil {
			return nil, err
		}
		models = append(models, m)
		if err := m.render(files); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
	}
	for name, path := range map[string]string{"catalog": "catalog.gen.go", "services": "services.gen_test.go"} {
		text, err := render(name, models)
		if err != nil {
			return nil, err
		}
		files["services/catalog/"+path] = text
	}
	return files, nil
}

// render adds the files of the service's package.
func (m *model) render(files map[string][]byte) (err error) {
	folder := "services/" + m.Folder + "/"
	if files[folder+"doc.gen.go"], err = render("doc", m); err != nil {
		return err
	}
	bodies := []string{"operations", "service"}
	if len(m.Types) > 0 {
		bodies = append(bodies, "types")
	}
	if len(m.Pagers) > 0 {
		bodies = append(bodies, "pagers")
	}
	if len(m.Waiters) > 0 {
		bodies = append(bodies, "waiters")
	}
	for _, name := range bodies {
		if files[folder+name+".gen.go"], err = renderIn(name, m); err != nil {
			return err
		}
	}
	return nil
}

// write replaces the generated files below root.
func write(root string, files map[string][]byte) error {
	var stale []string
	for _, pattern := range []string{"*", "*/*"} { // those of a platform have a folder of their own
		found, err := filepath.Glob(filepath.Join(root, "services", filepath.FromSlash(pattern), "*.gen.go"))
		if err != nil {
			return err
		}
		stale = append(stale, found...)
	}
	for _, path := range stale {
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if _, kept := files[filepath.ToSlash(name)]; !kept {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // it is source code
			return err
		}
	}
	return nil
}
