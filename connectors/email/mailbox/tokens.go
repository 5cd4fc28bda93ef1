package mailbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"loket/internal/secret"
)

const (
	tokenTimeout   = 30 * time.Second
	tokenMargin    = time.Minute     // a token is not used when it ends sooner
	tokenLife      = 5 * time.Minute // when the answer does not say
	maxTokenAnswer = 1 << 20
)

// Tokens gives access tokens and keeps each until it ends. Its methods may be called concurrently.
type Tokens struct {
	from   OAuth2
	client *http.Client
	now    func() time.Time

	mu      sync.Mutex
	refresh secret.String // the provider may give another in its answer
	token   secret.String
	until   time.Time
}

// NewTokens gives tokens of o, which is valid. client nil is one with a deadline that follows no redirect.
func NewTokens(o OAuth2, client *http.Client) *Tokens {
	if client == nil {
		client = &http.Client{
			Timeout:       tokenTimeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &Tokens{from: o.filled(), client: client, now: time.Now, refresh: o.RefreshToken}
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
	form := url.Values{"client_id": {t.from.ClientID}, "grant_type": {"client_credentials"}}
	if !t.from.ClientSecret.IsZero() {
		form.Set("client_secret", t.from.ClientSecret.Reveal())
	}
	if !t.refresh.IsZero() {
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", t.refresh.Reveal())
	}
	if t.from.Scope != "" {
		form.Set("scope", t.from.Scope)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.from.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	resp, err := t.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return t.keep(resp)
}

// keep reads the answer of RFC 6749 §5.
func (t *Tokens) keep(resp *http.Response) error {
	var answer struct {
		Token   string  `json:"access_token"`
		Expires float64 `json:"expires_in"`
		Refresh string  `json:"refresh_token"`
		Error   string  `json:"error"`
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxTokenAnswer))
	if err != nil {
		return err
	}
	decodeErr := json.Unmarshal(b, &answer)
	switch {
	case resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout:
		return &TokenError{Status: resp.StatusCode, Code: plainWord(answer.Error)}
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("status %d", resp.StatusCode)
	case decodeErr != nil:
		return errors.New("the answer is not JSON")
	case answer.Token == "" || strings.ContainsAny(answer.Token, "\x00\x01\r\n"):
		return errors.New("the answer has no usable access_token")
	}
	life := tokenLife
	if answer.Expires > 0 {
		life = time.Duration(min(answer.Expires, 1e6)) * time.Second
	}
	t.token, t.until = secret.New(answer.Token), t.now().Add(life)
	if answer.Refresh != "" {
		t.refresh = secret.New(answer.Refresh)
	}
	return nil
}

// plainWord lets through what an error code may be, so that nothing else gets into a log.
func plainWord(s string) string {
	if len(s) > 64 || strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		return ""
	}
	return s
}
