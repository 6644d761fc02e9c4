//go:build unix && !darwin

package keyring

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"math/big"

	"github.com/godbus/dbus/v5"
)

// The two algorithms of the Secret Service API for a session. The first hides secrets from a
// process that only listens, for example one that records a trace of the bus for a bug report. It
// is no protection from programs of the same user, which can ask for the secrets themselves.
const (
	algorithmDH    = "dh-ietf1024-sha256-aes128-cbc-pkcs7"
	algorithmPlain = "plain"

	errorNotSupported = "org.freedesktop.DBus.Error.NotSupported"
)

// secondOakleyGroup is the prime of RFC 2409, section 6.2; its generator is 2.
var secondOakleyGroup, _ = new(big.Int).SetString(""+
	"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"+
	"EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"+
	"EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16)

// The sizes of the group and of a private key, in bytes. The group has 80 bits of strength, which
// twice as many bits of a private key do not lessen, as its prime is a safe one.
const (
	groupBytes    = 128
	exponentBytes = 32
)

var errSession = errors.New("the Secret Service does not keep to the algorithm that it agreed to")

// secretSession is how secrets go over the bus.
type secretSession struct {
	path dbus.ObjectPath
	key  []byte // AES-128; nil if secrets are sent unencrypted
}

// openSession opens a session, encrypted if the service supports that.
func (v *busSession) openSession() {
	private, public := exchangeKey()
	var output dbus.Variant
	v.call(secretsPath, serviceInterface+".OpenSession", algorithmDH, dbus.MakeVariant(public)).store(&output, &v.session.path)
	if told, ok := errors.AsType[dbus.Error](v.err); ok && told.Name == errorNotSupported {
		v.err = nil
		v.call(secretsPath, serviceInterface+".OpenSession", algorithmPlain, dbus.MakeVariant("")).store(&output, &v.session.path)
		return
	}
	if v.err == nil {
		its, _ := output.Value().([]byte)
		v.session.key, v.err = agreedKey(private, its)
	}
}

// exchangeKey makes a key pair of Diffie and Hellman.
func exchangeKey() (private *big.Int, public []byte) {
	random := make([]byte, exponentBytes)
	_, _ = rand.Read(random) // never fails
	private = new(big.Int).SetBytes(random)
	return private, new(big.Int).Exp(big.NewInt(2), private, secondOakleyGroup).Bytes()
}

// agreedKey is what both sides make of the other's public key.
func agreedKey(private *big.Int, public []byte) ([]byte, error) {
	its, one := new(big.Int).SetBytes(public), big.NewInt(1)
	if its.Cmp(one) <= 0 || its.Cmp(new(big.Int).Sub(secondOakleyGroup, one)) >= 0 {
		return nil, errSession
	}
	shared := new(big.Int).Exp(its, private, secondOakleyGroup).FillBytes(make([]byte, groupBytes))
	return hkdf.Key(sha256.New, shared, nil, "", aes.BlockSize)
}

// seal makes what goes over the bus of a secret.
func (s secretSession) seal(secret []byte) (wireSecret, error) {
	const kind = "text/plain"
	if s.key == nil {
		return wireSecret{s.path, []byte{}, secret, kind}, nil
	}
	block, err := aes.NewCipher(s.key)
	if err != nil {
		return wireSecret{}, err
	}
	nonce := make([]byte, aes.BlockSize)
	_, _ = rand.Read(nonce) // never fails
	padding := aes.BlockSize - len(secret)%aes.BlockSize
	sealed := append(bytes.Clone(secret), bytes.Repeat([]byte{byte(padding)}, padding)...)
	cipher.NewCBCEncrypter(block, nonce).CryptBlocks(sealed, sealed)
	return wireSecret{s.path, nonce, sealed, kind}, nil
}

// open is the inverse.
func (s secretSession) open(w wireSecret) ([]byte, error) {
	if s.key == nil {
		return w.Value, nil
	}
	block, err := aes.NewCipher(s.key)
	if err != nil || len(w.Parameters) != aes.BlockSize || len(w.Value) == 0 || len(w.Value)%aes.BlockSize != 0 {
		return nil, errSession
	}
	secret := bytes.Clone(w.Value)
	cipher.NewCBCDecrypter(block, w.Parameters).CryptBlocks(secret, secret)
	padding := int(secret[len(secret)-1])
	if padding == 0 || padding > aes.BlockSize || padding > len(secret) {
		return nil, errSession
	}
	return secret[:len(secret)-padding], nil
}
