package fileperm

import (
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/taegis-go/taegis/core"
)

// systemFolder does not come from the variable ProgramData, which users can set.
func systemFolder() string {
	folder, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, 0)
	if err != nil {
		folder = `C:\ProgramData`
	}
	return filepath.Join(folder, "taegis")
}

// administered is [Administered]: the file and its folder belong to the administrators or to the
// system, and no other account may write to them.
func administered(path string) (string, error) {
	for _, one := range []string{path, filepath.Dir(path)} {
		if err := closedToUsers(one); err != nil {
			return "", err
		}
	}
	return path, nil
}

func closedToUsers(path string) error {
	unsafeFile := func(reason string) error {
		return &core.FileError{
			Path: path, Reason: reason, Err: ErrUnsafe,
			HintText: `let an administrator run: icacls "` + path + `" /setowner Administrators /inheritance:r /grant Administrators:F SYSTEM:F Users:RX`,
		}
	}
	descriptor, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT,
		windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	owner, _, err := descriptor.Owner()
	if err != nil {
		return err
	}
	if !isAdministrator(owner) {
		return unsafeFile("it belongs to another account than the administrators")
	}
	list, _, err := descriptor.DACL()
	if err != nil || list == nil {
		return unsafeFile("every account can write it")
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return err
		}
		account := (*windows.SID)(unsafe.Pointer(&entry.SidStart)) //nolint:gosec // the SID follows in the entry
		if entry.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE && entry.Mask&writing != 0 &&
			entry.Header.AceFlags&windows.INHERIT_ONLY_ACE == 0 && !isAdministrator(account) {
			return unsafeFile("others than the administrators can write it")
		}
	}
	return nil
}

// writing are the rights by which an account can change a file, replace it in its folder, or give
// itself such a right.
const writing = windows.GENERIC_ALL | windows.GENERIC_WRITE | windows.FILE_WRITE_DATA | windows.FILE_APPEND_DATA |
	windows.DELETE | windows.WRITE_DAC | windows.WRITE_OWNER | fileDeleteChild

// fileDeleteChild is FILE_DELETE_CHILD, which package windows lacks.
const fileDeleteChild = 0x40

// isAdministrator reports whether an account is that of the administrators, of the system, or of
// the installer of Windows.
func isAdministrator(account *windows.SID) bool {
	const installer = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464" // TrustedInstaller
	return account.IsWellKnown(windows.WinBuiltinAdministratorsSid) || account.IsWellKnown(windows.WinLocalSystemSid) ||
		account.String() == installer
}
