package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"loket/internal/field"
)

// Listen is the section listen: where loket is reached.
type Listen struct {
	// Address for customers and webhooks: forms, threads, /in/….
	Public string `yaml:"public"`
	// Address for people who answer, and for programs: API, metrics, health. Not for the internet.
	Desk string `yaml:"desk"`
	// Names by which the desk address is reached, beside localhost and addresses: loket.example.org. Others are refused.
	DeskHosts []string `yaml:"desk_hosts"`
	// How customers reach the public address, in links that are sent to them. Left out, the public address itself.
	PublicURL string `yaml:"public_url"`
	// Networks whose X-Forwarded-For is believed: 10.0.0.0/8, or single addresses.
	TrustedProxies []string `yaml:"trusted_proxies"`
}

// DefaultListen reaches this machine only.
func DefaultListen() Listen { return Listen{Public: "127.0.0.1:8080", Desk: "127.0.0.1:8081"} }

// Complete is l with its public URL filled in, without a slash at its end.
func (l Listen) Complete() Listen {
	if l.PublicURL == "" {
		host, port, _ := net.SplitHostPort(l.Public)
		if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		l.PublicURL = "http://" + net.JoinHostPort(host, port)
	}
	l.PublicURL = strings.TrimRight(l.PublicURL, "/")
	return l
}

// Proxies are the trusted proxies as networks. What Validate refuses is left out.
func (l Listen) Proxies() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range l.TrustedProxies {
		if p, err := parseNetwork(s); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// Validate returns all mistakes.
func (l Listen) Validate() error {
	errs := []error{addressMistake("public", l.Public), addressMistake("desk", l.Desk)}
	if l.Public == l.Desk && !strings.HasSuffix(l.Desk, ":0") {
		errs = append(errs, field.Errorf("desk", "must differ from the public address"))
	}
	if l.PublicURL != "" {
		u, err := url.Parse(l.PublicURL)
		switch {
		case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
			errs = append(errs, field.Errorf("public_url", "must be a URL such as https://service.example.org"))
		case u.User != nil, u.RawQuery != "", u.Fragment != "":
			errs = append(errs, field.Errorf("public_url", "must not have a user, query or fragment"))
		}
	}
	for i, s := range l.DeskHosts {
		if !hostForm.MatchString(s) {
			errs = append(errs, field.Errorf(field.At("desk_hosts", i), "must be a host name such as loket.example.org, without a port, not %q", s))
		}
	}
	for i, s := range l.TrustedProxies {
		if _, err := parseNetwork(s); err != nil {
			errs = append(errs, field.Errorf(field.At("trusted_proxies", i), "must be a network such as 10.0.0.0/8 or an address, not %q", s))
		}
	}
	return errors.Join(errs...)
}

// DeskNames are the names by which the desk listener is reached: as configured, and the one it listens on.
func (l Listen) DeskNames() []string {
	host, _, _ := net.SplitHostPort(l.Desk)
	return append(slices.Clone(l.DeskHosts), host)
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?$`)

func addressMistake(path, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return field.Errorf(path, "must be an address and a port such as 127.0.0.1:8080, not %q", address)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return field.Errorf(path, "must have a port from 0 to 65535, not %q", port)
	}
	return nil
}

func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a.WithZone(""), a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}
