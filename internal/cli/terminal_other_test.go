//go:build !unix

package cli_test

func leaveTerminal() {}

func hang() {}
