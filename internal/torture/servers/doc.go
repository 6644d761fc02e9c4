// Package servers holds the reliability cases in which the server misbehaves: every route with every fault of
// package taegistest, alone and in random sequence, and servers that mean harm.
package servers
