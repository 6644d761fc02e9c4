// Package emulator is the command that serves an emulated Taegis on loopback.
package emulator

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/taegis-go/taegis/internal/cli/cmdutil"
	"github.com/taegis-go/taegis/internal/netaddr"
	"github.com/taegis-go/taegis/taegistest/emulator"
)

// NewCommand returns the command emulator.
func NewCommand(a *cmdutil.App) *cobra.Command {
	var listen string
	var config emulator.Config
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Serve an emulated Taegis on loopback",
		Long: `Serve an emulated Taegis on loopback until an interrupt, after which the exit code is 0. The first line
on stdout is the base URL. Alerts, events, cases and other records are generated from a seed, searches
evaluate their query, and mutations change what later searches find. Other operations return generated
values.

The flag --corpus sizes the records. Its keys are the numbers of records alerts, events, cases, assets,
audits, users, rules, rows (of other lists), tenants (children of the account's tenant), comments and
files (of a case, at most); seed; the period before the start in which they were created, span; the
period after it, ahead; the largest delay of late ones, late; and how many share a time, burst.`,
		Example: `  taegis emulator --listen 127.0.0.1:8080 --approve-after 5s --verbose
  taegis emulator --corpus seed=1,alerts=10000,tenants=20,span=30d`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return emulate(a, cmd, listen, config) },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "address and port, 0 for a free one")
	registerEmulator(cmd.Flags(), &config)
	return cmd
}

// registerEmulator adds the flags of the configuration.
func registerEmulator(flags *pflag.FlagSet, config *emulator.Config) {
	endpoints := choice[emulator.Endpoints]{into: &config.Endpoints, values: []option[emulator.Endpoints]{
		{"both", emulator.EndpointsBoth}, {"current", emulator.EndpointsCurrent}, {"legacy", emulator.EndpointsLegacy},
	}}
	expiry := choice[emulator.ExpiryFormat]{into: &config.Expiry, values: []option[emulator.ExpiryFormat]{
		{"both", emulator.ExpiryBoth}, {"expires_in", emulator.ExpirySeconds}, {"expiry", emulator.ExpiryTime}, {"none", emulator.ExpiryNone},
	}}
	mfaStatus := choice[int]{into: &config.MFAStatus, values: []option[int]{
		{"200", 0}, {"401", http.StatusUnauthorized}, {"403", http.StatusForbidden},
	}}
	flags.Var(&corpusFlag{into: &config.Corpus}, "corpus", "sizes of the generated records, for example seed=1,alerts=10000,tenants=20")
	flags.DurationVar(&config.TokenLifetime, "token-lifetime", emulator.DefaultTokenLifetime, "lifetime of an access token; negative for expired tokens")
	flags.Var(&expiry, "expiry", "member of a login response with the token's lifetime: "+expiry.names())
	flags.Var(&endpoints, "endpoints", "login endpoints: "+endpoints.names())
	flags.IntVar(&config.Behavior.Limit.Requests, "rate-limit", 0, "requests a second that each account may send; 0 for no limit")
	flags.BoolVar(&config.NoUserLogin, "no-user-login", false, "serve no endpoint that returns the login method of a user")
	flags.Var(&mfaStatus, "mfa-status", "status of a response that requests a second factor: "+mfaStatus.names())
	flags.BoolVar(&config.Device.Poll, "poll", false, "let devices poll, in place of holding their requests open")
	flags.DurationVar(&config.Device.Interval, "poll-interval", emulator.DefaultDeviceInterval, "pause between polls that the server requests")
	flags.IntVar(&config.Device.SlowDown, "slow-down", 0, "number of first polls of a code that get slow_down")
	flags.DurationVar(&config.Device.CodeLifetime, "code-lifetime", emulator.DefaultDeviceCodeLifetime, "lifetime of a device code")
	flags.DurationVar(&config.Device.ApproveAfter, "approve-after", 0, "approve each device code after this time; 0 disables approval")
	flags.BoolVar(&config.RejectInBand, "reject-in-band", false, "reject tokens with status 200 and the code UNAUTHENTICATED")
	flags.BoolVar(&config.NoIntrospection, "no-introspection", false, "disable introspection")
	flags.Uint64Var(&config.Drift.Seed, "drift", 0, "seed of a random drift of the schema; 0 disables it")
	flags.BoolVar(&config.NoSubprotocol, "no-subprotocol", false, "select no subprotocol for subscriptions")
}

