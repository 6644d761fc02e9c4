// Package week holds the reliability cases of a program that runs for long: a week of polling 1,000
// tenants on a clock that the case moves, and clients that come and go.
package week
