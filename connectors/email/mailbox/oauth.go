package mailbox

import (
	"errors"
	"net/url"

	"github.com/emersion/go-sasl"

	"loket/internal/field"
	"loket/internal/loopback"
	"loket/internal/secret"
)

// OAuth2 is how access tokens are had: with a refresh token, or as an application (client credentials).
type OAuth2 struct {
	// Provider fills in token_url and scope: gmail or microsoft365. Left out, both are given.
	Provider string `yaml:"provider"`
	// Tenant of Microsoft 365, by its id or domain. Client credentials need it.
	Tenant string `yaml:"tenant"`
	// TokenURL is where tokens are asked for.
	TokenURL string `yaml:"token_url"`
	// ClientID and ClientSecret are the application's.
	ClientID     string        `yaml:"client_id"`
	ClientSecret secret.String `yaml:"client_secret"`
	// RefreshToken of somebody who gave the application access. Left out, the application signs in as itself.
	RefreshToken secret.String `yaml:"refresh_token"`
	// Scope of the token; several with a space between.
	Scope string `yaml:"scope"`
}

// What the two large providers document.
const (
	gmail         = "gmail"
	microsoft365  = "microsoft365"
	gmailTokenURL = "https://oauth2.googleapis.com/token"
	gmailScope    = "https://mail.google.com/"
	microsoftURL  = "https://login.microsoftonline.com/"
	microsoftPath = "/oauth2/v2.0/token"
	microsoftApp  = "https://outlook.office365.com/.default"
	microsoftUser = "https://outlook.office365.com/IMAP.AccessAsUser.All offline_access"
)

// Validate gives all mistakes at once.
func (o *OAuth2) Validate() error {
	var bad []error
	switch o.Provider {
	case "", gmail, microsoft365:
	default:
		bad = append(bad, field.Errorf("provider", "must be %s or %s, or left out, not %q", gmail, microsoft365, o.Provider))
	}
	if o.ClientID == "" {
		bad = append(bad, field.Errorf("client_id", "must be given"))
	}
	if o.RefreshToken.IsZero() {
		switch {
		case o.Provider == gmail:
			bad = append(bad, field.Errorf("refresh_token", "must be given: Gmail does not let an application in as itself"))
		case o.ClientSecret.IsZero():
			bad = append(bad, field.Errorf("client_secret", "must be given when there is no refresh_token"))
		}
		if o.Provider == microsoft365 && o.Tenant == "" && o.TokenURL == "" {
			bad = append(bad, field.Errorf("tenant", "must be given when there is no refresh_token"))
		}
	}
	u, err := url.Parse(o.filled().TokenURL)
	switch {
	case o.TokenURL == "" && o.Provider == "":
		bad = append(bad, field.Errorf("token_url", "must be given, or provider"))
	case err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback.Host(u.Hostname())):
		bad = append(bad, field.Errorf("token_url", "must be an https:// URL"))
	}
	return errors.Join(bad...)
}

// filled is o with what its provider implies.
func (o *OAuth2) filled() OAuth2 {
	f := *o
	set := func(s *string, otherwise string) {
		if *s == "" {
			*s = otherwise
		}
	}
	switch f.Provider {
	case gmail:
		set(&f.TokenURL, gmailTokenURL)
		set(&f.Scope, gmailScope)
	case microsoft365:
		set(&f.Tenant, "common")
		set(&f.TokenURL, microsoftURL+url.PathEscape(f.Tenant)+microsoftPath)
		if f.RefreshToken.IsZero() {
			set(&f.Scope, microsoftApp)
		} else {
			set(&f.Scope, microsoftUser)
		}
	}
	return f
}

// xoauth2 is the mechanism of Gmail and Microsoft 365, which has no RFC
// (developers.google.com/workspace/gmail/imap/xoauth2-protocol).
type xoauth2 struct {
	user  string
	token secret.String
}

func (x *xoauth2) Start() (string, []byte, error) {
	return "XOAUTH2", []byte("user=" + x.user + "\x01auth=Bearer " + x.token.Reveal() + "\x01\x01"), nil
}

// Next answers the challenge that tells of a failure with nothing, whereupon the server refuses in proper form.
func (x *xoauth2) Next([]byte) ([]byte, error) { return []byte{}, nil }

var _ sasl.Client = (*xoauth2)(nil)
