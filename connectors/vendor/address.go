package vendor

import (
	"net/url"
	"strings"

	"loket/internal/field"
	"loket/internal/loopback"
)

// CheckAddress is a field.Error when raw is not where an API can be: a host with TLS and no path. A stand-in on this machine goes
// without TLS, and nothing else does, because secrets go along with each call.
func CheckAddress(path, raw, example string) error {
	u, err := url.Parse(raw)
	right := err == nil && u.Host != "" && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.User == nil
	if right && (u.Scheme == "https" || u.Scheme == "http" && loopback.Host(u.Hostname())) {
		return nil
	}
	return field.Errorf(path, "must be https:// and a host, such as %s", example)
}
