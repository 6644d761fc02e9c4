// Package emulator serves an emulation of Taegis over HTTP, for tests and for trying things out.
// It implements login by client credentials, password, second factor and device code, GraphQL
// over HTTP, subscriptions over WebSocket, faults on demand and a record of requests.
//
//	server, err := emulator.Start("127.0.0.1:0", emulator.Config{TokenLifetime: time.Minute})
//	if err != nil {
//		return err
//	}
//	defer server.Close()
//	server.AddFault("/graphql", emulator.Fault{Times: 1, Status: http.StatusBadGateway})
//	client, err := taegis.New(taegis.WithBaseURL(server.URL))
//
// In a test, taegistest.NewServer starts the emulator and closes it when the test ends.
//
// # State
//
// The emulator stores OAuth clients: a created client can log in, and a deleted client cannot.
// Searches for alerts, events, investigations and cases return as many results as [Config] says,
// in parts or pages. All other operations return values that are generated from their types; the
// same document always returns the same data.
//
// # Routes
//
// Faults and counts belong to a route. A route is one of:
//
//   - a path, for example "/graphql"
//   - the name or root field of an operation, at any path, for example "createClient"
//   - a path and an operation, for example "/graphql createClient"
//   - "", which stands for all requests
//
// # Security
//
// The default passwords are public, and the emulator serves plain HTTP: listen on loopback.
package emulator
