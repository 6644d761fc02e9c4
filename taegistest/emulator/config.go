package emulator

import (
	"net/http"
	"slices"
	"time"
)

// Defaults that a zero [Config] selects.
const (
	DefaultTokenLifetime      = time.Hour
	DefaultDeviceCodeLifetime = 5 * time.Minute
	DefaultDeviceInterval     = time.Second
)

// Config defines the accounts that can log in and how the emulator behaves. A zero Config has
// current and legacy login endpoints, the users [DemoUsers] and the clients [DemoClients].
type Config struct {
	// Users are the users that can log in. Nil selects [DemoUsers].
	Users []User
	// Clients are the OAuth clients that exist at the start. Nil selects [DemoClients]. Only [New]
	// reads them; later changes are made with [Emulator.AddClient] or the clients service.
	Clients []Client

	// TokenLifetime is the lifetime of an access token. Zero selects [DefaultTokenLifetime]; a
	// negative lifetime issues tokens that have already expired.
	TokenLifetime time.Duration
	// Expiry selects the field of a token response that holds the token's expiry.
	Expiry ExpiryFormat
	// Endpoints selects the login endpoints that exist.
	Endpoints Endpoints
	// NoUserLogin removes /auth/userLogin and /auth/username, which newer servers do not have.
	NoUserLogin bool
	// MFAStatus is the HTTP status of a response that asks for a second factor: 200, 401 or 403.
	// Zero selects 200.
	MFAStatus int
	// Device configures login with a device code.
	Device Device
	// Fusion configures the successor platform.
	Fusion Fusion

	// RejectInBand makes the server reject a token with status 200 and a GraphQL error with the
	// code UNAUTHENTICATED, instead of status 401.
	RejectInBand bool
	// NoIntrospection disables introspection on every gateway.
	NoIntrospection bool
	// Drift makes the schema differ from the SDK's schema.
	Drift Drift
	// NoSubprotocol makes the WebSocket handshake select no subprotocol. The server then speaks
	// graphql-ws, the legacy protocol.
	NoSubprotocol bool
	// TransportWS makes the WebSocket handshake select graphql-transport-ws, even if the client
	// does not offer it. Otherwise the handshake prefers graphql-ws.
	TransportWS bool

	// Corpus defines the number and the times of the records. If [Emulator.Configure] changes it,
	// all records are replaced, and the new ones start at the time of the change.
	Corpus Corpus
	// Behavior selects among the known behaviors of servers.
	Behavior Behavior
	// AnyTenant accepts every tenant context, which then has no effect. Otherwise a tenant context
	// that is neither the account's tenant nor one of its children receives status 403.
	AnyTenant bool

	// Now returns the current time for all times of the emulator. Nil selects [time.Now]. It must
	// be safe for concurrent use.
	Now func() time.Time
	// RecordSecrets keeps unredacted headers and the bodies of requests in the record, which
	// otherwise contains no secrets.
	RecordSecrets bool
	// OnRequest, if not nil, is called after each request. Calls can be concurrent.
	OnRequest func(Request)
	// OnExecute, if not nil, is called before each execution of a root field, for example
	// "createClient", with the field's arguments. Calls can be concurrent.
	OnExecute func(operation string, arguments map[string]any)
}

// Device configures the device authorization grant (RFC 8628).
type Device struct {
	// Poll makes the server answer a pending token request with authorization_pending at once, as
	// RFC 8628 specifies. Otherwise it holds the request until the user approves or denies it or
	// the code expires.
	Poll bool
	// Interval is the polling interval that the server asks for, in whole seconds on the wire.
	// Zero selects [DefaultDeviceInterval].
	Interval time.Duration
	// CodeLifetime is the lifetime of a device code. Zero selects [DefaultDeviceCodeLifetime].
	CodeLifetime time.Duration
	// SlowDown is the number of first polls of each code that receive slow_down. It requires Poll.
	SlowDown int
	// ApproveAfter is the time after which each code is approved automatically. Zero disables it.
	ApproveAfter time.Duration
	// ApproveAs is the name of the user for which a code is approved if the approval names none.
	// Empty selects the first user with single sign-on, or the first user if there is none.
	ApproveAs string
	// NoCompleteURI omits verification_uri_complete from the response.
	NoCompleteURI bool
}

