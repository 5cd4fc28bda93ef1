package twilio

import (
	"crypto/hmac"
	"crypto/sha1" // what Twilio signs with
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// A signed request is what Twilio's signature covers: the URL as it was configured, and the form or the hash of the
// body. See "Validating requests" in Twilio's security pages.
type signed struct {
	url       string     // scheme, host, path and query
	form      url.Values // of a POST; nil for others
	body      []byte
	signature string
}

const signatureHeader = "X-Twilio-Signature"

// isSigned tells whether a request has something of the form of a signature.
func isSigned(r *http.Request) bool {
	given, err := base64.StdEncoding.DecodeString(r.Header.Get(signatureHeader))
	return err == nil && len(given) == sha1.Size
}

// verify tells whether a webhook is Twilio's, and about our account. A form that is broken is signed as far as it goes.
func (t *Twilio) verify(r *http.Request, content []byte) bool {
	e, _ := eventOf(r, content)
	s := signed{url: t.env.HookURL(r.URL.EscapedPath()), body: content, signature: r.Header.Get(signatureHeader)}
	if r.URL.RawQuery != "" {
		s.url += "?" + r.URL.RawQuery
	}
	if r.Method == http.MethodPost && e.query.Get("bodySHA256") == "" {
		s.form = e.params
	}
	account := e.params.Get("AccountSid") // another one of the same owner may have the same token
	return s.valid(t.tokens) && (account == "" || account == t.cfg.AccountSID)
}

// valid tells whether one of the tokens made the signature. Twilio is of two minds about the port that is the scheme's
// own, and about keys that stand twice; each way is tried.
func (s signed) valid(tokens []string) bool {
	given, err := base64.StdEncoding.DecodeString(s.signature)
	if err != nil || len(given) != sha1.Size {
		return false
	}
	u, err := url.Parse(s.url)
	if err != nil {
		return false
	}
	texts := []string{""}
	if sum := u.Query().Get("bodySHA256"); sum != "" {
		have := sha256.Sum256(s.body)
		if !hmac.Equal([]byte(strings.ToLower(sum)), []byte(hex.EncodeToString(have[:]))) {
			return false
		}
	} else if len(s.form) > 0 {
		texts = []string{joined(s.form, false), joined(s.form, true)}
	}
	for _, token := range tokens {
		for _, at := range []string{withPort(u), withoutPort(u)} {
			for _, text := range texts {
				mac := hmac.New(sha1.New, []byte(token))
				_, _ = mac.Write([]byte(at + text)) // never fails
				if hmac.Equal(mac.Sum(nil), given) {
					return true
				}
			}
		}
	}
	return false
}

// joined is keys and values without anything between them, by key in the order of bytes; of a key that stands twice the
// first value, or every different one.
func joined(form url.Values, every bool) string {
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	var b strings.Builder
	for _, k := range keys {
		values := form[k][:1]
		if every {
			values = slices.Compact(slices.Sorted(slices.Values(form[k])))
		}
		for _, v := range values {
			b.WriteString(k)
			b.WriteString(v)
		}
	}
	return b.String()
}

func withPort(u *url.URL) string {
	if u.Port() != "" {
		return u.String()
	}
	c := *u
	c.Host += ":80"
	if u.Scheme == "https" {
		c.Host = u.Host + ":443"
	}
	return c.String()
}

func withoutPort(u *url.URL) string {
	c := *u
	c.Host = strings.TrimSuffix(u.Host, ":"+u.Port())
	return c.String()
}
