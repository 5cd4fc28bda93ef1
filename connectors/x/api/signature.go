package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"loket/connectors/hook"
	"loket/internal/secret"
)

// SignatureHeader carries Signature of the body of a webhook's request.
const SignatureHeader = "X-Twitter-Webhooks-Signature"

// Signature is how X signs what it sends, and how we answer its challenge: HMAC-SHA256 with the consumer secret.
func Signature(consumerSecret secret.String, b []byte) string {
	return signaturePrefix + base64.StdEncoding.EncodeToString(hook.HMAC256(consumerSecret, b))
}

// maxToken is how long a challenge may be; those of X are about 40 characters long.
const maxToken = 128

// IsToken tells whether s can be a challenge of X: a short word of the characters that base64 has. X's challenges and the
// bodies of its webhooks are signed with one secret and nothing that tells them apart, so what can be one must never be
// taken for the other: else whoever asks the challenge could have bodies of their own signed by us.
func IsToken(s string) bool {
	return s != "" && len(s) <= maxToken && strings.Trim(s, tokenCharacters) == ""
}

const tokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/."

// IsSignature tells whether s has the form of one.
func IsSignature(s string) bool {
	sum, ok := strings.CutPrefix(s, signaturePrefix)
	given, err := base64.StdEncoding.DecodeString(sum)
	return ok && err == nil && len(given) == sha256.Size
}

const signaturePrefix = "sha256="

// Signed tells whether signature is that of b, the body of a webhook. That of a challenge (IsToken) is worth nothing for
// a body.
func Signed(consumerSecret secret.String, b []byte, signature string) bool {
	return !IsToken(string(b)) && hmac.Equal([]byte(signature), []byte(Signature(consumerSecret, b)))
}
