package main

import (
	"slices"
	"strings"
	"unicode"
)

// initialisms are the words that Go writes in capitals. Those of the second line are Taegis's own.
var initialisms = strings.Fields(`
	ACL API ASCII CPU CSS CSV DNS EOF GUID HTML HTTP HTTPS ID IP JSON JWT MAC OS PDF QPS RAM RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI UID URI URL UTF8 UUID VM XML XSS
	AI ARN ASN AWS CIDR CQL CVE EULA IDP IOC LLM MDR MFA MITRE OTP QL RN SAML SSO TDR VDR XDR`)

// goName turns a wire name into an exported Go name: the words are joined, each with a capital
// first letter, initialisms in capitals. `tenant_id`, `tenantId` and `tenantID` all become
// TenantID.
func goName(wire string) string {
	screaming := strings.ToUpper(wire) == wire
	var name strings.Builder
	for _, word := range words(wire) {
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
	return strings.ToUpper(word[:1]) + word[1:]
}

// words splits a name at everything that is no letter or digit, and where a capital begins a new
// word: "tenant_IDs" gives tenant and IDs, "HTTPServerURLs" gives HTTP, Server and URLs.
func words(name string) []string {
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

// exported makes the name of a GraphQL type a Go name: it is kept but for a small first letter.
func exported(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// packageName is a service's wire name without underscores.
func packageName(service string) string { return strings.ReplaceAll(service, "_", "") }
