package webhook

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"loket/internal/field"
	"loket/internal/loopback"
	"loket/internal/message"
	"loket/internal/secret"
)

// Config is the settings of a webhook. What is called an expression is one in the language of rules.
type Config struct {
	// Channel is what customers call it: sms, chat, review.
	Channel string `yaml:"channel"`
	// Methods are those by which the other system calls; with GET, the body is the query.
	Methods []string `yaml:"methods"`
	// Verify says how a request proves of whom it is. Each that is given must hold, and one must be given.
	Verify Verify `yaml:"verify"`
	// Message says what of a request is the message, Report what is a report on an answer of ours.
	Message Message `yaml:"message"`
	Report  Report  `yaml:"report"`
	// Says is what the other system is answered when its request is stored; left out, nothing but 200.
	Says Says `yaml:"says"`
	// Reply is the call by which an answer goes out. Left out, there are none.
	Reply *Reply `yaml:"reply"`
	// Files are where files that messages name may be fetched from: https://media.example.org. A * stands for one label.
	Files []string `yaml:"files"`
	// MaxBytes is the largest request, MaxFileBytes the largest file that is fetched.
	MaxBytes     int64 `yaml:"max_bytes"`
	MaxFileBytes int64 `yaml:"max_file_bytes"`
}

// Verify is how a request proves of whom it is.
type Verify struct {
	HMAC        *HMAC        `yaml:"hmac"`
	JWT         *JWT         `yaml:"jwt"`
	Token       *Token       `yaml:"token"`
	Basic       *Basic       `yaml:"basic"`
	Certificate *Certificate `yaml:"certificate"`
}

// HMAC is a signature by a shared secret.
type HMAC struct {
	// Header has the signature, or several between commas or spaces, each behind Prefix: sha256=, v0=.
	Header string `yaml:"header"`
	Prefix string `yaml:"prefix"`
	// Secret is the key, written as KeyEncoding says: text, hex or base64.
	Secret      secret.String `yaml:"secret"`
	KeyEncoding string        `yaml:"key_encoding"`
	// Algorithm is sha256, sha1 or sha512, Encoding of the signature hex or base64.
	Algorithm string `yaml:"algorithm"`
	Encoding  string `yaml:"encoding"`
	// Content is an expression for what is signed: raw, the body as it came, unless it is given. It must name raw.
	Content string `yaml:"content"`
	// Timestamp is an expression for the instant of signing, which must be within Within of now. It must stand in Content as it is.
	Timestamp string        `yaml:"timestamp"`
	Within    time.Duration `yaml:"within"`
}

// JWT is a token signed by HS256 that names the SHA-256 of the body in its claim payload_hash. One that has a claim url_hash names
// that of the address too, and must where there is no body.
type JWT struct {
	Header string        `yaml:"header"`
	Secret secret.String `yaml:"secret"`
}

// Token is a secret that is shown with each request, in a header or a field of the query.
type Token struct {
	Header string        `yaml:"header"`
	Query  string        `yaml:"query"`
	Secret secret.String `yaml:"secret"`
}

// Basic is a user and a password.
type Basic struct {
	User     string        `yaml:"user"`
	Password secret.String `yaml:"password"`
}

// Certificate is that of the client in TLS, which ends at the proxy before us: a header in which the proxy writes its
// fingerprint, over whatever was there.
type Certificate struct {
	Header string `yaml:"header"`
	SHA256 string `yaml:"sha256"`
}

// Message are expressions for what a message has. Those left out, and what they do not find, it has not.
type Message struct {
	// Each gives a list, of which every item is a message of its own; else the whole body is one.
	Each string `yaml:"each"`
	// When tells whether it is a message at all; what is none is counted as other.
	When string `yaml:"when"`
	// ID is the other system's id of the message, by which the same one is known again.
	ID           string `yaml:"id"`
	From         []From `yaml:"from"`
	Name         string `yaml:"name"`
	Subject      string `yaml:"subject"`
	Text         string `yaml:"text"`
	Language     string `yaml:"language"`
	Sent         string `yaml:"sent"`
	Conversation string `yaml:"conversation"` // left out, the first of From
	Answers      string `yaml:"answers"`      // the other system's id of the message that it answers
	Public       string `yaml:"public"`       // whether strangers can read it
	Link         string `yaml:"link"`
	Automatic    string `yaml:"automatic"` // whether a machine wrote it for whom nobody waits
	Attachments  string `yaml:"attachments"`
	OptOut       string `yaml:"opt_out"` // whether the sender wants no more messages
}

// From is an identifier of the sender.
type From struct {
	Kind  string `yaml:"kind"`  // phone, email, sub…
	Scope string `yaml:"scope"` // of kinds that have one
	Value string `yaml:"value"` // an expression
	// Level is claimed, what the sender says, or attested, what the other system vouches for.
	Level string `yaml:"level"`
}

