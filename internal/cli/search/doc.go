// Package search is what the commands share that search records by a query: the query with its
// bounds, the windows that it is cut into, the cursor file, and the run.
package search
