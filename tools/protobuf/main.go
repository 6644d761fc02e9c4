// Command protobuf writes the Go code of the repository's .proto files, without a C++ protoc: it
// parses them with protocompile and hands them to the generators for Go. Run it from anywhere in
// the repository:
//
//	go -C tools run ./protobuf
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/protoutil"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// module is the module that is written to, and sources are its contracts, relative to its root. Each
// names the folder of its code as go_package.
const module = "github.com/taegis-go/taegis"

var sources = []string{"plugins/contract/v1/authenticator.proto", "plugins/contract/v2/authenticator.proto"}

// generators are the tools of go.mod that write Go code.
var generators = []string{"protoc-gen-go", "protoc-gen-go-grpc"}

func main() {
	root := flag.String("root", "..", "root of the module to read from and write to")
	flag.Parse()
	if err := run(context.Background(), *root); err != nil {
		fmt.Fprintln(os.Stderr, "protobuf:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root string) error {
	for _, source := range sources { // each for itself, since they have the same names
		request, err := parse(ctx, root, source)
		if err != nil {
			return err
		}
		input, err := proto.Marshal(request)
		if err != nil {
			return err
		}
		for _, generator := range generators {
			if err := generate(ctx, root, generator, input); err != nil {
				return fmt.Errorf("%s: %w", generator, err)
			}
		}
	}
	return nil
}

// parse returns the request that protoc would send: the contract after its imports.
func parse(ctx context.Context, root, source string) (*pluginpb.CodeGeneratorRequest, error) {
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{root}}),
		SourceInfoMode: protocompile.SourceInfoStandard, // for the comments
	}
	files, err := compiler.Compile(ctx, source)
	if err != nil {
		return nil, err
	}
	request := &pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{source},
		Parameter:      new("module=" + module),
	}
	seen := map[string]bool{}
	var add func(protoreflect.FileDescriptor)
	add = func(file protoreflect.FileDescriptor) {
		if seen[file.Path()] {
			return
		}
		seen[file.Path()] = true
		imports := file.Imports()
		for i := range imports.Len() {
			add(imports.Get(i).FileDescriptor)
		}
		request.ProtoFile = append(request.ProtoFile, proto.Clone(protoutil.ProtoFromFileDescriptor(file)).(*descriptorpb.FileDescriptorProto))
	}
	add(files.FindFileByPath(source))
	return request, nil
}

// generate runs one generator and writes its output to files with names that end in .gen.go, as for all
// generated code of the repository.
func generate(ctx context.Context, root, generator string, input []byte) error {
	cmd := exec.CommandContext(ctx, "go", "tool", generator)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(input), os.Stderr
	output, err := cmd.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(output, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return fmt.Errorf("%s", response.GetError())
	}
	for _, file := range response.File {
		name := strings.TrimSuffix(file.GetName(), ".pb.go") + ".gen.go"
		if err := os.MkdirAll(filepath.Join(root, filepath.FromSlash(path.Dir(name))), 0o755); err != nil { // it is source code
			return err
		}
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), []byte(file.GetContent()), 0o644); err != nil { //nolint:gosec // it is source code
			return err
		}
	}
	return nil
}
