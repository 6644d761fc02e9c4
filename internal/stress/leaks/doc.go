// Package leaks searches all that the SDK prints, starts, writes and sends for secrets that do not
// belong there, and makes sure of each search that it finds a secret which was put there.
package leaks
