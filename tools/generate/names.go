package main

import (
	"path"
	"slices"
	"strings"
	"unicode"
)

// initialisms are the words that Go writes in capitals. Those of the second line are Taegis's own.
var initialisms = strings.Fields(`
	ACL API ASCII CPU CSS CSV DNS EOF GUID HTML HTTP HTTPS ID IP JSON JWT MAC OS PDF QPS RAM RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI UID URI URL UTF8 UUID VM XML XSS
	AI ARN ASN AWS CIDR CQL CVE EULA IDP IOC LLM MDR MFA MITRE NGAV OTP QL RN SAML SSO TDR VDR XDR`)

// goName turns a wire name into an exported Go name without underscores: the words are joined, each
// with a capital first letter, initialisms in capitals. `tenant_id`, `tenantId` and `tenantID` all
// become TenantID.
func goName(wire string) string {
	screaming := strings.ToUpper(wire) == wire
	var name strings.Builder
	for _, word := range splitWords(wire) {
		name.WriteString(goWord(word, screaming))
	}
	if s := name.String(); s != "" && unicode.IsLetter(rune(s[0])) {
		return s
	}
	return "X" + name.String() // no Go name starts with a digit
}

func goWord(word string, screaming bool) string {
	upper := strings.ToUpper(word)
	if slices.Contains(initialisms, upper) {
		return upper
	}
	if singular, plural := strings.CutSuffix(upper, "S"); plural && slices.Contains(initialisms, singular) {
		return singular + "s"
	}
	if screaming {
		word = strings.ToLower(word)
	}
	return capital(word)
}

// typeName is the Go name of a GraphQL type. Go readers and tools take a function called NewClient
// for the constructor of Client, so no type is called that: an output NewClient becomes
// CreatedClient, an input NewSubscription becomes CreateSubscriptionInput.
func typeName(wire string, input bool) string {
	name := goName(wire)
	rest, found := cutNew(name)
	switch {
	case !found:
		return name
	case input:
		return "Create" + strings.TrimSuffix(rest, "Input") + "Input"
	}
	return "Created" + rest
}

// argsName is the name of the struct with the arguments of a method. As in [typeName], the
// arguments of NewExport are CreateExportArgs.
func argsName(method string) string {
	if rest, found := cutNew(method); found {
		return "Create" + rest + "Args"
	}
	return method + "Args"
}

// cutNew cuts the first word of a Go name if it is New.
func cutNew(name string) (rest string, found bool) {
	rest, found = strings.CutPrefix(name, "New")
	if found && rest != "" && unicode.IsLower(rune(rest[0])) {
		return name, false // for example Newsletter
	}
	return rest, found
}

// splitWords splits a name at everything that is no letter or digit, and before a capital that
// begins a new word: "tenant_IDs" gives tenant and IDs, "HTTPServerURLs" gives HTTP, Server and
// URLs.
func splitWords(name string) []string {
	var list []string
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		start := 0
		for i := 1; i < len(part); i++ {
			if startsWord(part, i) {
				list, start = append(list, part[start:i]), i
			}
		}
		list = append(list, part[start:])
	}
	return list
}

func startsWord(s string, i int) bool {
	upper := func(i int) bool { return unicode.IsUpper(rune(s[i])) }
	if !upper(i) {
		return false
	}
	if !upper(i - 1) {
		return true
	}
	pluralAt := func(i int) bool { return s[i] == 's' && (i+1 == len(s) || upper(i+1)) }
	return i+1 < len(s) && unicode.IsLower(rune(s[i+1])) && !pluralAt(i+1)
}

// capital makes the first letter of a word a capital.
func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// folderName is the folder of a service below services: its wire name without underscores.
func folderName(service string) string { return strings.ReplaceAll(service, "_", "") }

// packageName is the name of a service's package, the last part of its folder.
func packageName(service string) string { return path.Base(folderName(service)) }
