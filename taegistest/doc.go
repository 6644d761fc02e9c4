// Package taegistest lets programs that use the SDK be tested without Taegis: [NewServer] runs
// Taegis on loopback, with every way to sign in, GraphQL, subscriptions and faults on demand;
// [NewTransport] is a fake for one unit, without a network.
package taegistest
