package chat

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/connectortest"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/secret"
)

const (
	anIssuer   = "https://login.example.org"
	aSecret    = "0123456789abcdef0123456789abcdef"
	userSecret = "fedcba9876543210fedcba9876543210"
)

func signed(t testing.TB, algorithm jose.SignatureAlgorithm, key any, claims map[string]any) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// claimed are the claims of a good token, with others in their place; nil leaves one out.
func claimed(others map[string]any) map[string]any {
	all := map[string]any{
		"iss": anIssuer, "aud": "chat", "sub": "u-17", "exp": time.Now().Add(time.Hour).Unix(), "name": "Kate de Vries",
		"email": "kate@example.org", "email_verified": true, "phone_number": "+31612345678", "customer_no": "K-1042",
	}
	for name, value := range others {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

func withSignIn(c *Config) {
	c.SignIn = &SignIn{Issuer: anIssuer, Audience: "chat", Secret: secret.New(aSecret), UserSecret: secret.New(userSecret)}
}

// first sends a first message with what says who signed in.
func (c *aChat) first(who map[string]string) (status int, body string) {
	k, proof := key(c.t, c)
	who["text"], who["key"], who["proof"] = "Hello", k, proof
	w := c.say(who)
	return w.Code, w.Body.String()
}

func levels(ids []message.Identifier) (out []string) {
	for _, id := range ids {
		out = append(out, id.String()+" "+id.Level.String())
	}
	return out
}

func TestWhoSignedInIsProven(t *testing.T) {
	mac := hmac.New(sha256.New, []byte(userSecret))
	mac.Write([]byte("u-17"))
	for name, test := range map[string]struct {
		who  map[string]string
		want []string
		name string
	}{
		"by a token": {
			map[string]string{"visitor": signed(t, jose.HS256, []byte(aSecret), claimed(nil))},
			[]string{"sub:login.example.org:u-17 proven", "email:kate@example.org proven", "phone:+31612345678 claimed", "cno:K-1042 proven"}, "Kate de Vries",
		},
		"by a MAC, whatever else they say": {
			map[string]string{"user": "u-17", "user_hash": hex.EncodeToString(mac.Sum(nil)), "name": "Queen", "email": "queen@example.org"},
			[]string{"sub:login.example.org:u-17 proven", "email:queen@example.org claimed"}, "Queen",
		},
		"nobody": {map[string]string{"name": "Kate"}, nil, "Kate"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChat(t, withSignIn)
			if code, body := c.first(test.who); code != http.StatusAccepted {
				t.Fatalf("%d: %s", code, body)
			}
			m := c.Only()
			if diff := cmp.Diff(test.want, levels(m.From)); diff != "" || m.Name != test.name || m.Channel != "chat" {
				t.Errorf("%q of %q on %q (-want +got):\n%s", m.From, m.Name, m.Channel, diff)
			}
		})
	}
}

func TestKeysOfRSAAndP256SignTokens(t *testing.T) {
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for algorithm, pair := range map[jose.SignatureAlgorithm][2]any{jose.RS256: {r, r.Public()}, jose.ES256: {e, e.Public()}} {
		der, err := x509.MarshalPKIXPublicKey(pair[1])
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "key.pem")
		public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		if err := os.WriteFile(file, public, 0o600); err != nil {
			t.Fatal(err)
		}
		c := newChat(t, func(c *Config) {
			c.SignIn = &SignIn{Issuer: anIssuer, Audience: "chat", PublicKey: "key.pem"}
			c.ResolvePaths(filepath.Dir(file))
		})
		if code, body := c.first(map[string]string{"visitor": signed(t, algorithm, pair[0], claimed(nil))}); code != http.StatusAccepted {
			t.Errorf("%s: %d %s", algorithm, code, body)
		}
		// The public key is no secret: a token that is signed with its text proves nothing.
		if code, body := c.first(map[string]string{"visitor": signed(t, jose.HS256, public, claimed(nil))}); code != http.StatusUnauthorized {
			t.Errorf("%s, signed with the public key: %d %s", algorithm, code, body)
		}
	}
}

