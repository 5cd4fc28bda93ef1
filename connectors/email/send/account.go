package send

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"loket/internal/field"
	"loket/internal/loopback"
	"loket/internal/message"
	"loket/internal/secret"
)

// An Account is an SMTP server and the address that is written from there.
type Account struct {
	// Address is the one that mail is sent from: help@example.org.
	Address string `yaml:"address"`
	// Name is what stands before it, as customers see it: Example Support.
	Name string `yaml:"name"`
	// URL is the SMTP server: smtps://user:password@smtp.example.org:465 with TLS from the first byte, or
	// smtp://user:password@smtp.example.org:587, where STARTTLS comes first or nothing is sent. What is special in
	// a URL is written in user and password as %40 for @, %2F for / and so on.
	URL secret.String `yaml:"url"`
	// User and Password log in, when they do not stand in the URL; here nothing in them is special.
	User     string        `yaml:"user"`
	Password secret.String `yaml:"password"`
	// CA is a file with the certificates to trust instead of those of the system.
	CA string `yaml:"ca"`
	// Insecure sends everything, the password too, without TLS. To this very machine (localhost) smtp:// always does,
	// unless ca is given.
	Insecure bool `yaml:"insecure"`
	// Auth is how to log in: plain, login or xoauth2; empty takes what the server offers of plain and login.
	Auth string `yaml:"auth"`
	// Hello is the name this machine gives itself; empty is the domain of the address.
	Hello string `yaml:"hello"`
	// Timeout is how long the server may take for one step; 30s when it is not given.
	Timeout time.Duration `yaml:"timeout"`
	// MaxSize is the largest mail, as it travels: attachments grow by a third. 25 MiB when it is not given. What the
	// server says it takes counts when that is less.
	MaxSize int64 `yaml:"max_size"`
	// Plus is what the mail server separates extensions of an address with, mostly +. When given, answers go to
	// help+t…@example.org, by which they are known even if the mail program of the customer loses everything else.
	// The server must deliver such addresses to the mailbox.
	Plus string `yaml:"plus"`
	// Bounce is the address that mail servers report to when a mail cannot be delivered; with plus it carries the
	// number of the mail. Empty is the address itself. The server must let the account use it.
	Bounce string `yaml:"bounce"`
	// DKIM signs the mails here, for servers that don't do so themselves.
	DKIM *DKIM `yaml:"dkim"`
}

// DKIM is the signature of RFC 6376.
type DKIM struct {
	// Domain is the one that vouches; empty is that of the address.
	Domain string `yaml:"domain"`
	// Selector says which key of the domain: the public one stands in the DNS at <selector>._domainkey.<domain>.
	Selector string `yaml:"selector"`
	// KeyFile holds the private key in PEM: RSA of at least 1024 bits, or Ed25519, which not all receivers know.
	KeyFile secret.File `yaml:"key_file"`
}

const (
	defaultTimeout = 30 * time.Second
	defaultMaxSize = 25 << 20
	leastSize      = 64 << 10
	maxSize        = 512 << 20
)

// Accounts are what there is to send from. The first serves what is sent from an address that has no account.
type Accounts []Account

// Validate gives all mistakes at once, with paths such as [0].url.
func (as Accounts) Validate() error {
	var bad []error
	first := map[string]int{}
	for i := range as {
		path := fmt.Sprintf("[%d]", i)
		if err := as[i].Validate(); err != nil {
			bad = append(bad, field.Under(path, err))
		}
		address := normal(as[i].Address)
		if _, twice := first[address]; twice && address != "" {
			bad = append(bad, field.Errorf(path+".address", "must be another than that of account %d", first[address]+1))
		} else {
			first[address] = i
		}
	}
	return errors.Join(bad...)
}

