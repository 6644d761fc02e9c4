//go:build unix && !linux

package fileperm

func unmapped(uint32) bool { return false }

func readOnly(string) bool { return false }
