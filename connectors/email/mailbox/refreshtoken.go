package mailbox

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"

	"loket/internal/secret"
)

// A refreshToken is the one of an account, instead of which a provider may give another in each of its answers; some take each
// once only. The last one is kept encrypted with the configured one, so that reading the store is not enough to have it, and
// one that is configured anew counts at once.
type refreshToken struct {
	configured secret.String
	last       secret.String
	cursor     Cursor // nil keeps it in memory
	unsaved    bool
}

func newRefreshToken(configured secret.String, cursor Cursor) *refreshToken {
	return &refreshToken{configured: configured, last: configured, cursor: cursor}
}

const refreshKey = "oauth2/refresh"

// load gives the last one. While the store is away that is the last that this process knows.
func (r *refreshToken) load(ctx context.Context) secret.String {
	if r.cursor == nil || r.configured.IsZero() {
		return r.last
	}
	if r.unsaved {
		r.save(ctx)
		return r.last
	}
	if saved, err := r.cursor.Load(ctx, refreshKey); err == nil {
		if token, ok := r.open(saved); ok {
			r.last = token
		}
	}
	return r.last
}

func (r *refreshToken) keep(ctx context.Context, token secret.String) {
	if token == r.last {
		return
	}
	r.last = token
	r.save(ctx)
}

// save is tried again with the next token when the store is away.
func (r *refreshToken) save(ctx context.Context) {
	if r.cursor == nil {
		return
	}
	sealed := r.box().Seal(nil, nil, []byte(r.last.Reveal()), nil)
	r.unsaved = r.cursor.Save(ctx, refreshKey, base64.RawStdEncoding.EncodeToString(sealed)) != nil
}

// open reads what save wrote; ok is false when there is nothing, or it was written beside another configured token.
func (r *refreshToken) open(saved string) (token secret.String, ok bool) {
	sealed, err := base64.RawStdEncoding.DecodeString(saved)
	if err != nil {
		return secret.String{}, false
	}
	text, err := r.box().Open(nil, nil, sealed, nil)
	return secret.New(string(text)), err == nil
}

func (r *refreshToken) box() cipher.AEAD {
	key := sha256.Sum256([]byte("loket refresh token\x00" + r.configured.Reveal()))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // the key is of a length that AES has
	}
	box, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has blocks of the length that GCM wants
	}
	return box
}
