package webhook

import (
	"crypto/hmac"
	"crypto/sha1" // which some systems still sign with
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"net/http"
	"net/url"
	"strings"
	"time"

	"loket/connectors/hook"
	"loket/internal/secret"
)

// admit looks at what can be told from the headers, before anything of the body is read.
func (w *Webhook) admit(r *http.Request) bool {
	v := w.cfg.Verify
	if t := v.Token; t != nil {
		shown := r.Header.Get(t.Header)
		if t.Query != "" {
			shown = r.URL.Query().Get(t.Query)
		}
		if !same(strings.TrimPrefix(shown, "Bearer "), t.Secret) {
			return false
		}
	}
	if b := v.Basic; b != nil {
		user, password, _ := r.BasicAuth()
		if right := same(password, b.Password); !same(user, secret.New(b.User)) || !right {
			return false
		}
	}
	if c := v.Certificate; c != nil {
		fingerprint := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, ":", "")) }
		return fingerprint(r.Header.Get(c.Header)) == fingerprint(c.SHA256)
	}
	return true
}

// verify looks at signatures of the body.
func (w *Webhook) verify(r *http.Request, body []byte) bool {
	v := w.cfg.Verify
	if v.HMAC != nil && !w.hmac(v.HMAC, r, body) {
		return false
	}
	return v.JWT == nil || w.jwt(v.JWT, r, body)
}

func same(shown string, want secret.String) bool {
	return !want.IsZero() && hmac.Equal([]byte(shown), []byte(want.Reveal()))
}

func (h *HMAC) key() ([]byte, error) {
	switch h.KeyEncoding {
	case "hex":
		return hex.DecodeString(h.Secret.Reveal())
	case "base64":
		return base64.StdEncoding.DecodeString(h.Secret.Reveal())
	}
	return []byte(h.Secret.Reveal()), nil
}

func (w *Webhook) hmac(h *HMAC, r *http.Request, body []byte) bool {
	if r.Method == http.MethodGet {
		body = []byte(r.URL.RawQuery) // which is what is read
	}
	of := w.request(r, payload{}, body)
	content := string(body)
	if w.rules.signed != nil {
		var err error
		if content, err = w.rules.signed.text(of); err != nil {
			return false
		}
	}
	if h.Timestamp != "" {
		at, err := w.rules.signedAt.instant(of)
		within := h.Within
		if within == 0 {
			within = 5 * time.Minute
		}
		if err != nil || w.now().Sub(at).Abs() > within {
			return false
		}
	}
	key, _ := h.key() // it was looked at
	mac := hmac.New(algorithm(h.Algorithm), key)
	mac.Write([]byte(content))
	for _, shown := range strings.FieldsFunc(r.Header.Get(h.Header), func(r rune) bool { return r == ' ' || r == ',' || r == ';' }) {
		shown, found := strings.CutPrefix(shown, h.Prefix)
		if found && hmac.Equal(decode(h.Encoding, shown), mac.Sum(nil)) {
			return true
		}
	}
	return false
}

func algorithm(name string) func() hash.Hash {
	switch name {
	case "sha1":
		return sha1.New
	case "sha512":
		return sha512.New
	}
	return sha256.New
}

// decode gives the bytes of a signature; nil for what is none.
func decode(encoding, shown string) []byte {
	if encoding == "base64" {
		if b, err := base64.StdEncoding.DecodeString(shown); err == nil {
			return b
		}
		b, _ := base64.RawURLEncoding.DecodeString(strings.TrimRight(shown, "="))
		return b
	}
	b, _ := hex.DecodeString(shown)
	return b
}

// jwt looks at a token by HS256. Only that algorithm is taken, whatever the token says. Its claims are those of MessageBird,
// https://developers.messagebird.com/docs/verify-http-requests, and Vonage, which has no url_hash.
func (w *Webhook) jwt(j *JWT, r *http.Request, body []byte) bool {
	header := j.Header
	if header == "" {
		header = "Authorization"
	}
	parts := strings.Split(strings.TrimPrefix(r.Header.Get(header), "Bearer "), ".")
	if len(parts) != 3 {
		return false
	}
	mac := hook.HMAC256(j.Secret, []byte(parts[0]+"."+parts[1]))
	var head struct {
		Alg string `json:"alg"`
	}
	var claims struct {
		Hash   string  `json:"payload_hash"`
		URL    string  `json:"url_hash"`
		Before float64 `json:"nbf"`
		After  float64 `json:"exp"`
		Issued float64 `json:"iat"`
	}
	if !hmac.Equal(decode("base64", parts[2]), mac) || json.Unmarshal(decode("base64", parts[0]), &head) != nil || head.Alg != "HS256" ||
		json.Unmarshal(decode("base64", parts[1]), &claims) != nil {
		return false
	}
	const slack = 60
	now := float64(w.now().Unix())
	fresh := claims.After == 0 && claims.Issued > now-300 || claims.After > now-slack // one that says nothing of its time is not
	if !fresh || claims.Before > now+slack || claims.Issued > now+slack {
		return false
	}
	if len(body) == 0 { // all that there is to sign is the address
		return isHash(claims.URL, w.address(r)) && (claims.Hash == "" || isHash(claims.Hash, ""))
	}
	return isHash(claims.Hash, string(body)) && (claims.URL == "" || isHash(claims.URL, w.address(r)))
}

func isHash(shown, content string) bool {
	sum := sha256.Sum256([]byte(content))
	return hmac.Equal(decode("hex", shown), sum[:])
}

// address is the one that the other system called.
func (w *Webhook) address(r *http.Request) string {
	at := w.env.HookURL("/" + strings.TrimPrefix(r.URL.EscapedPath(), "/"))
	if r.URL.RawQuery != "" {
		at += "?" + r.URL.RawQuery
	}
	return at
}

// request is what expressions see of one.
func (w *Webhook) request(r *http.Request, p payload, raw []byte) request {
	query := r.URL.Query()
	return request{Body: p.body, Item: p.body, Raw: string(raw), Header: r.Header.Get, Query: url.Values(query).Get}
}
