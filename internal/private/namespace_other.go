//go:build unix && !linux

package private

func unmapped(uint32) bool { return false }

func readOnly(string) bool { return false }
