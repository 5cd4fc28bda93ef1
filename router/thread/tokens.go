package thread

import (
	"crypto/hmac"
	"encoding/base64"
	"errors"

	"loket/internal/message"
	"loket/internal/secret"
)

// ErrToken says that a token was not made by us.
var ErrToken = errors.New("not a token of ours")

// Tokens makes and checks the token of a thread: whoever holds it may read the thread's public side and write
// into it. It is computed from the key alone, so it works while the store is away.
type Tokens struct{ key []byte }

// NewTokens makes tokens with key, of at least 16 bytes. Another key makes every token given out invalid.
func NewTokens(key []byte) *Tokens { return &Tokens{key: append([]byte(nil), key...)} }

// macBytes of the 32 are sent: 96 bits can't be guessed over a network.
const macBytes = 12

// Token is the token of a thread: its id and a MAC over it, safe in URLs and mail addresses.
func (t *Tokens) Token(thread string) string {
	return thread + "-" + base64.RawURLEncoding.EncodeToString(t.mac(thread))
}

// Thread gives the thread of a token, or ErrToken.
func (t *Tokens) Thread(token string) (string, error) {
	const idLen = 26
	if len(token) <= idLen || token[idLen] != '-' || !message.ValidID(token[:idLen]) {
		return "", ErrToken
	}
	mac, err := base64.RawURLEncoding.DecodeString(token[idLen+1:])
	if err != nil || !hmac.Equal(mac, t.mac(token[:idLen])) {
		return "", ErrToken
	}
	return token[:idLen], nil
}

func (t *Tokens) mac(thread string) []byte {
	return secret.MAC(t.key, secret.ForThread, thread)[:macBytes]
}
