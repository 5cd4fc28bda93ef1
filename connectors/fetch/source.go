package fetch

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"loket/internal/loopback"
)

// A Source is a place that may be asked for files.
type Source struct {
	// Origins are scheme, name and port, such as https://files.example. In a name * stands for one label. A port must be
	// named unless it is the scheme's own. http is for this machine only.
	Origins []string
	// Path is what the path begins with; "" is any. A path with .. in it is none.
	Path string
	// Sign makes the transport that proves who we are out of the next one. It sees requests to this source alone, wherever
	// an answer sends us on to; nil proves nothing. See Basic and Bearer.
	Sign func(next http.RoundTripper) http.RoundTripper
}

// has tells whether u is at one of the origins.
func (s Source) has(u *url.URL) bool {
	return slices.ContainsFunc(s.Origins, func(origin string) bool {
		o, err := url.Parse(origin)
		if err != nil || o.Scheme != u.Scheme || o.Port() != u.Port() || u.Hostname() == "" {
			return false
		}
		return sameName(o.Hostname(), u.Hostname()) && (u.Scheme == "https" || u.Scheme == "http" && loopback.Host(u.Hostname()))
	})
}

// gives tells whether a file at u may be asked for.
func (s Source) gives(u *url.URL) bool {
	return s.has(u) && u.User == nil && strings.HasPrefix(u.Path, s.Path) && !strings.Contains(u.Path, "..")
}

func sameName(pattern, name string) bool {
	wanted, have := strings.Split(pattern, "."), strings.Split(name, ".")
	if len(wanted) != len(have) {
		return false
	}
	for i, w := range wanted {
		if w != have[i] && (w != "*" || have[i] == "") {
			return false
		}
	}
	return true
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