// Validate gives all mistakes at once. It does not look into files.
func (a *Account) Validate() error {
	var bad []error
	if _, err := message.Email(a.Address, message.Mentioned); err != nil {
		bad = append(bad, field.Errorf("address", "%v", err))
	}
	if line(a.Name, maxName) != a.Name {
		bad = append(bad, field.Errorf("name", "must be one line of at most %d characters", maxName))
	}
	t, err := a.target()
	if err != nil {
		bad = append(bad, err)
	}
	if a.Insecure && t.tls {
		bad = append(bad, field.Errorf("insecure", "must be left out where url begins with smtps://"))
	}
	if a.Insecure && a.CA != "" {
		bad = append(bad, field.Errorf("insecure", "must be left out where ca is given"))
	}
	switch a.Auth {
	case "", "plain", "login", "xoauth2":
		if a.Auth != "" && err == nil && t.user == "" {
			bad = append(bad, field.Errorf("auth", "must be left out where there is no user"))
		}
	default:
		bad = append(bad, field.Errorf("auth", "must be plain, login or xoauth2, not %q%s", a.Auth,
			field.DidYouMean(a.Auth, []string{"plain", "login", "xoauth2"})))
	}
	if a.Hello != "" && (!isASCII(a.Hello) || strings.ContainsAny(a.Hello, " \t\r\n") || len(a.Hello) > 253) {
		bad = append(bad, field.Errorf("hello", "must be a host name such as desk.example.org"))
	}
	if a.Timeout != 0 {
		bad = append(bad, field.Within("timeout", a.Timeout, time.Second, 5*time.Minute))
	}
	if a.MaxSize != 0 {
		bad = append(bad, field.Between("max_size", a.MaxSize, leastSize, maxSize))
	}
	bad = append(bad, a.checkPlus(), a.checkDKIM())
	return errors.Join(bad...)
}

func (a *Account) checkPlus() error {
	var bad []error
	if a.Plus != "" && (len(a.Plus) != 1 || !strings.Contains("+-_=.", a.Plus)) {
		bad = append(bad, field.Errorf("plus", "must be one of + - _ = . and not %q", a.Plus))
	}
	if a.Plus != "" && strings.LastIndexByte(a.Address, '@') > MaxLocal {
		bad = append(bad, field.Errorf("plus", "must be left out: the address has more than %d characters before the @", MaxLocal))
	}
	if a.Bounce != "" {
		if _, err := message.Email(a.Bounce, message.Mentioned); err != nil {
			bad = append(bad, field.Errorf("bounce", "%v", err))
		} else if a.Plus != "" && strings.LastIndexByte(a.Bounce, '@') > MaxLocal {
			bad = append(bad, field.Errorf("bounce", "must have at most %d characters before the @ where plus is given", MaxLocal))
		}
	}
	return errors.Join(bad...)
}

func (a *Account) checkDKIM() error {
	if a.DKIM == nil {
		return nil
	}
	var bad []error
	if d := a.DKIM.Domain; d != "" && domainOf(normal("x@"+d)) == "" {
		bad = append(bad, field.Errorf("dkim.domain", "must be a domain name such as example.org"))
	}
	if a.DKIM.Selector == "" || domainOf(normal("x@"+a.DKIM.Selector+".example.org")) == "" {
		bad = append(bad, field.Errorf("dkim.selector", "must be the name of the key in the DNS, such as loket1"))
	}
	if a.DKIM.KeyFile == "" {
		bad = append(bad, field.Errorf("dkim.key_file", "must be a file with the private key in PEM"))
	}
	return errors.Join(bad...)
}

// A target is where a URL leads to.
type target struct {
	host, port     string
	tls, clear     bool // TLS from the first byte; none at all; neither is STARTTLS
	user, password string
}

// target reads the URL. No error of it repeats the URL, which holds a password.
func (a *Account) target() (target, error) {
	u, err := url.Parse(a.URL.Reveal())
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || !isASCII(u.Hostname()) || u.Opaque != "" {
		return target{}, field.Errorf("url", "must be of the form smtps://user:password@smtp.example.org:465 or "+
			"smtp://user:password@smtp.example.org:587, with special characters as %%40")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return target{}, field.Errorf("url", "must end after the host and port: / ? and # in a password are written %%2F %%3F and %%23")
	}
	t := target{host: u.Hostname(), port: u.Port(), tls: u.Scheme == "smtps", user: u.User.Username()}
	t.password, _ = u.User.Password()
	if a.User != "" {
		t.user = a.User
	}
	if !a.Password.IsZero() {
		t.password = a.Password.Reveal()
	}
	t.clear = !t.tls && (a.Insecure || a.CA == "" && loopback.Host(t.host))
	if t.port == "" {
		t.port = map[bool]string{true: "465", false: "587"}[t.tls]
	}
	if strings.ContainsRune(t.user+t.password, 0) {
		return target{}, field.Errorf("url", "must have no NUL in user or password")
	}
	return t, nil
}

// normal is an address in its normal form, "" when it is none.
func normal(address string) string {
	id, err := message.Email(address, message.Mentioned)
	if err != nil {
		return ""
	}
	return id.Value
}

func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}
