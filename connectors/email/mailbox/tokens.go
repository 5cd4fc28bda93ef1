package mailbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"loket/internal/secret"
)

const (
	tokenTimeout = 30 * time.Second
	tokenMargin  = time.Minute     // a token is not used when it ends sooner
	tokenLife    = 5 * time.Minute // when the answer does not say
)

// Tokens gives access tokens and keeps each until it ends. Its methods may be called concurrently.
type Tokens struct {
	from   OAuth2
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	refresh *refreshToken
	token   secret.String
	until   time.Time
}

// NewTokens gives tokens of o, which is valid. A refresh token that the provider gives instead of the configured one is kept
// in cursor, so that it outlives a restart; with nil it is kept in memory alone.
func NewTokens(o OAuth2, cursor Cursor) *Tokens {
	client := &http.Client{
		Timeout:       tokenTimeout,
		Transport:     asJSON{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &Tokens{from: o.filled(), client: client, now: time.Now, refresh: newRefreshToken(o.RefreshToken, cursor)}
}

// A TokenError is the refusal of a token endpoint: asking again the same way does not help.
type TokenError struct {
	Status int    // of HTTP
	Code   string // error of RFC 6749 §5.2, such as invalid_grant; may be empty
}

func (e *TokenError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("token refused: status %d %s", e.Status, e.Code))
}

// Token is an access token that has at least a minute to live. A refusal is a *TokenError.
func (t *Tokens) Token(ctx context.Context) (secret.String, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.token.IsZero() && t.now().Add(tokenMargin).Before(t.until) {
		return t.token, nil
	}
	if err := t.fetch(ctx); err != nil {
		return secret.String{}, fmt.Errorf("fetch token: %w", err)
	}
	return t.token, nil
}

// Drop forgets the token when it is still the one that was refused, so that the next is fetched.
func (t *Tokens) Drop(refused secret.String) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == refused {
		t.token = secret.String{}
	}
}

func (t *Tokens) fetch(ctx context.Context) error {
	refresh := t.refresh.load(ctx)
	got, err := t.request(refresh).Token(context.WithValue(ctx, oauth2.HTTPClient, t.client))
	switch {
	case err != nil:
		return refusal(err)
	case strings.ContainsAny(got.AccessToken, "\x00\x01\r\n"):
		return errors.New("the answer has no usable access_token")
	}
	life := tokenLife
	if !got.Expiry.IsZero() {
		life = time.Until(got.Expiry)
	}
	t.token, t.until = secret.New(got.AccessToken), t.now().Add(life)
	if got.RefreshToken != "" {
		t.refresh.keep(ctx, secret.New(got.RefreshToken))
	}
	return nil
}

// request is what is asked for. A refresh token goes the way of the client's own credentials too, because oauth2.Config leaves
// out the scope then, without which Microsoft gives a token for something else.
func (t *Tokens) request(refresh secret.String) *clientcredentials.Config {
	c := &clientcredentials.Config{
		ClientID: t.from.ClientID, ClientSecret: t.from.ClientSecret.Reveal(), TokenURL: t.from.TokenURL,
		Scopes: strings.Fields(t.from.Scope), AuthStyle: oauth2.AuthStyleInParams,
	}
	if !refresh.IsZero() {
		c.EndpointParams = url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh.Reveal()}}
	}
	return c
}

// refusal says what the failure of a request means. The library's own text repeats the answer, which may name the user.
func refusal(err error) error {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		return err
	}
	switch status := answer.Response.StatusCode; {
	case status/100 == 4 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout:
		return &TokenError{Status: status, Code: plainWord(answer.ErrorCode)}
	default:
		return fmt.Errorf("status %d", status)
	}
}

// plainWord lets through what an error code may be, so that nothing else gets into a log.
func plainWord(s string) string {
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		return ""
	}
	return s
}

// asJSON calls every answer JSON, which those of token endpoints are (RFC 6749 §5.1): one that is called text/plain the library
// would read as a form.
type asJSON struct{ next http.RoundTripper }

func (j asJSON) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := j.next.RoundTrip(r)
	if err == nil {
		res.Header.Set("Content-Type", "application/json")
	}
	return res, err
}
