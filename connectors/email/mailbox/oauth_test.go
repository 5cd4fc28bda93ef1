package mailbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap/zapcore"

	"loket/internal/secret"
)

// A provider gives out access tokens, each with another number.
type provider struct {
	*httptest.Server
	mu     sync.Mutex
	forms  []url.Values
	status int
	answer map[string]any // merged into the usual one
	kind   string         // what it is called
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	p := &provider{status: http.StatusOK, answer: map[string]any{}, kind: "application/json"}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		_ = r.ParseForm()
		p.forms = append(p.forms, r.PostForm)
		reply := map[string]any{"access_token": "access-" + strconv.Itoa(len(p.forms)), "expires_in": 3600, "token_type": "Bearer"}
		for k, v := range p.answer {
			reply[k] = v
		}
		w.Header().Set("Content-Type", p.kind)
		w.WriteHeader(p.status)
		_ = json.NewEncoder(w).Encode(reply)
	}))
	t.Cleanup(func() {
		p.Server.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return p
}

func (p *provider) asked() []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.forms
}

func (p *provider) set(status int, answer map[string]any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.status, p.answer = status, answer
}

func (p *provider) config() OAuth2 {
	return OAuth2{TokenURL: p.URL, ClientID: "loket", ClientSecret: secret.New("client-secret"), RefreshToken: secret.New("refresh-1"), Scope: "mail"}
}

// tokenScript takes XOAUTH2 with one access token only.
func tokenScript(t *testing.T, good string, mails ...string) (*script, func(string)) {
	s := newScript(t, mails...)
	var mu sync.Mutex
	on := func(c *peer, tag, command string) bool {
		said, ok := strings.CutPrefix(command, "AUTHENTICATE XOAUTH2 ")
		if !ok {
			return false
		}
		mu.Lock()
		want := "user=jan\x01auth=Bearer " + good + "\x01\x01"
		mu.Unlock()
		if decoded(said) == want {
			c.say("%s OK welcome", tag)
			return true
		}
		c.say("+ eyJzdGF0dXMiOiI0MDAifQ==")
		c.line()
		c.say("%s NO [AUTHENTICATIONFAILED] Invalid credentials of jan@example.org", tag)
		return true
	}
	s.set(func() { s.caps, s.on = "IMAP4rev1 AUTH=XOAUTH2 SASL-IR", on })
	return s, func(token string) {
		mu.Lock()
		defer mu.Unlock()
		good = token
	}
}

func (s *script) overTokens(o OAuth2) Config {
	c := s.over()
	c.URL, c.OAuth2 = secret.New("imap://jan@"+s.addr), &o
	return c
}

func TestTokenOpensTheMailbox(t *testing.T) {
	p := newProvider(t)
	s, accept := tokenScript(t, "access-1", "m1")
	h := newEnv()
	r := h.run(t, s.overTokens(p.config()))
	h.wait(t, "m1")
	// The server ends sessions when it likes; the token is used until it is refused, then another is fetched.
	s.mu.Lock()
	on := s.on
	var ends atomic.Int32
	s.on = func(c *peer, tag, command string) bool {
		if command == "NOOP" && ends.Load() < 2 {
			if ends.Add(1) == 2 {
				accept("access-2")
			}
			_ = c.conn.Close()
			return true
		}
		return on(c, tag, command)
	}
	s.mu.Unlock()
	eventually(t, "a second token is asked for", func() bool { return len(p.asked()) == 2 })
	s.add(2, "m2")
	h.wait(t, "m2")
	r.stop(t)
	form := p.asked()[0]
	for key, want := range map[string]string{
		"grant_type": "refresh_token", "refresh_token": "refresh-1", "client_id": "loket", "client_secret": "client-secret", "scope": "mail",
	} {
		if got := form.Get(key); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if n := h.logs.FilterLevelExact(zapcore.ErrorLevel).Len(); n != 0 {
		t.Errorf("%d errors logged for what is everyday", n)
	}
}

func TestRefusedTokenIsToldOnce(t *testing.T) {
	for _, row := range []struct {
		name string
		bad  func(p *provider)
	}{
		{"by the mail server", func(*provider) {}},
		{"by the token endpoint", func(p *provider) {
			p.set(http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "of jan@example.org"})
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := newProvider(t)
			row.bad(p)
			s, accept := tokenScript(t, "another", "m1")
			h := newEnv()
			waits := make(chan struct{}, 1000)
			r := h.run(t, s.overTokens(p.config()), func(m *Mailbox) {
				m.slow = func() time.Duration { waits <- struct{}{}; return time.Millisecond }
			})
			for range 3 {
				<-waits
			}
			if n := h.logs.FilterLevelExact(zapcore.ErrorLevel).Len(); n != 1 {
				t.Errorf("%d errors logged for 3 refusals, want 1", n)
			}
			p.set(http.StatusOK, map[string]any{"access_token": "mended"})
			accept("mended")
			h.wait(t, "m1")
			r.stop(t)
			for _, e := range h.logs.All() {
				for _, word := range []string{"jan", "refresh-1", "client-secret", "access-"} {
					if strings.Contains(e.Message+strings.ToLower(strings.Join(texts(e.ContextMap()), " ")), word) {
						t.Errorf("%q shows in %s %v", word, e.Message, e.ContextMap())
					}
				}
			}
		})
	}
}

