package webform

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Pages of other origins may post to the form as anybody may; reading its answers, and asking first whether they may send
// JSON, is for the origins of the setting alone (the CORS protocol of the Fetch standard). There are no credentials to share.

var errOrigin = errors.New("must be a scheme and a name, such as https://www.example.org")

// origin brings an origin to the form in which browsers send it.
func origin(s string) (string, error) {
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

const methods = "GET, HEAD, POST, OPTIONS"

// share lets a page of one of the origins read the answer to this request, whatever the answer is.
func (f *Form) share(h http.Header, r *http.Request) {
	if len(f.origins) == 0 {
		return
	}
	h.Add("Vary", "Origin")
	if f.isShared(r) {
		h.Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		h.Set("Access-Control-Expose-Headers", "Retry-After")
	}
}

func (f *Form) isShared(r *http.Request) bool {
	return slices.Contains(f.origins, r.Header.Get("Origin"))
}

// options says what may be sent, and to a page of one of the origins, that it may.
func (f *Form) options(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Allow", methods)
	if f.isShared(r) && r.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Content-Type, Idempotency-Key")
		h.Set("Access-Control-Max-Age", "3600")
		h.Add("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers")
	}
	w.WriteHeader(http.StatusNoContent)
}
