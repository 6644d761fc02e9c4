//go:build unix && !linux

package leaks

import "testing"

func forgetKeys(testing.TB, string) {}
