// Package taegistest helps to test programs that use the SDK. [NewTransport] returns a fake
// transport for unit tests, which needs no network:
//
//	fake := taegistest.NewTransport(t)
//	fake.Reply("createClient", map[string]any{"clientSecret": "s"})
//	created, err := clients.New(fake).CreateClient(ctx, args)
//
// [NewServer] starts an emulator of Taegis on loopback, for tests of the whole program:
//
//	server := taegistest.NewServer(t)
//	client, err := taegis.New(taegis.WithEnvironments(server.Environment), …)
//
// Package [github.com/taegis-go/taegis/taegistest/emulator] documents its configuration, its faults
// and its record of requests.
package taegistest
