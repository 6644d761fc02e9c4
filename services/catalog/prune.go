package catalog

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// prune returns the part of a schema that operations need.
func prune(whole *ast.Schema, operations []*core.Operation) *ast.Schema {
	p := &pruner{whole: whole, part: &ast.Schema{Types: map[string]*ast.Definition{}, PossibleTypes: map[string][]*ast.Definition{}}}
	p.part.Query = p.root(core.Query, operations)
	p.part.Mutation = p.root(core.Mutation, operations)
	p.part.Subscription = p.root(core.Subscription, operations)
	for name := range p.part.Types {
		for _, possible := range whole.PossibleTypes[name] {
			if kept := p.part.Types[possible.Name]; kept != nil {
				p.part.PossibleTypes[name] = append(p.part.PossibleTypes[name], kept)
			}
		}
	}
	return p.part
}

type pruner struct {
	whole, part *ast.Schema
}

// root keeps the operations of one kind, and what they refer to.
func (p *pruner) root(kind core.Kind, operations []*core.Operation) *ast.Definition {
	whole := rootType(p.whole, kind)
	if whole == nil {
		return nil
	}
	root := *whole
	root.Fields = nil
	for _, f := range whole.Fields {
		if slices.ContainsFunc(operations, func(op *core.Operation) bool { return op.Kind == kind && op.Name == f.Name }) {
			root.Fields = append(root.Fields, f)
		}
	}
	if len(root.Fields) == 0 {
		return nil
	}
	p.part.Types[root.Name] = &root // before its fields: a type may lead back to it
	p.fields(root.Fields)
	return &root
}

func (p *pruner) fields(list ast.FieldList) {
	for _, f := range list {
		p.keep(f.Type.Name(), true)
		for _, a := range f.Arguments {
			p.keep(a.Type.Name(), true)
		}
	}
}

// keep keeps a type and all that it refers to. An interface that types merely implement does not
// bring along what else implements it.
func (p *pruner) keep(name string, asValue bool) {
	def := p.whole.Types[name]
	if _, kept := p.part.Types[name]; def == nil || kept && def.Kind != ast.Interface {
		return
	}
	_, kept := p.part.Types[name]
	p.part.Types[name] = def
	if !kept {
		p.fields(def.Fields)
		for _, member := range def.Types {
			p.keep(member, true)
		}
		for _, implemented := range def.Interfaces {
			p.keep(implemented, false)
		}
	}
	if def.Kind == ast.Interface && asValue {
		for _, possible := range p.whole.PossibleTypes[name] {
			p.keep(possible.Name, true)
		}
	}
}
