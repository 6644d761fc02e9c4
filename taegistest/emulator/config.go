package emulator

import (
	"net/http"
	"slices"
	"time"
)

// Defaults of a zero [Config].
const (
	DefaultTokenLife      = time.Hour
	DefaultDeviceCodeLife = 5 * time.Minute
	DefaultDeviceInterval = time.Second
	DefaultFound          = 25 // of events, alerts, investigations and cases each
)

// Config says who can sign in and how the emulator behaves. Its zero value is a platform with
// both generations of endpoints, [DemoUsers] and [DemoClients].
type Config struct {
	// Users are the people who can sign in; nil means [DemoUsers].
	Users []User
	// Clients are the OAuth clients that exist from the start; nil means [DemoClients]. They
	// are read by [New] alone: afterwards clients come and go through the clients service and
	// [Emulator.AddClient].
	Clients []Client

	// TokenLife is the life of an access token; zero means [DefaultTokenLife]. A negative life
	// gives tokens that have expired already.
	TokenLife time.Duration
	// Expiry says how a sign-in answer tells the token's life beside the exp claim.
	Expiry ExpiryForm
	// Endpoints says which generation of the sign-in endpoints exists.
	Endpoints Generation
	// NoUserLogin takes away /auth/userLogin and /auth/username, as newer platforms do.
	NoUserLogin bool
	// MFAStatus is the HTTP status of an answer that asks for a second factor: 200, 401 or
	// 403. Zero means 200.
	MFAStatus int
	// Device says how signing in with a device code goes.
	Device Device

	// RejectInBand answers a rejected token with status 200 and an error whose code is
	// UNAUTHENTICATED, instead of status 401.
	RejectInBand bool
	// NoIntrospection switches introspection off on every gateway.
	NoIntrospection bool
	// Drift makes the schema another version of itself.
	Drift Drift
	// NoSubprotocol makes the WebSocket handshake select no subprotocol; the conversation is
	// legacy graphql-ws all the same.
	NoSubprotocol bool
	// TransportWS makes the WebSocket handshake select graphql-transport-ws, offered or not, as
	// some servers do. Otherwise it selects graphql-ws where that is offered.
	TransportWS bool

	// Events, Alerts and Investigations are how many of them a search finds; zero means
	// [DefaultFound], a negative number none. There are as many cases as investigations.
	Events, Alerts, Investigations int

	// Now tells the time that tokens and codes go by; nil means [time.Now].
	Now func() time.Time
	// Reveal keeps secrets in the record of requests: headers as they came, and bodies.
	Reveal bool
	// OnRequest, if set, is called after each request, possibly by several goroutines at once.
	OnRequest func(Request)
	// OnExecute, if set, is called before each execution of a root field such as "createClient",
	// with its arguments, so that executions can be told apart; possibly by several goroutines at
	// once.
	OnExecute func(operation string, arguments map[string]any)
}

// Device says how the device code flow goes.
type Device struct {
	// Poll answers authorization_pending at once, in the manner of RFC 8628. Otherwise a token
	// request is held open until the person has decided or the code has expired.
	Poll bool
	// Interval is the pause between polls that the server asks for, in whole seconds on the
	// wire; zero means [DefaultDeviceInterval].
	Interval time.Duration
	// CodeLife is how long a code can be approved; zero means [DefaultDeviceCodeLife].
	CodeLife time.Duration
	// SlowDown is how many polls of each code are answered with slow_down first.
	SlowDown int
	// ApproveAfter approves each code by itself after that time; zero means never.
	ApproveAfter time.Duration
	// ApproveAs is the user for whom codes are approved where none is named; empty means the
	// first user with single sign-on, else the first user.
	ApproveAs string
	// NoComplete leaves verification_uri_complete out of the answer.
	NoComplete bool
}

// Generation selects sign-in endpoints.
type Generation int

// The generations of sign-in endpoints. The client credentials endpoint belongs to both.
const (
	BothGenerations Generation = iota
	NewerOnly                  // /auth/userLogin and /universal-auth/...
	OlderOnly                  // /auth/username, /auth/device/..., and passwords at /auth/api/v2/auth/token
)

// ExpiryForm is how a sign-in answer tells the token's life.
type ExpiryForm int

// The forms that the service has been seen to use.
const (
	ExpiresIn  ExpiryForm = iota // "expires_in": seconds
	ExpiryTime                   // "expiry": "2006-01-02T15:04:05.999999Z"
	ExpiryNone                   // nothing beside the exp claim
)

// User is a person who can sign in.
type User struct {
	// Name is the user name, an e-mail address; case does not matter.
	Name string
	// Password is empty for a person who cannot sign in with one.
	Password string
	// MFACodes are the codes that are accepted as second factor, as often as they are used;
	// without any, the password is enough.
	MFACodes []string
	// SSO marks a person whose organisation uses single sign-on.
	SSO bool
	// Tenant is the person's tenant; empty means [DemoTenant].
	Tenant string
	// Roles are ids of roles.
	Roles []string
}

// Client is an OAuth client, valid for one tenant.
type Client struct {
	ID     string
	Secret string
	// Name is for people; empty means the ID.
	Name string
	// Tenant is the client's tenant; empty means [DemoTenant].
	Tenant string
	// Roles are ids of roles.
	Roles []string
}

// The identities of a zero [Config].
const (
	DemoTenant       = "145831"
	DemoClientID     = "demo-client"
	DemoClientSecret = "demo-client-secret"
	DemoSSOUser      = "ann@sso.example.com"
	DemoUser         = "bob@example.com" // needs a password alone
	DemoMFAUser      = "carol@example.com"
	DemoPassword     = "demo-password" // of DemoUser and DemoMFAUser
	DemoMFACode      = "123456"
)

// DemoUsers returns one person with single sign-on, one with a password and one with a password
// and a second factor.
func DemoUsers() []User {
	return []User{
		{Name: DemoSSOUser, SSO: true},
		{Name: DemoUser, Password: DemoPassword},
		{Name: DemoMFAUser, Password: DemoPassword, MFACodes: []string{DemoMFACode}},
	}
}

// DemoClients returns one client.
func DemoClients() []Client {
	return []Client{{ID: DemoClientID, Secret: DemoClientSecret, Name: "demo"}}
}

// withDefaults returns the configuration with every unset field filled in and its lists copied.
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
	c.TokenLife = orDefault(c.TokenLife, DefaultTokenLife)
	c.MFAStatus = orDefault(c.MFAStatus, http.StatusOK)
	c.Device.Interval = orDefault(c.Device.Interval, DefaultDeviceInterval)
	c.Device.CodeLife = orDefault(c.Device.CodeLife, DefaultDeviceCodeLife)
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

// found is how many things there are to be found, by a setting.
func found(setting int) int { return max(orDefault(setting, DefaultFound), 0) }

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
