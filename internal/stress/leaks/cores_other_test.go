//go:build unix && !linux

package leaks

func unprotected() {}
