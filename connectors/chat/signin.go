package chat

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/problem"
	"loket/internal/secret"
)

// SignIn is how pages around the chat say who is signed in to them: by a token (JWT) that the organisation's own login signs, or by the MAC of
// the user's id.
type SignIn struct {
	// Issuer names the login, as iss of its tokens does: users' ids are its own.
	Issuer string `yaml:"issuer"`
	// Audience is aud of the tokens that are meant for this chat.
	Audience string `yaml:"audience"`
	// Secret signs tokens by HS256, at least 32 bytes.
	Secret secret.String `yaml:"secret"`
	// PublicKey is a file (PEM) with the key of tokens by RS256 or ES256.
	PublicKey string `yaml:"public_key"`
	// UserSecret makes the MAC of a user's id, HMAC-SHA256 in hex, at least 32 bytes and no other secret.
	UserSecret secret.String `yaml:"user_secret"`
}

const minSecret = 32

func (s *SignIn) check() (bad []error) {
	if _, err := message.NewIdentifier("sub", s.Issuer, "user", message.Proven); err != nil {
		bad = append(bad, field.Errorf("sign_in.issuer", "%v", err))
	}
	for name, given := range map[string]secret.String{"secret": s.Secret, "user_secret": s.UserSecret} {
		if n := len(given.Reveal()); n > 0 && n < minSecret {
			bad = append(bad, field.Errorf("sign_in."+name, "must be at least %d bytes, not %d", minSecret, n))
		}
	}
	if !s.UserSecret.IsZero() && s.UserSecret.Reveal() == s.Secret.Reveal() {
		bad = append(bad, field.Errorf("sign_in.user_secret", "must be another than secret: a user's id could be the text of a token"))
	}
	byToken := !s.Secret.IsZero() || s.PublicKey != ""
	switch {
	case !byToken && s.UserSecret.IsZero():
		bad = append(bad, field.Errorf("sign_in", "must have a secret, a public_key or a user_secret"))
	case byToken && s.Audience == "":
		bad = append(bad, field.Errorf("sign_in.audience", "must be given: a token that was made for another is none for the chat"))
	case !s.Secret.IsZero() && s.PublicKey != "":
		bad = append(bad, field.Errorf("sign_in.public_key", "must be left out where tokens are signed with a secret"))
	}
	if _, _, err := s.key(); err != nil {
		bad = append(bad, field.Errorf("sign_in.public_key", "%v", err))
	}
	return bad
}

// key gives the key of tokens and the one way in which it signs; nil when there are to be none.
func (s *SignIn) key() (any, jose.SignatureAlgorithm, error) {
	if s.PublicKey == "" {
		if s.Secret.IsZero() {
			return nil, "", nil
		}
		return []byte(s.Secret.Reveal()), jose.HS256, nil
	}
	b, err := os.ReadFile(s.PublicKey)
	if err != nil {
		return nil, "", errors.New("can't be read")
	}
	block, _ := pem.Decode(b)
	if block == nil {
		return nil, "", errors.New("must be a file in PEM")
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	switch k := key.(type) {
	case *rsa.PublicKey:
		return k, jose.RS256, nil
	case *ecdsa.PublicKey:
		if k.Curve == elliptic.P256() {
			return k, jose.ES256, nil
		}
	}
	if err != nil {
		return nil, "", errors.New("must be a public key")
	}
	return nil, "", errors.New("must be a key of RSA, or of the curve P-256")
}

// A visitor is who is signed in to the page around the chat, as that page's login says.
type visitor struct {
	from []message.Identifier
	name string
}

// A login believes what the organisation's own login signed.
type login struct {
	issuer, audience string
	key              any // of tokens; nil when there are none
	algorithm        jose.SignatureAlgorithm
	userSecret       string // "" when ids have no MAC
	region           string
	now              func() time.Time
}

func newLogin(s *SignIn, region string, now func() time.Time) (*login, error) {
	if s == nil {
		return &login{now: now}, nil
	}
	key, algorithm, err := s.key()
	if err != nil {
		return nil, fmt.Errorf("read public key: %w", err)
	}
	return &login{issuer: s.Issuer, audience: s.Audience, key: key, algorithm: algorithm, userSecret: s.UserSecret.Reveal(), region: region, now: now}, nil
}

// identify gives who signed in, nil when the post does not say that anybody did. What does not prove it is refused.
func (l *login) identify(p *post) (*visitor, *problem.Problem) {
	switch {
	case p.visitor != "":
		return l.byToken(p.visitor)
	case p.user != "" || p.userHash != "":
		return l.byMAC(p.user, p.userHash)
	}
	return nil, nil
}

func refused(name, format string, args ...any) *problem.Problem {
	return &problem.Problem{Status: http.StatusUnauthorized, Field: name, Detail: fmt.Sprintf(format, args...)}
}

// byMAC proves the id alone: all else that comes with it is said by the visitor.
func (l *login) byMAC(user, hash string) (*visitor, *problem.Problem) {
	if l.userSecret == "" {
		return nil, refused("user", "is not believed here: the chat has no user_secret")
	}
	mac := hmac.New(sha256.New, []byte(l.userSecret))
	mac.Write([]byte(user))
	given, err := hex.DecodeString(hash)
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return nil, refused("user_hash", "is not that of the user")
	}
	id, err := message.NewIdentifier("sub", l.issuer, user, message.Proven)
	if err != nil {
		return nil, refused("user", "%v", err)
	}
	return &visitor{from: []message.Identifier{id}}, nil
}

