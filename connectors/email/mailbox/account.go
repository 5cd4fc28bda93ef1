package mailbox

import (
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"

	"loket/internal/field"
	"loket/internal/secret"
)

// An account is where to connect and as whom.
type account struct {
	host, port string
	tls        bool // from the first byte
	plain      bool // never
	user       string
	password   secret.String
}

func (a account) addr() string { return net.JoinHostPort(a.host, a.port) }

// account reads the URL. It is lenient with the characters of passwords: what stands before the last @ is user and
// password. Its errors repeat nothing of it.
func (c *Config) account() (account, error) {
	a := account{user: c.User, password: c.Password}
	fail := func(reason string) (account, error) { return account{}, field.Errorf("imap", "%s", reason) }
	text := strings.TrimSpace(c.URL.Reveal())
	scheme, rest, ok := strings.Cut(text, "://")
	switch {
	case text == "":
		return fail("must be given: imaps://user:password@host")
	case !ok || (scheme != "imaps" && scheme != "imap"):
		return fail("must be imaps://user:password@host or imap://…")
	}
	a.tls = scheme == "imaps"
	a.plain = !a.tls && c.StartTLS == startTLSNone
	host := rest
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		if !a.login(rest[:i]) {
			return fail("has a % that does not begin an encoded character: " + hintPercentEncoded)
		}
		host = rest[i+1:]
	}
	if !a.server(strings.TrimSuffix(host, "/")) {
		return fail("must end in a host name, with :port if need be, and nothing behind it")
	}
	if a.user == "" {
		return fail("must name the user: imaps://user:password@host")
	}
	if strings.ContainsAny(a.user+a.password.Reveal(), "\x00\r\n") {
		return fail("has a line end or NUL in user or password")
	}
	return a, nil
}

// login reads user:password. What the settings beside the URL say goes before it.
func (a *account) login(text string) bool {
	name, pass, has := strings.Cut(text, ":")
	name, err := url.PathUnescape(name)
	if err != nil {
		return false
	}
	pass, err = url.PathUnescape(pass)
	if err != nil {
		return false
	}
	if a.user == "" {
		a.user = name
	}
	if has && a.password.IsZero() {
		a.password = secret.New(pass)
	}
	return true
}

// server reads host, host:port, [address] or [address]:port.
func (a *account) server(text string) bool {
	a.host, a.port = text, "143"
	if a.tls {
		a.port = "993"
	}
	if h, p, err := net.SplitHostPort(text); err == nil {
		a.host, a.port = h, p
	} else if inner, ok := strings.CutPrefix(text, "["); ok {
		a.host = strings.TrimSuffix(inner, "]")
	}
	n, err := strconv.ParseUint(a.port, 10, 16)
	if err != nil || n == 0 || a.host == "" {
		return false
	}
	if ip, err := netip.ParseAddr(a.host); err == nil {
		return ip.IsValid()
	}
	return !strings.ContainsFunc(a.host, func(r rune) bool {
		return r != '.' && r != '-' && r != '_' && (r < '0' || r > '9' && r < 'A' || r > 'Z' && r < 'a' || r > 'z') && r < 0x80
	})
}

// roots are the certificates of ca, which is PEM or the name of a file; nil when it is empty.
func roots(ca string) (*x509.CertPool, error) {
	if ca == "" {
		return nil, nil
	}
	pem := []byte(ca)
	if !strings.Contains(ca, "-----BEGIN") {
		var err error
		if pem, err = os.ReadFile(ca); err != nil {
			return nil, err
		}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in it")
	}
	return pool, nil
}