func TestWhatProvesNobodyIsRefused(t *testing.T) {
	hs := func(others map[string]any) string { return signed(t, jose.HS256, []byte(aSecret), claimed(others)) }
	part := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	none := part(`{"alg":"none"}`) + "." + part(`{"iss":"`+anIssuer+`","aud":"chat","sub":"u-17","exp":9999999999}`) + "."
	for name, test := range map[string]struct {
		who  map[string]string
		says string
	}{
		"expired":           {map[string]string{"visitor": hs(map[string]any{"exp": time.Now().Add(-2 * time.Minute).Unix()})}, "visitor has expired"},
		"no expiry":         {map[string]string{"visitor": hs(map[string]any{"exp": nil})}, "visitor must have an expiry (exp)"},
		"not yet":           {map[string]string{"visitor": hs(map[string]any{"nbf": time.Now().Add(time.Hour).Unix()})}, "visitor is not valid yet"},
		"another audience":  {map[string]string{"visitor": hs(map[string]any{"aud": "shop"})}, "visitor was made for another audience"},
		"no audience":       {map[string]string{"visitor": hs(map[string]any{"aud": nil})}, "visitor was made for another audience"},
		"another issuer":    {map[string]string{"visitor": hs(map[string]any{"iss": "https://other.example"})}, "visitor is of another issuer"},
		"no user":           {map[string]string{"visitor": hs(map[string]any{"sub": nil})}, "visitor must name the user (sub)"},
		"a name of numbers": {map[string]string{"visitor": hs(map[string]any{"name": 3})}, "visitor is not signed with the key"},
		"another key":       {map[string]string{"visitor": signed(t, jose.HS256, []byte(userSecret), claimed(nil))}, "visitor is not signed with the key"},
		"another way":       {map[string]string{"visitor": signed(t, jose.HS512, []byte(aSecret+aSecret), claimed(nil))}, "visitor must be a token (JWT) that is signed by HS256"},
		"alg none":          {map[string]string{"visitor": none}, "visitor must be a token (JWT) that is signed by HS256"},
		"no token":          {map[string]string{"visitor": "x"}, "visitor must be a token"},
		"no MAC":            {map[string]string{"user": "u-17"}, "user_hash is not that of the user"},
		"another's MAC":     {map[string]string{"user": "u-17", "user_hash": strings.Repeat("0", 64)}, "user_hash is not that of the user"},
		"a MAC alone":       {map[string]string{"user_hash": "zz"}, "user_hash is not that of the user"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChat(t, withSignIn)
			if code, body := c.first(test.who); code != http.StatusUnauthorized || !strings.Contains(body, test.says) {
				t.Errorf("%d %s, want 401 with %q", code, body, test.says)
			}
			if got := c.Accepted(); len(got) > 0 {
				t.Errorf("accepted %v", got)
			}
		})
	}
	c := newChat(t)
	if code, body := c.first(map[string]string{"visitor": hs(nil)}); code != 401 || !strings.Contains(body, "is not believed here") {
		t.Errorf("where nobody signs in: %d %s", code, body)
	}
}