// what a token says beside the claims that are registered, by the names of OpenID Connect.
type profile struct {
	Name          string `json:"name"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	Phone         string `json:"phone_number"`
	PhoneVerified bool   `json:"phone_number_verified"`
	CustomerNo    string `json:"customer_no"`
}

// leeway is how far the clock of the login may be off.
const leeway = time.Minute

func (l *login) byToken(token string) (*visitor, *problem.Problem) {
	if l.key == nil {
		return nil, refused("visitor", "is not believed here: the chat has no key of tokens")
	}
	t, err := jwt.ParseSigned(token, []jose.SignatureAlgorithm{l.algorithm})
	if err != nil {
		return nil, refused("visitor", "must be a token (JWT) that is signed by %s", l.algorithm)
	}
	var registered jwt.Claims
	var says profile
	if err := t.Claims(l.key, &registered, &says); err != nil {
		return nil, refused("visitor", "is not signed with the key of the login, or its claims are of other types")
	}
	if registered.Expiry == nil {
		return nil, refused("visitor", "must have an expiry (exp)")
	}
	err = registered.ValidateWithLeeway(jwt.Expected{Issuer: l.issuer, AnyAudience: jwt.Audience{l.audience}, Time: l.now()}, leeway)
	for _, why := range []struct {
		err  error
		says string
	}{
		{jwt.ErrExpired, "has expired"},
		{jwt.ErrNotValidYet, "is not valid yet (nbf)"},
		{jwt.ErrIssuedInTheFuture, "was issued in the future (iat)"},
		{jwt.ErrInvalidAudience, "was made for another audience (aud)"},
		{jwt.ErrInvalidIssuer, "is of another issuer (iss)"},
	} {
		if errors.Is(err, why.err) {
			return nil, refused("visitor", "%s", why.says)
		}
	}
	if err != nil {
		return nil, refused("visitor", "is not valid")
	}
	id, err := message.NewIdentifier("sub", l.issuer, registered.Subject, message.Proven)
	if err != nil {
		return nil, refused("visitor", "must name the user (sub): %v", err)
	}
	return &visitor{from: append([]message.Identifier{id}, l.addresses(says)...), name: message.CleanLine(says.Name)}, nil
}

// addresses are those that the login has of its user: proven where it says that it verified them, else claims. What is none is left out: it is no
// fault of the visitor's.
func (l *login) addresses(says profile) (from []message.Identifier) {
	level := func(verified bool) message.Level {
		if verified {
			return message.Proven
		}
		return message.Claimed
	}
	if id, err := message.Email(says.Email, level(says.EmailVerified)); err == nil {
		from = append(from, id)
	}
	if id, err := message.ShownPhone(says.Phone, l.region, level(says.PhoneVerified)); err == nil {
		from = append(from, id)
	}
	if id, err := message.NewIdentifier("cno", "", says.CustomerNo, message.Proven); err == nil {
		from = append(from, id)
	}
	return from
}
