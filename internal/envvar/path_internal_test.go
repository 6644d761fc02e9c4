package envvar

import "testing"

// What Windows has in paths by itself is none of a shell's there.
func TestPathsOfWindows(t *testing.T) {
	for _, path := range []string{`C:\PROGRA~1\x`, `\\server\C$\x`, `\\server\C$`, `C:\Users\ann\config.toml`, `C:\100%\a%`} {
		if reason, _ := pathFault("windows", path); reason != "" {
			t.Errorf("%s: %s", path, reason)
		}
	}
	for _, path := range []string{`%USERPROFILE%\x`, `C:\%ProgramFiles(x86)%`, `$env:USERPROFILE\x`, `~ann\x`, `C:\~\x`} {
		if reason, advice := pathFault("windows", path); reason == "" || advice == "" {
			t.Errorf("%s is taken for a path", path)
		}
	}
	if reason, _ := pathFault("linux", "%USERPROFILE%/x"); reason != "" {
		t.Errorf("on Linux: %s", reason)
	}
}
