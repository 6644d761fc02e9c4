// Package corpus generates the records that the emulator answers with.
//
// A record is a function of the seed, its kind and its index, so that a million of them need no
// memory until a program reads them. A [Store] keeps only what was changed or added. Times grow
// with the index, so that a search over a time window computes the window's records only.
package corpus
