package natswire

import (
	"errors"
	"strings"
)

var (
	// ErrNoServer is returned if no address is usable.
	ErrNoServer = errors.New("there is no server to connect to")
	// ErrProtocol is wrapped by the error of a server that speaks another protocol.
	ErrProtocol = errors.New("the server does not speak the protocol of NATS")
	// ErrNoTLS is returned if the server has no TLS.
	ErrNoTLS = errors.New("the server has no TLS")
	// ErrTooLarge is returned for a message that is larger than the server permits.
	ErrTooLarge = errors.New("the message is larger than the server permits")
	// ErrCredentials is wrapped by the error of a file that holds no credentials.
	ErrCredentials = errors.New("it holds no credentials")
)

// ServerError is an error that a server has sent.
type ServerError struct {
	Text string
	// Rejected is set if the server rejects the credentials, and Forbidden if it does not permit an
	// operation.
	Rejected, Forbidden bool
}

func (e *ServerError) Error() string { return e.Text }

// serverError returns the error of a line, in which it stands in quotes.
func serverError(line string) *ServerError {
	text := strings.Trim(line, "' ")
	folded := strings.ToLower(text)
	return &ServerError{
		Text: text,
		// "User Authentication Expired", "Account Authentication Revoked"
		Rejected:  strings.HasPrefix(folded, "authorization violation") || strings.Contains(folded, "authentication"),
		Forbidden: strings.HasPrefix(folded, "permissions violation"),
	}
}
