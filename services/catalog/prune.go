package catalog

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/taegis-go/taegis/core"
)

// prune returns the part of a schema that operations need. If foreign is not nil, the fields and
// members that it reports are omitted.
func prune(whole *ast.Schema, operations []*core.Operation, foreign func(def *ast.Definition, part string) bool) *ast.Schema {
	p := &pruner{whole: whole, foreign: foreign, part: &ast.Schema{Types: map[string]*ast.Definition{}, PossibleTypes: map[string][]*ast.Definition{}}}
	p.part.Query = p.root(core.KindQuery, operations)
	p.part.Mutation = p.root(core.KindMutation, operations)
	p.part.Subscription = p.root(core.KindSubscription, operations)
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
	foreign     func(def *ast.Definition, part string) bool
}

// root keeps the operations of one kind and the types that they refer to.
func (p *pruner) root(kind core.OperationKind, operations []*core.Operation) *ast.Definition {
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
	p.part.Types[root.Name] = &root // before its fields, because a type may refer to it
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

// keep keeps a type and the types that it refers to. Other implementations of an interface are kept
// only if a field has the interface's type.
func (p *pruner) keep(name string, asValue bool) {
	def := p.whole.Types[name]
	if _, kept := p.part.Types[name]; def == nil || kept && def.Kind != ast.Interface {
		return
	}
	_, kept := p.part.Types[name]
	if !kept {
		def = p.own(def)
		p.part.Types[name] = def
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

// own returns a definition without its foreign parts.
func (p *pruner) own(def *ast.Definition) *ast.Definition {
	if p.foreign == nil {
		return def
	}
	own := *def
	own.Fields = slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool { return p.foreign(def, f.Name) })
	own.Types = slices.DeleteFunc(slices.Clone(def.Types), func(member string) bool { return p.foreign(def, member) })
	if len(own.Fields) == 0 && len(own.Types) == 0 {
		return def // every part is foreign, but a type must have one
	}
	return &own
}
