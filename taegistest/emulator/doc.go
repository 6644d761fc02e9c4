// Package emulator emulates Taegis over HTTP, for tests and demonstrations. It implements login by
// client credentials, password, second factor and device code, GraphQL over HTTP, subscriptions
// over WebSocket, faults on demand and a record of requests.
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
// The emulator has records: tenants, alerts, events, cases with comments, files and evidence,
// assets, audits, users and rules. [Config].Corpus sizes them. They are generated from a seed when
// a request reads them, so that a million alerts cost nothing at the start. Searches evaluate their
// query, and return an error with line and column for an invalid one. Mutations change what later
// searches find. A test can change records with [Emulator.InsertAlert], [Emulator.InsertEvent] and
// [Emulator.UpdateAlert], also between two pages, from [Config].OnExecute. All times come from
// [Config].Now.
//
// Each account can read the records of its tenant and its child tenants; a tenant context selects
// one of them. Lists have pages by the rules of their operation. [Config].Behavior selects among
// the known behaviors of servers. Searches, evidence and bulk changes run in the background for
// [Behavior].Polls requests.
//
// OAuth clients are stored too: a created client can log in, and a deleted client cannot. All other
// operations return values that are generated from their types; the same document always returns
// the same data.
//
// Variables may have any scalar type if the type of the service is not certain, because clients
// declare different ones.
//
// # Files
//
// Log files go to the file upload API, and files of cases up and down, by presigned URLs on a port
// of their own, which stands for a host of another party. [Emulator.Uploads] returns what arrived
// there.
//
// # The successor platform
//
// Below the path "/fusion" the emulator serves the successor platform, fusion: its token endpoint,
// its identity service and its GraphQL gateway, for the clients of [Config].Fusion. A tenant has
// another ID there, which is a UUID, and each platform rejects the tokens of the other. See
// [Server].Fusion and [Emulator.Violations].
//
// Its gateway serves the published schemas with their true types: variables need them, and a null
// in a position that cannot be null makes the value around it null. Cases, detections and events
// are the records that Taegis has. Errors have the forms of
// docs/protocol.md#errors-of-the-successor, and [Fusion] selects refusals that pass.
//
// # Routes
//
// Faults and counts belong to a route. A route is one of:
//
//   - a path, for example "/graphql"
//   - "/presigned", which stands for all URLs of files, or "PUT /presigned" and "GET /presigned"
//   - the name or root field of an operation, at any path, for example "createClient"
//   - a path and an operation, for example "/graphql createClient"
//   - "", which stands for all requests
//
// # Security
//
// The default passwords are public, and the emulator serves plain HTTP: listen on loopback.
package emulator
