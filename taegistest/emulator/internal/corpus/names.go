package corpus

import (
	"strconv"
	"strings"
)

// signature is what a detector reports.
type signature struct {
	detector, name, title, description string
	techniques                         []string
	sensor                             string
}

var signatures = []signature{
	{"app:event-filter", "Event Filter", "Port scan", "Many ports of one host were probed.", []string{"T1046"}, "NETFLOW"},
	{"app:detect:kerberoasting", "Kerberoasting", "Kerberos tickets requested for many services", "One user requested tickets for an unusual number of services.", []string{"T1558.003"}, "AUTH"},
	{"app:detect:stolen-user-credentials", "Stolen User Credentials", "Someone's token was used twice", "A session token was used from two countries within an hour.", []string{"T1078", "T1550.001"}, "CLOUD_AUDIT"},
	{"app:detect:password-spray", "Password Spray", "Password spray against a login portal", "One address tried one password for many users.", []string{"T1110.003"}, "AUTH"},
	{"app:detect:brute-force", "Brute Force", "Brute force login attempts", "Many failed logins of one user were followed by a success.", []string{"T1110.001"}, "AUTH"},
	{"app:detect:tactic-graphs", "Tactic Graphs", "PowerShell ran an encoded command", "A process started PowerShell with an encoded command.", []string{"T1059.001", "T1027"}, "ENDPOINT_SOPHOS"},
	{"app:detect:tactic-graphs", "Tactic Graphs", "Office application started a shell", "A document opened a command interpreter.", []string{"T1204.002"}, "ENDPOINT_SOPHOS"},
	{"app:detect:dga", "Domain Generation", "Lookups of generated domain names", "A host looked up many domains that do not exist.", []string{"T1568.002"}, "DNS"},
	{"app:detect:dns-exfil", "DNS Exfiltration", "Data in names of DNS queries", "Long and random names were looked up below one domain.", []string{"T1048.003"}, "DNS"},
	{"app:detect:rare-program", "Rare Program", "Rare program contacts a rare address", "A program that few hosts run has opened a connection.", []string{"T1071"}, "ENDPOINT_TAEGIS"},
	{"app:detect:hands-on-keyboard", "Hands on Keyboard", "Interactive commands on a server", "Interactive administration commands were run in sequence.", []string{"T1059"}, "ENDPOINT_TAEGIS"},
	{"app:detect:business-email", "Business Email Compromise", "Mailbox rule forwards all mail", "A rule forwards all mail to an external address.", []string{"T1114.003"}, "CLOUD_AUDIT"},
	{"app:watchlist", "Watchlist", "Connection to a watchlisted domain", "A host contacted a domain of a watchlist.", []string{"T1071.001"}, "HTTP"},
	{"app:watchlist", "Watchlist", "Connection to a watchlisted address", "A host contacted an address of a watchlist.", []string{"T1071"}, "NETFLOW"},
	{"app:yara", "File Analysis", "Malicious file written", "A file that matches a rule was written.", []string{"T1105"}, "ENDPOINT_SOPHOS"},
	{"app:antivirus", "Antivirus", "Antivirus quarantined a file", "The agent moved a file into quarantine.", []string{"T1204"}, "ANTIVIRUS"},
	{"app:custom-rule", "Custom Rule", "New local administrator", "A user was added to the local administrators.", []string{"T1136.001"}, "ENDPOINT_TAEGIS"},
	{"app:custom-rule", "Custom Rule", "Log was cleared", "The security log of a host was cleared.", []string{"T1070.001"}, "ENDPOINT_TAEGIS"},
	{"app:detect:lateral-movement", "Lateral Movement", "Service installed on a remote host", "A service was created over the network.", []string{"T1021.002", "T1569.002"}, "ENDPOINT_SOPHOS"},
	{"app:detect:ransomware", "Ransomware", "Many files renamed in a short time", "A process renamed files in several shares.", []string{"T1486"}, "ENDPOINT_SOPHOS"},
}

var (
	userNames = []string{
		"eve", "mallory", "alice", "bob", "carol", "dave", "svc-backup", "svc-sql", "temp-17", "temp-42",
		"administrator", "j.doe", "o'neill", "grace", "heidi", "ivan",
	}
	domains = []string{
		"bad.example", "worse.example", "cdn.example.net", "mail.example.org", "login-portal.example.net",
		"update.example.com", "files.corp.example", "q7f3kz.example.net", "invoice.zip", "www.example.org",
	}
	hostPrefixes = []string{"wks", "srv", "lab", "dc", "web"}
	platforms    = []string{"PLATFORM_WINDOWS", "PLATFORM_WINDOWS", "PLATFORM_LINUX", "PLATFORM_MACOS"}
)

// host returns the name of the host with a number.
func host(number int) string {
	text := strconv.Itoa(number)
	return hostPrefixes[number%len(hostPrefixes)] + "-" + strings.Repeat("0", max(4-len(text), 0)) + text
}

// hosts is the number of different hosts.
const hosts = 500

func (r ref) host() string { return host(r.below(purposeHost, hosts)) }

func (r ref) user() string { return pick(r, purposeUser, userNames) }

func (r ref) domain() string { return pick(r, purposeDomain, domains) }

// sourceIP returns an address of a private network or, for one in three records, one of the
// networks for documentation (RFC 5737).
func (r ref) sourceIP() string {
	v := r.draw(purposeSource)
	if v%3 == 0 {
		return documentationIP(v >> 8)
	}
	return "10.20." + octet(v>>8) + "." + octet(v>>16)
}

// destinationIP returns an address of the networks for documentation.
func (r ref) destinationIP() string { return documentationIP(r.draw(purposeDestination)) }

func documentationIP(v uint64) string {
	networks := [...]string{"192.0.2.", "198.51.100.", "203.0.113."}
	return networks[v%3] + octet(v>>8)
}

func octet(v uint64) string { return strconv.Itoa(1 + int(v%254)) }