// Report are expressions for what a report on an answer has.
type Report struct {
	Each   string            `yaml:"each"`
	When   string            `yaml:"when"`
	Of     string            `yaml:"of"`     // the id that the call of the answer gave
	State  string            `yaml:"state"`  // in the other system's words
	States map[string]string `yaml:"states"` // those words in ours: sent, delivered, read, failed
	Reason string            `yaml:"reason"`
}

// Says is an answer to a request.
type Says struct {
	Type    string `yaml:"type"`
	Content string `yaml:"content"`
}

// Reply is the call by which an answer goes out. In its texts {{…}} is an expression.
type Reply struct {
	Method  string                   `yaml:"method"`
	URL     string                   `yaml:"url"`     // {{…}} may stand in its path
	Query   map[string]string        `yaml:"query"`   // what stands behind its ?
	Headers map[string]secret.String `yaml:"headers"` // secrets, too
	// Secrets are named in templates, as {{secret.token}}, and shown nowhere.
	Secrets map[string]secret.String `yaml:"secrets"`
	// Type is json, form or xml. Body is values as they are sent, or for xml the document; whatever {{…}} gives is one value in it.
	Type string `yaml:"type"`
	Body any    `yaml:"body"`
	// To is the kind of identifiers that are written to, Scope theirs. Left out, answers go to a message, not to a person.
	To    string `yaml:"to"`
	Scope string `yaml:"scope"`
	// MaxText is how many characters an answer may have; 0 is no limit.
	MaxText int `yaml:"max_text"`
	// ID is an expression for the id in the answer of the call. The others tell of the status and body of one whether it was done
	// (of 2xx; else all are), was done before, can't be helped by trying again, or passes; by default the status says so.
	ID        string `yaml:"id"`
	Success   string `yaml:"success"`
	Already   string `yaml:"already"`
	Permanent string `yaml:"permanent"`
	Retry     string `yaml:"retry"`
	// After is an expression for the seconds to wait; the header Retry-After is looked at in any case.
	After string `yaml:"after"`
	// Repeatable says that the same call twice is one message, as for systems that take a key for that.
	Repeatable bool `yaml:"repeatable"`
}

// Validate gives all mistakes at once.
func (c *Config) Validate() error {
	_, err := compile(c)
	return err
}

// check looks at what is no expression.
func (c *Config) check() error {
	bad := []error{
		field.Matches("channel", c.Channel, `[a-z0-9][a-z0-9_-]{0,39}`, "must be a word in small letters such as sms"),
		field.Under("verify", c.Verify.check()),
		field.Missing("message.id", c.Message.ID == "" && !c.Report.given(), ": by it the same message is known again"),
		field.Between("max_bytes", c.MaxBytes, 1<<10, 50<<20), field.Between("max_file_bytes", c.MaxFileBytes, 1, 1<<30),
		field.Missing("methods", len(c.Methods) == 0, ""),
	}
	for i, m := range c.Methods {
		if !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodGet}, m) {
			bad = append(bad, field.Errorf(field.At("methods", i), "must be POST, PUT or GET, not %q", m))
		}
	}
	for i, f := range c.Message.From {
		at := field.At("message.from", i)
		if f.Level != "" {
			bad = append(bad, field.Either(at+".level", f.Level, "claimed", "attested"))
		}
		bad = append(bad, kindMistake(at, f.Kind, f.Scope), field.Missing(at+".value", f.Value == "", ": an expression"))
	}
	for word, state := range c.Report.States {
		if !slices.Contains([]string{"sent", "delivered", "read", "failed"}, state) {
			bad = append(bad, field.Errorf("report.states."+word, "must be sent, delivered, read or failed, not %q", state))
		}
	}
	for i, o := range c.Files {
		if u, err := url.Parse(o); err != nil || u.Host == "" || strings.Trim(u.Path, "/") != "" || !safe(u) {
			bad = append(bad, field.Errorf(field.At("files", i), "must be https:// and a host, such as https://media.example.org"))
		}
	}
	if c.Report.given() {
		bad = append(bad, field.Missing("report.of", c.Report.Of == "", ": of which answer it is"), field.Missing("report.state", c.Report.State == "", ": how far it came"))
	}
	if c.Reply != nil {
		bad = append(bad, field.Under("reply", c.Reply.check()))
	}
	return errors.Join(bad...)
}

// safe tells whether what goes there is read by nobody else.
func safe(u *url.URL) bool {
	return u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && loopback.Host(u.Hostname()))
}

func (r *Report) given() bool { return r.Of != "" || r.State != "" || r.When != "" || r.Each != "" }