// emulate serves until the command's context ends.
func emulate(a *cmdutil.App, cmd *cobra.Command, listen string, config emulator.Config) error {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return cmdutil.UsageErrorf(cmd, "--listen %q: give an address and a port, for example 127.0.0.1:8080", listen)
	}
	if !netaddr.IsLoopback(host) {
		a.Logger().Warn("other machines can reach the emulator, and its passwords are public: listen on 127.0.0.1")
	}
	var printing sync.Mutex // requests are printed after the URL
	printing.Lock()
	if a.Global.Verbose {
		config.OnRequest = requestPrinter(a, &printing)
	}
	server, err := emulator.Start(listen, config)
	if err != nil {
		return err
	}
	defer server.Close()
	err = introduce(a, reachable(server.URL))
	printing.Unlock()
	if cmd.Context().Err() != nil {
		return nil // a signal is the normal end, even while the introduction is printed
	}
	if err == nil {
		<-cmd.Context().Done()
	}
	return err
}

// reachable returns a base URL that this machine can use, even if the server listens on all
// addresses.
func reachable(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && ip.IsUnspecified() {
		u.Host = net.JoinHostPort("127.0.0.1", u.Port())
	}
	return u.String()
}

// introduce prints the URL to stdout and instructions to stderr.
func introduce(a *cmdutil.App, base string) error {
	if _, err := fmt.Fprintln(a.Out, base); err != nil {
		return err
	}
	variable := "export %s=%s\n"
	if runtime.GOOS == "windows" {
		variable = "$env:%s = '%s'\n"
	}
	fmt.Fprintln(a.Err, "\nPaste into another terminal, then try `taegis auth explain` or `taegis clients create my_awesome_app`:")
	fmt.Fprintln(a.Err)
	fmt.Fprintf(a.Err, variable, "TAEGIS_API_URL", base)
	fmt.Fprintf(a.Err, variable, "CLIENT_ID", emulator.DemoClientID)
	fmt.Fprintf(a.Err, variable, "CLIENT_SECRET", emulator.DemoClientSecret)
	fmt.Fprintln(a.Err, "\nOr for the successor platform, fusion:")
	fmt.Fprintln(a.Err)
	fmt.Fprintf(a.Err, variable, "TAEGIS_ENVIRONMENT", "fusion")
	fmt.Fprintf(a.Err, variable, "TAEGIS_API_URL", base+"/fusion")
	fmt.Fprintf(a.Err, variable, "SOPHOS_CLIENT_ID", emulator.DemoSophosClientID)
	fmt.Fprintf(a.Err, variable, "SOPHOS_CLIENT_SECRET", emulator.DemoSophosClientSecret)
	fmt.Fprintln(a.Err, "\nUsers for `taegis auth login`:")
	for _, u := range emulator.DemoUsers() {
		fmt.Fprintf(a.Err, "  %-22s %s\n", u.Name, credentialsOf(u))
	}
	_, err := fmt.Fprintln(a.Err, "\nCtrl-C ends the emulator.")
	return err
}

// credentialsOf returns how a user logs in.
func credentialsOf(u emulator.User) string {
	switch {
	case u.SSO:
		return "single sign-on: open the verification page and approve"
	case len(u.MFACodes) > 0:
		return "password " + u.Password + ", MFA code " + u.MFACodes[0]
	}
	return "password " + u.Password
}

// requestPrinter returns a function that prints a line for each request. It holds mu while it
// prints.
func requestPrinter(a *cmdutil.App, mu *sync.Mutex) func(emulator.Request) {
	return func(r emulator.Request) {
		name := ""
		if len(r.Operations) > 0 {
			name = " " + r.Operations[0]
		}
		mu.Lock()
		defer mu.Unlock()
		a.Infof("%s %s%s %d %v", r.Method, r.Path, name, r.Status, r.Duration.Round(time.Microsecond))
	}
}
