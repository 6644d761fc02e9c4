//go:build unix && !darwin

package keyring

import (
	"context"
	"encoding/base64"
	"os"
	"path/filepath"
	"time"

	"github.com/godbus/dbus/v5"
)

// secretService is a keyring with the Secret Service API of freedesktop.org, for example GNOME
// Keyring, KWallet or KeePassXC. The library's own client accepts no context, keeps one connection
// forever and treats a dismissed prompt as an answer; this client distinguishes these errors. See
// https://specifications.freedesktop.org/secret-service-spec/latest.
type secretService struct {
	service        string
	noInput        bool
	answer, unlock time.Duration
}

func (s *Store) newSecretService() KeyStore {
	return &secretService{service: s.name(), noInput: s.NonInteractive, answer: s.answerTimeout(), unlock: s.unlockTimeout()}
}

// Names of the Secret Service API.
const (
	secretsName       = "org.freedesktop.secrets"
	secretsPath       = dbus.ObjectPath("/org/freedesktop/secrets")
	loginPath         = secretsPath + "/collection/login"
	serviceInterface  = "org.freedesktop.Secret.Service"
	itemInterface     = "org.freedesktop.Secret.Item"
	collectionIface   = "org.freedesktop.Secret.Collection"
	promptInterface   = "org.freedesktop.Secret.Prompt"
	noObject          = dbus.ObjectPath("/")
	errorIsLocked     = "org.freedesktop.Secret.Error.IsLocked"
	errorAccessDenied = "org.freedesktop.DBus.Error.AccessDenied"
	errorNoSuchObject = "org.freedesktop.Secret.Error.NoSuchObject"
)

// wireSecret is the API's structure for a secret.
type wireSecret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// Get returns a key; see [KeyStore].
func (s *secretService) Get(ctx context.Context, name string) ([]byte, error) {
	var text []byte
	err := s.use(ctx, func(v *busSession) error {
		items := v.search(s.attributes(name))
		if v.err == nil && len(items) == 0 {
			return trouble(ErrNoKey, SecretService, "it does not have the key", "log in again", nil)
		}
		if v.err == nil {
			var secret wireSecret
			v.call(items[0], itemInterface+".GetSecret", v.session.path).store(&secret)
			if v.err == nil {
				text, v.err = v.session.open(secret)
			}
		}
		return v.err
	})
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(string(text))
	if err != nil {
		return nil, trouble(ErrNoKey, SecretService, "what it holds as "+name+" is not a key", "log in again", err)
	}
	return key, nil
}

// Set keeps a key; see [KeyStore]. Its text is Base64, which other programs can show.
func (s *secretService) Set(ctx context.Context, name string, key []byte) error {
	return s.use(ctx, func(v *busSession) error {
		secret, err := v.session.seal([]byte(base64.StdEncoding.EncodeToString(key)))
		if err != nil {
			return err
		}
		var item, prompt dbus.ObjectPath
		v.call(v.collection, collectionIface+".CreateItem", map[string]dbus.Variant{
			itemInterface + ".Label":      dbus.MakeVariant("Taegis SDK: the key that seals tokens of " + s.service),
			itemInterface + ".Attributes": dbus.MakeVariant(s.attributes(name)),
		}, secret, true).store(&item, &prompt)
		v.prompt(prompt)
		return v.err
	})
}

// Remove takes a key away; see [KeyDeleter].
func (s *secretService) Remove(ctx context.Context, name string) error {
	return s.use(ctx, func(v *busSession) error {
		for _, item := range v.search(s.attributes(name)) {
			var prompt dbus.ObjectPath
			v.call(item, itemInterface+".Delete").store(&prompt)
			v.prompt(prompt)
		}
		return v.err
	})
}

// attributes find the key again; `secret-tool search application taegis-sdk` shows all of them.
func (s *secretService) attributes(name string) map[string]string {
	return map[string]string{"application": "taegis-sdk", "service": s.service, "key": name}
}

// use connects, unlocks the default collection and runs what with it.
func (s *secretService) use(ctx context.Context, what func(*busSession) error) error {
	address := sessionBus()
	if address == "" {
		return trouble(ErrAbsent, SecretService, "there is no D-Bus session bus",
			"run it in a desktop session or under dbus-run-session", nil)
	}
	silent, done := context.WithTimeoutCause(ctx, s.answer, errNoAnswer)
	defer done()
	// A connection of one's own ends with its context, in the middle of the greeting too.
	live, end := context.WithCancel(ctx)
	defer end()
	stop := context.AfterFunc(silent, end)
	conn, err := dbus.Connect(address, dbus.WithContext(live))
	if err == nil && !stop() {
		err = context.Cause(silent)
	}
	v := &busSession{ctx: silent, whole: ctx, service: s, conn: conn, err: err}
	if err == nil {
		defer func() { _ = conn.Close() }()
		v.open()
	}
	if v.err == nil {
		v.err = what(v)
	}
	return v.trouble()
}

// sessionBus returns the address of the session bus, "" if there is none. It never starts a bus.
func sessionBus() string {
	if address := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); address != "" && address != "autolaunch:" {
		return address
	}
	socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
	if info, err := os.Stat(socket); err == nil && info.Mode()&os.ModeSocket != 0 && filepath.IsAbs(socket) {
		return "unix:path=" + dbus.EscapeBusAddressValue(socket)
	}
	return ""
}