func TestMistakesOfSignIn(t *testing.T) {
	for name, test := range map[string]struct {
		given SignIn
		want  []string
	}{
		"nothing":    {SignIn{Issuer: anIssuer}, []string{"sign_in: must have a secret, a public_key or a user_secret"}},
		"short":      {SignIn{Issuer: anIssuer, Audience: "chat", Secret: secret.New("x")}, []string{"sign_in.secret: must be at least 32 bytes, not 1"}},
		"one secret": {SignIn{Issuer: anIssuer, Audience: "chat", Secret: secret.New(aSecret), UserSecret: secret.New(aSecret)}, []string{"sign_in.user_secret: must be another than secret: a user's id could be the text of a token"}},
		"no audience": {SignIn{Issuer: anIssuer, Secret: secret.New(aSecret)}, []string{
			"sign_in.audience: must be given: a token that was made for another is none for the chat",
		}},
		"no file":  {SignIn{Issuer: anIssuer, Audience: "chat", PublicKey: "/nowhere"}, []string{"sign_in.public_key: can't be read"}},
		"all well": {SignIn{Issuer: anIssuer, UserSecret: secret.New(aSecret)}, nil},
	} {
		cfg := Type().NewConfig().(*Config)
		cfg.SignIn = &test.given
		var got []string
		for _, e := range field.All(cfg.Validate()) {
			got = append(got, e.Error())
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Who signed in goes on with the same conversation on another device, unless it was erased; nobody else learns which it is.
func TestWhoSignedInHasOneConversation(t *testing.T) {
	c := newChat(t, func(c *Config) {
		c.SignIn = &SignIn{Issuer: anIssuer, Audience: "chat", Secret: secret.New(aSecret), UserSecret: secret.New(userSecret)}
	})
	token := signed(t, jose.HS256, []byte(aSecret), claimed(nil))
	k, sealed := key(t, c)
	if w := c.say(map[string]string{"text": "No signal", "key": k, "proof": sealed, "visitor": token}); w.Code != http.StatusAccepted {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	begun := c.env.ThreadURL(c.Only().ID)
	ask := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, "/mine", strings.NewReader(body))
		return connectortest.Do(t, c.Chat, r)
	}
	mine := func(token string) (got mineBody) {
		t.Helper()
		w := ask(`{"visitor":"` + token + `"}`)
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s: %v", w.Code, w.Body, err)
		}
		return got
	}
	if diff := cmp.Diff(mineBody{Thread: begun, Name: "Kate de Vries"}, mine(token)); diff != "" {
		t.Errorf("theirs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(mineBody{Name: "Joe"}, mine(signed(t, jose.HS256, []byte(aSecret), claimed(map[string]any{"sub": "u-18", "name": "Joe"})))); diff != "" {
		t.Errorf("another's (-want +got):\n%s", diff)
	}
	for body, want := range map[string]int{`{}`: 401, `{"visitor":"x"}`: 401, `{"user":"u-17","user_hash":"00"}`: 401, `[`: 400} {
		if w := ask(body); w.Code != want {
			t.Errorf("%s is answered %d, want %d", body, w.Code, want)
		}
	}
	c.env.Ended = func(context.Context, string) (bool, error) { return true, nil }
	if got := mine(token); got.Thread != "" {
		t.Errorf("erased: %+v", got)
	}
}

// A transcript goes by mail to an address that the login proved, and to no other; not again and again.
func TestTranscriptGoesToAProvenAddressAlone(t *testing.T) {
	c := newReminding(t)
	c.login = &login{issuer: anIssuer, audience: "chat", key: []byte(aSecret), algorithm: jose.HS256, region: "NL", now: time.Now}
	thread := message.NewID([]byte("thread"))
	ask := func(claims map[string]any) int {
		body := `{"thread":"` + thread + `-token","visitor":"` + signed(t, jose.HS256, []byte(aSecret), claimed(claims)) + `"}`
		return connectortest.Do(t, c.Chat, httptest.NewRequest(http.MethodPost, "/transcript?lang=nl", strings.NewReader(body))).Code
	}
	if code := ask(map[string]any{"email_verified": false}); code != http.StatusUnprocessableEntity || len(c.told) > 0 {
		t.Errorf("to an address that is not proven: %d, %v", code, c.told)
	}
	for fail, want := range map[error]int{errors.New("away"): http.StatusServiceUnavailable, connectors.Permanent(errors.New("unwanted")): http.StatusUnprocessableEntity} {
		c.fail = fail
		if code := ask(nil); code != want {
			t.Errorf("while telling fails with %v it is %d, want %d", fail, code, want)
		}
		c.Pass(time.Minute)
	}
	c.fail = nil
	if code := ask(nil); code != http.StatusNoContent || len(c.told) != 1 {
		t.Fatalf("to a proven one: %d, %v", code, c.told)
	}
	m := c.told[0]
	if m.To[0].Value != "kate@example.org" || m.Thread != thread || m.Text != "transcript of "+thread+" in nl" {
		t.Errorf("sent %+v", m)
	}
	if code := ask(nil); code != http.StatusTooManyRequests || len(c.told) != 1 {
		t.Errorf("at once again: %d", code)
	}
}
