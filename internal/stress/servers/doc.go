// Package servers holds the reliability cases in which the server misbehaves: every route with
// every fault of package taegistest, alone and in random sequence, and servers that mean harm.
//
// A sequence that breaks a promise is printed with two variables, TAEGIS_STRESS_SEED and
// TAEGIS_STRESS_SEQUENCE, which repeat it alone.
package servers
