// Package emulator is Taegis on loopback: signing in, GraphQL over HTTP and subscriptions,
// served from the SDL of the services, with faults on demand and a record of what was asked.
//
// People sign in by every way and through both generations of endpoints; OAuth clients are
// really kept, so that one which was created can sign in and one which was deleted cannot. All
// other operations answer values that are generated from their types: the same document always
// gets the same answer.
package emulator
