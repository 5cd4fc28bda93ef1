package page

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"loket/internal/field"
)

var errOrigin = errors.New("must be a scheme and a name, such as https://www.example.org")

// Origin brings the origin of a site to the form in which browsers send it.
func Origin(s string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", errOrigin
	case strings.Contains(u.Host, "*"):
		return "", errors.New("must be one origin; each is listed by itself")
	case u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery || strings.HasSuffix(s, "#"):
		return "", errors.New("must be without a path, such as " + u.Scheme + "://" + u.Host)
	}
	host := strings.ToLower(u.Hostname())
	if net.ParseIP(host) == nil {
		if host, err = idna.Lookup.ToASCII(host); err != nil {
			return "", errOrigin
		}
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme] {
		host += ":" + port
	}
	return u.Scheme + "://" + host, nil
}

// Origins gives those of a setting called name as browsers send them, and what is wrong with the others.
func Origins(name string, listed []string) (good []string, bad []error) {
	for i, s := range listed {
		o, err := Origin(s)
		switch {
		case err != nil:
			bad = append(bad, field.Errorf(field.At(name, i), "%v", err))
		case slices.Contains(good, o):
			bad = append(bad, field.Errorf(field.At(name, i), "names %q a second time", o))
		default:
			good = append(good, o)
		}
	}
	return good, bad
}
