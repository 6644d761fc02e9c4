// Package exports kills exports at random and at each step, lets their sinks fail, and counts what
// arrived. It has tests only.
package exports
