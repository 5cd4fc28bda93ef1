package judge

import (
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// maxDomain is longer than any name that the DNS has, written with U-labels.
const maxDomain = 1024

// ascii is the domain with A-labels in lower case; what cannot be a domain comes out in lower case only.
func ascii(domain string) string {
	domain = strings.ToLower(strings.TrimSuffix(domain, "."))
	if len(domain) > maxDomain {
		return domain
	}
	if a, err := idna.Lookup.ToASCII(domain); err == nil {
		return a
	}
	return domain
}

func sameDomain(a, b string) bool {
	return strings.EqualFold(a, b) || ascii(a) == ascii(b)
}

// within tells whether domain is parent or lies below it.
func within(parent, domain string) bool {
	parent, domain = ascii(parent), ascii(domain)
	return parent != "" && (domain == parent || strings.HasSuffix(domain, "."+parent))
}

// sameHouse tells whether two domains were registered by one hand: news.shop.nl and shop.nl.
func sameHouse(a, b string) bool {
	a, b = ascii(a), ascii(b)
	if a == b {
		return true
	}
	x, err := publicsuffix.EffectiveTLDPlusOne(a)
	if err != nil {
		return false
	}
	y, err := publicsuffix.EffectiveTLDPlusOne(b)
	return err == nil && x == y
}
