package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/http"

	"loket/internal/secret"
)

// HasToken tells whether a request has the token that we gave the vendor in a header of that name, for vendors that sign
// nothing. It is for Admit: the body says nothing about it.
func HasToken(header string, token secret.String) func(*http.Request) bool {
	return func(r *http.Request) bool {
		return !token.IsZero() && hmac.Equal([]byte(r.Header.Get(header)), []byte(token.Reveal()))
	}
}

// Always verifies what Admit let through.
func Always(*http.Request, []byte) bool { return true }

// HMAC256 is the HMAC-SHA256 of a body with a secret, by which many vendors sign.
func HMAC256(key secret.String, body []byte) []byte {
	mac := hmac.New(sha256.New, []byte(key.Reveal()))
	_, _ = mac.Write(body) // never fails
	return mac.Sum(nil)
}