func texts(fields map[string]any) (all []string) {
	for _, v := range fields {
		if s, ok := v.(string); ok {
			all = append(all, s)
		}
	}
	return all
}

func TestTokensAreKeptUntilTheyEnd(t *testing.T) {
	p := newProvider(t)
	now := time.Now()
	tokens := NewTokens(p.config(), nil)
	tokens.now = func() time.Time { return now }
	want := func(text string) secret.String {
		t.Helper()
		got, err := tokens.Token(t.Context())
		if err != nil || got.Reveal() != text {
			t.Fatalf("Token = %q, %v, want %q", got.Reveal(), err, text)
		}
		return got
	}
	want("access-1")
	want("access-1")
	now = now.Add(58 * time.Minute)
	want("access-1")
	p.set(http.StatusOK, map[string]any{"refresh_token": "refresh-2"})
	now = now.Add(time.Minute)
	second := want("access-2")
	tokens.Drop(secret.New("access-1")) // refused long ago
	want("access-2")
	tokens.Drop(second)
	want("access-3")
	if got := p.asked()[2].Get("refresh_token"); got != "refresh-2" {
		t.Errorf("refresh token = %q, want the new one", got)
	}
}

func TestApplicationSignsInAsItself(t *testing.T) {
	p := newProvider(t)
	o := OAuth2{Provider: microsoft365, Tenant: "example.org", TokenURL: p.URL, ClientID: "loket", ClientSecret: secret.New("s")}
	if _, err := NewTokens(o, nil).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	form := p.asked()[0]
	if form.Get("grant_type") != "client_credentials" || form.Get("scope") != microsoftApp || form.Has("refresh_token") {
		t.Errorf("form = %v", form)
	}
}

func TestTokenAnswerIsJSONWhateverItIsCalled(t *testing.T) {
	p := newProvider(t)
	p.kind = "text/plain; charset=utf-8"
	if got, err := NewTokens(p.config(), nil).Token(t.Context()); err != nil || got.Reveal() != "access-1" {
		t.Errorf("Token = %q, %v", got.Reveal(), err)
	}
}

func TestTokenAnswersThatAreNone(t *testing.T) {
	for _, row := range []struct {
		name    string
		status  int
		answer  map[string]any
		refusal bool
	}{
		{"refused", 401, map[string]any{"error": "invalid_client"}, true},
		{"too many", 429, nil, false},
		{"trouble there", 503, nil, false},
		{"redirected", 302, nil, false},
		{"empty token", 200, map[string]any{"access_token": ""}, false},
		{"token that breaks the line", 200, map[string]any{"access_token": "x\r\ny"}, false},
	} {
		p := newProvider(t)
		p.set(row.status, row.answer)
		_, err := NewTokens(p.config(), nil).Token(t.Context())
		if err == nil {
			t.Errorf("%s: Token gives no error", row.name)
			continue
		}
		if got := strings.Contains(err.Error(), "token refused"); got != row.refusal {
			t.Errorf("%s: Token = %v, refusal %v, want %v", row.name, err, got, row.refusal)
		}
	}
}

// A provider that takes each refresh token once let nobody in after a restart.
func TestRotatedRefreshTokenOutlivesARestart(t *testing.T) {
	p := newProvider(t)
	kept := newEnv()
	token := func(o OAuth2, cursor Cursor) {
		t.Helper()
		if _, err := NewTokens(o, cursor).Token(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p.set(http.StatusOK, map[string]any{"refresh_token": "refresh-2"})
	token(p.config(), kept)
	p.set(http.StatusOK, nil)
	token(p.config(), kept)
	anew := p.config()
	anew.RefreshToken = secret.New("refresh-of-today")
	token(anew, kept)
	token(p.config(), nil)
	var got []string
	for _, form := range p.asked() {
		got = append(got, form.Get("refresh_token"))
	}
	if diff := cmp.Diff([]string{"refresh-1", "refresh-2", "refresh-of-today", "refresh-1"}, got); diff != "" {
		t.Errorf("refresh tokens that were used (-want +got):\n%s", diff)
	}
	if saved := kept.cursors[refreshKey]; strings.Contains(saved, "refresh-2") || saved == "" {
		t.Errorf("the store has %q", saved)
	}
}

func TestRotatedRefreshTokenIsUsedWhileTheStoreIsAway(t *testing.T) {
	p := newProvider(t)
	kept := newEnv()
	tokens := NewTokens(p.config(), kept)
	want := func(refresh string) {
		t.Helper()
		token, err := tokens.Token(t.Context())
		asked := p.asked()
		if got := asked[len(asked)-1].Get("refresh_token"); err != nil || got != refresh {
			t.Errorf("Token = %v by refresh token %q, want %q", err, got, refresh)
		}
		tokens.Drop(token)
	}
	p.set(http.StatusOK, map[string]any{"refresh_token": "refresh-2"})
	want("refresh-1")
	kept.saveErr = errors.New("the store is away")
	p.set(http.StatusOK, map[string]any{"refresh_token": "refresh-3"})
	want("refresh-2")
	p.set(http.StatusOK, nil)
	want("refresh-3")
	kept.saveErr = nil
	want("refresh-3")
	tokens = NewTokens(p.config(), kept)
	want("refresh-3")
}