// Endpoints selects the login endpoints that exist. The client credentials endpoint always does.
type Endpoints int

// The values of [Config.Endpoints].
const (
	// EndpointsBoth selects the current and the legacy endpoints.
	EndpointsBoth Endpoints = iota
	// EndpointsCurrent selects /auth/userLogin and /universal-auth/... only.
	EndpointsCurrent
	// EndpointsLegacy selects /auth/username, /auth/device/... and passwords at
	// /auth/api/v2/auth/token only.
	EndpointsLegacy
)

// ExpiryFormat selects the field of a token response that holds the token's expiry. The token's
// exp claim always holds it too.
type ExpiryFormat int

// The values of [Config.Expiry].
const (
	// ExpiryBoth sends both members.
	ExpiryBoth ExpiryFormat = iota
	// ExpirySeconds sends "expires_in", in seconds.
	ExpirySeconds
	// ExpiryTime sends "expiry", a UTC time, for example "2026-01-02T15:04:05.999999Z".
	ExpiryTime
	// ExpiryNone sends neither.
	ExpiryNone
)

// User is a user that can log in, by single sign-on or with a password.
type User struct {
	// Name is the user name, an email address. It is not case-sensitive.
	Name string
	// Password is the password. Empty disables login with a password.
	Password string
	// MFACodes are the accepted codes of the second factor. Each can be used any number of times.
	// If there are none, the password is enough.
	MFACodes []string
	// SSO makes the user log in by single sign-on, which is emulated with a device code.
	SSO bool
	// Tenant is the ID of the user's tenant. Empty selects [DemoTenant].
	Tenant string
}

// Client is an OAuth client of one tenant.
type Client struct {
	// ID is the OAuth client_id.
	ID string
	// Secret is the OAuth client_secret.
	Secret string
	// Name is the display name. Empty selects the ID.
	Name string
	// Tenant is the ID of the client's tenant. Empty selects [DemoTenant].
	Tenant string
	// Roles are IDs of roles, which are assigned in the client's tenant.
	Roles []string
}

// Accounts of a zero [Config].
const (
	DemoTenant       = "145831"
	DemoClientID     = "demo-client"
	DemoClientSecret = "demo-client-secret"
	DemoSSOUser      = "ann@sso.example.com" // logs in by single sign-on
	DemoUser         = "bob@example.com"     // logs in with DemoPassword
	DemoMFAUser      = "carol@example.com"   // logs in with DemoPassword and DemoMFACode
	DemoPassword     = "demo-password"
	DemoMFACode      = "123456"
)

// DemoUsers returns [DemoSSOUser], [DemoUser] and [DemoMFAUser].
func DemoUsers() []User {
	return []User{
		{Name: DemoSSOUser, SSO: true},
		{Name: DemoUser, Password: DemoPassword},
		{Name: DemoMFAUser, Password: DemoPassword, MFACodes: []string{DemoMFACode}},
	}
}

// DemoClients returns the client [DemoClientID].
func DemoClients() []Client {
	return []Client{{ID: DemoClientID, Secret: DemoClientSecret, Name: "demo"}}
}

// withDefaults returns a copy with defaults for unset fields. Its slices are copies too.
func (c Config) withDefaults() Config {
	if c.Users == nil {
		c.Users = DemoUsers()
	}
	if c.Clients == nil {
		c.Clients = DemoClients()
	}
	c.Users, c.Clients = slices.Clone(c.Users), slices.Clone(c.Clients)
	for i := range c.Users {
		c.Users[i].Tenant = orDefault(c.Users[i].Tenant, DemoTenant)
	}
	for i := range c.Clients {
		c.Clients[i] = c.Clients[i].withDefaults()
	}
	c.Fusion = c.Fusion.withDefaults()
	c.TokenLifetime = orDefault(c.TokenLifetime, DefaultTokenLifetime)
	c.MFAStatus = orDefault(c.MFAStatus, http.StatusOK)
	c.Device.Interval = orDefault(c.Device.Interval, DefaultDeviceInterval)
	c.Device.CodeLifetime = orDefault(c.Device.CodeLifetime, DefaultDeviceCodeLifetime)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func (c Client) withDefaults() Client {
	c.Name = orDefault(c.Name, c.ID)
	c.Tenant = orDefault(c.Tenant, DemoTenant)
	return c
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
