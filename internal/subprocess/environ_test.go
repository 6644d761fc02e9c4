package subprocess_test

import (
	"slices"
	"testing"

	"github.com/taegis-go/taegis/internal/subprocess"
)

func TestWithoutSecrets(t *testing.T) {
	kept := []string{"HOME=/home/ann", "PATH=/bin", "DISPLAY=:0", "CLIENT_ID=c", "PASSWORD_STORE_DIR=/p", "XDG_ACTIVATION_TOKEN=t", "SSH_AUTH_SOCK=/s", "XAUTHORITY=/x", "EMPTY=", "GPG_TTY=/dev/pts/1"}
	dropped := []string{"CLIENT_SECRET=s", "CHARLIE_CLIENT_SECRET=s", "TAEGIS_ACCESS_TOKEN=t", "TAEGIS_KEYRING_PASSPHRASE=p", "VAULT_TOKEN=t", "VAULT_SECRET_ID=s", "db_password=p", "AWS_SECRET_ACCESS_KEY=k", "ACME_APIKEY=k", "ACME_PASSCODE=p", "SESSION_COOKIE=c", "WEBHOOK_SIGNATURE=s", "AZURE_STORAGE_CONNECTION_STRING=s"}
	if got := subprocess.WithoutSecrets(append(dropped, kept...)); !slices.Equal(got, kept) {
		t.Errorf("%q, want %q", got, kept)
	}
}