func (v *Verify) check() error {
	var bad []error
	if *v == (Verify{}) {
		return field.Errorf("", "must be given: hmac, jwt, token or basic, or anybody could write in a customer's name")
	}
	if h := v.HMAC; h != nil {
		bad = append(bad, field.Missing("hmac.header", h.Header == "", ""), field.Missing("hmac.secret", h.Secret.IsZero(), ""),
			oneOf("hmac.algorithm", h.Algorithm, "sha256", "sha1", "sha512"), oneOf("hmac.encoding", h.Encoding, "hex", "base64"),
			oneOf("hmac.key_encoding", h.KeyEncoding, "text", "hex", "base64"))
		if _, err := h.key(); err != nil {
			bad = append(bad, field.Errorf("hmac.secret", "must be written in %s, as key_encoding says", h.KeyEncoding))
		}
		if h.Within != 0 {
			bad = append(bad, field.Within("hmac.within", h.Within, time.Second, 24*time.Hour), field.Missing("hmac.timestamp", h.Timestamp == "", ""))
		}
		bad = append(bad, h.covers())
	}
	if v.JWT != nil {
		bad = append(bad, field.Missing("jwt.secret", v.JWT.Secret.IsZero(), ""))
	}
	if t := v.Token; t != nil {
		bad = append(bad, guessable("token.secret", t.Secret))
		if (t.Header == "") == (t.Query == "") {
			bad = append(bad, field.Errorf("token", "must have a header or a query that it stands in"))
		}
	}
	if v.Basic != nil {
		bad = append(bad, field.Missing("basic.user", v.Basic.User == "", ""), guessable("basic.password", v.Basic.Password))
	}
	if c := v.Certificate; c != nil {
		bad = append(bad, field.Missing("certificate.header", c.Header == "", ": in which the proxy writes the fingerprint"),
			field.Matches("certificate.sha256", strings.ReplaceAll(c.SHA256, ":", ""), `[0-9a-fA-F]{64}`, "must be the SHA-256 of the certificate, in hex"))
		if v.HMAC == nil && v.JWT == nil && v.Token == nil && v.Basic == nil {
			bad = append(bad, field.Errorf("certificate", "needs another one beside it, such as a token that the proxy adds: a fingerprint is no secret, and who reaches loket past the proxy could write it"))
		}
	}
	return errors.Join(bad...)
}

// guessable is an error when who tries for long enough finds a secret.
func guessable(path string, s secret.String) error {
	if n := len(s.Reveal()); n < minSecret {
		return field.Errorf(path, "must have at least %d characters, not %d", minSecret, n)
	}
	return nil
}

const minSecret = 16

// kindMistake is an Error when there are no identifiers of a kind and scope: all that one without a value lacks is its value.
func kindMistake(path, kind, scope string) error {
	_, err := message.NewIdentifier(kind, scope, "", message.Claimed)
	for _, said := range []string{"unknown kind", "without a scope", "must name its", "the ", "https"} {
		if err != nil && strings.HasPrefix(strings.TrimPrefix(err.Error(), kind+": "), said) || err != nil && strings.Contains(err.Error(), "without a scope") {
			return field.Errorf(path, "%v", err)
		}
	}
	return nil
}

// oneOf is an Error when value is none of some; "" is the first.
func oneOf(path, value string, some ...string) error {
	if value == "" || slices.Contains(some, value) {
		return nil
	}
	return field.Errorf(path, "must be %s, not %q", strings.Join(some, ", "), value)
}

var (
	expressions = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	headerName  = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
)

func (r *Reply) check() error {
	bad := []error{
		oneOf("type", r.Type, "json", "form", "xml"), oneOf("method", r.Method, "POST", "PUT", "PATCH"),
		field.Between("max_text", r.MaxText, 0, 200_000),
	}
	fixed := expressions.ReplaceAllString(r.URL, "x")
	if strings.ContainsAny(fixed, "?#") {
		bad = append(bad, field.Errorf("url", "must be without ? and #; what stands behind ? goes to query"))
	}
	for name, value := range r.Headers {
		switch {
		case !headerName.MatchString(name):
			bad = append(bad, field.Errorf("headers."+name, "must be the name of a header, such as X-Api-Key"))
		case strings.ContainsFunc(value.Reveal(), unicode.IsControl):
			bad = append(bad, field.Errorf("headers."+name, "must be one line, without characters that cannot be seen"))
		}
	}
	before, _, _ := strings.Cut(r.URL, "{{")
	if u, err := url.Parse(before); err != nil || u.Host == "" || !safe(u) || u.Path == "" {
		bad = append(bad, field.Errorf("url", "must be https:// with a host and a path, such as https://api.example.org/messages"))
	}
	if r.To != "" {
		bad = append(bad, kindMistake("to", r.To, r.Scope))
	}
	return errors.Join(bad...)
}
