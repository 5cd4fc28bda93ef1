package webhook_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors/connectortest"
)

func sum(secret, content string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(content))
	return mac.Sum(nil)
}

// jwt is a token by HS256, or by what it says.
func jwt(secret, alg string, claims map[string]any) string {
	c, _ := json.Marshal(claims)
	b := base64.RawURLEncoding.EncodeToString
	signed := b([]byte(`{"typ":"JWT","alg":"`+alg+`"}`)) + "." + b(c)
	return signed + "." + b(sum(secret, signed))
}

func TestOnlyWhoProvesItIsHeard(t *testing.T) {
	const body = `{"id":1}`
	now := time.Now()
	hash := sha256.Sum256([]byte(body))
	digest := hex.EncodeToString(hash[:])
	signed := sum("k", body)
	old := sha1Sum("k", body)
	slack := `{header: X-Sig, prefix: "v0=", secret: k, content: '"v0:" + header("X-Time") + ":" + raw', timestamp: 'header("X-Time")'}`
	at := func(t time.Time) string { return fmt.Sprint(t.Unix()) }
	stamped := func(t time.Time) map[string]string {
		return map[string]string{"X-Time": at(t), "X-Sig": "v0=" + hex.EncodeToString(sum("k", "v0:"+at(t)+":"+body))}
	}
	for _, test := range []struct {
		name, verify string
		headers      map[string]string
		query        string
		want         bool
	}{
		{"hex", `{hmac: {header: X-Sig, secret: k}}`, map[string]string{"X-Sig": hex.EncodeToString(signed)}, "", true},
		{"another body", `{hmac: {header: X-Sig, secret: k}}`, map[string]string{"X-Sig": hex.EncodeToString(sum("k", "x"))}, "", false},
		{"another key", `{hmac: {header: X-Sig, secret: k}}`, map[string]string{"X-Sig": hex.EncodeToString(sum("j", body))}, "", false},
		{"no signature", `{hmac: {header: X-Sig, secret: k}}`, nil, "", false},
		{"an empty one", `{hmac: {header: X-Sig, secret: k, prefix: "sha256="}}`, map[string]string{"X-Sig": "sha256="}, "", false},
		{"without its prefix", `{hmac: {header: X-Sig, secret: k, prefix: "sha256="}}`, map[string]string{"X-Sig": hex.EncodeToString(signed)}, "", false},
		{"base64 with a key in base64", `{hmac: {header: X-Sig, secret: aw==, key_encoding: base64, encoding: base64}}`, map[string]string{"X-Sig": base64.StdEncoding.EncodeToString(signed)}, "", true},
		{"one of several", `{hmac: {header: X-Sig, secret: k, prefix: "v1=", encoding: hex}}`, map[string]string{"X-Sig": "t=5,v1=00,v1=" + hex.EncodeToString(signed)}, "", true},
		{"sha1", `{hmac: {header: X-Sig, secret: k, algorithm: sha1}}`, map[string]string{"X-Sig": hex.EncodeToString(old)}, "", true},
		{"with its time", `{hmac: ` + slack + `}`, stamped(now), "", true},
		{"replayed later", `{hmac: ` + slack + `}`, stamped(now.Add(-6 * time.Minute)), "", false},
		{"of a time to come", `{hmac: ` + slack + `}`, stamped(now.Add(6 * time.Minute)), "", false},
		{"jwt", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"iat": now.Unix(), "payload_hash": digest})}, "", true},
		{"jwt in a header", `{jwt: {secret: k, header: X-JWT}}`, map[string]string{"X-JWT": jwt("k", "HS256", map[string]any{"exp": now.Unix() + 60, "payload_hash": digest})}, "", true},
		{"jwt of another body", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"iat": now.Unix(), "payload_hash": "00"})}, "", false},
		{"jwt of no body", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"iat": now.Unix()})}, "", false},
		{"jwt that is over", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"exp": now.Unix() - 90, "payload_hash": digest})}, "", false},
		{"jwt of no time", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", map[string]any{"payload_hash": digest})}, "", false},
		{"jwt of another algorithm", `{jwt: {secret: k}}`, map[string]string{"Authorization": "Bearer " + jwt("k", "none", map[string]any{"iat": now.Unix(), "payload_hash": digest})}, "", false},
		{"token", `{token: {header: X-Token, secret: k-of-16-letters-}}`, map[string]string{"X-Token": "k-of-16-letters-"}, "", true},
		{"token in the query", `{token: {query: t, secret: k-of-16-letters-}}`, nil, "?t=k-of-16-letters-", true},
		{"wrong token", `{token: {query: t, secret: k-of-16-letters-}}`, nil, "?t=j-of-16-letters-", false},
		{"basic", `{basic: {user: u, password: k-of-16-letters-}}`, map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("u:k-of-16-letters-"))}, "", true},
		{"wrong password", `{basic: {user: u, password: k-of-16-letters-}}`, map[string]string{"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("u:j-of-16-letters-"))}, "", false},
		{"certificate and token", `{certificate: {header: X-Cert, sha256: "` + strings.Repeat("AB:", 31) + `AB"}, token: {header: X-Token, secret: k-of-16-letters-}}`,
			map[string]string{"X-Token": "k-of-16-letters-", "X-Cert": strings.Repeat("ab", 32)}, "", true},
		{"a token alone is not both", `{certificate: {header: X-Cert, sha256: ` + strings.Repeat("ab", 32) + `}, token: {header: X-Token, secret: k-of-16-letters-}}`, map[string]string{"X-Token": "k-of-16-letters-"}, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, `{channel: chat, verify: `+test.verify+`, message: {id: body.id}}`)
			r := httptest.NewRequest(http.MethodPost, "/"+test.query, strings.NewReader(body))
			for k, v := range test.headers {
				r.Header.Set(k, v)
			}
			got := connectortest.Do(t, b.Connector, r).Code
			if want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[test.want]; got != want || len(b.Accepted()) == 1 != test.want {
				t.Errorf("status %d, want %d; accepted %v", got, want, b.Accepted())
			}
		})
	}
}

// With GET the query is what is read, so it is what must be signed.
func TestWhatIsSignedIsWhatIsRead(t *testing.T) {
	hash := func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) }
	const at = connectortest.PublicURL + "/in/pager/"
	claims := func(more map[string]any) map[string]string {
		more["iat"] = time.Now().Unix()
		return map[string]string{"Authorization": "Bearer " + jwt("k", "HS256", more)}
	}
	sig := func(content string) map[string]string {
		return map[string]string{"X-Sig": hex.EncodeToString(sum("k", content))}
	}
	const byHMAC, byJWT = `{hmac: {header: X-Sig, secret: k}}`, `{jwt: {secret: k}}`
	for _, test := range []struct {
		name, verify, method, query, body string
		headers                           map[string]string
		want                              bool
	}{
		{"the query", byHMAC, "GET", "id=1", "", sig("id=1"), true},
		{"another query", byHMAC, "GET", "id=2", "", sig("id=1"), false},
		{"nothing, with a query", byHMAC, "GET", "id=1", "", sig(""), false},
		{"a body beside the query", byHMAC, "GET", "id=2", "id=1", sig("id=1"), false},
		{"the address", byJWT, "GET", "id=1", "", claims(map[string]any{"url_hash": hash(at + "?id=1")}), true},
		{"another address", byJWT, "GET", "id=2", "", claims(map[string]any{"url_hash": hash(at + "?id=1")}), false},
		{"no address, with a query", byJWT, "GET", "id=1", "", claims(map[string]any{}), false},
		{"no body, with a query", byJWT, "GET", "id=1", "", claims(map[string]any{"payload_hash": hash("")}), false},
		{"the body and the address", byJWT, "POST", "a=1", `{"id":1}`, claims(map[string]any{"payload_hash": hash(`{"id":1}`), "url_hash": hash(at + "?a=1")}), true},
		{"the body and another address", byJWT, "POST", "a=2", `{"id":1}`, claims(map[string]any{"payload_hash": hash(`{"id":1}`), "url_hash": hash(at + "?a=1")}), false},
		{"the address and another body", byJWT, "POST", "a=1", `{"id":2}`, claims(map[string]any{"payload_hash": hash(`{"id":1}`), "url_hash": hash(at + "?a=1")}), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t, `{channel: chat, methods: [POST, GET], verify: `+test.verify+`, message: {id: body.id}}`)
			r := httptest.NewRequest(test.method, "/?"+test.query, strings.NewReader(test.body))
			for k, v := range test.headers {
				r.Header.Set(k, v)
			}
			if got, want := connectortest.Do(t, b.Connector, r).Code, map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[test.want]; got != want {
				t.Errorf("status %d, want %d", got, want)
			}
		})
	}
}

// Requests by GET that are not understood are each kept, by their queries, and without the token in them.
func TestQueriesThatAreNotUnderstoodAreKept(t *testing.T) {
	const token = "a-token-in-the-query"
	b := newBench(t, `{channel: chat, methods: [GET], verify: {token: {query: t, secret: `+token+`}}, message: {id: body.id, text: body.text}}`)
	for _, query := range []string{"text=a&t=" + token, "%74=" + token + "&text=b", "text=a&t=" + token, "t=" + token + "&id=1&text=%zz"} {
		if got := connectortest.Do(t, b.Connector, httptest.NewRequest(http.MethodGet, "/?"+query, nil)).Code; got != http.StatusOK {
			t.Fatalf("%s: status %d", query, got)
		}
	}
	var got []string
	for _, m := range b.Accepted() {
		got = append(got, m.Problem+" "+string(m.Raw))
	}
	if diff := cmp.Diff([]string{
		"this request cannot be read: id: is missing text=a", "this request cannot be read: id: is missing text=b",
		"this request cannot be read: the form has an escape or a separator that is none id=1&text=%zz",
	}, got); diff != "" {
		t.Errorf("problems and originals (-want +got):\n%s", diff)
	}
}

func sha1Sum(secret, content string) []byte {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(content))
	return mac.Sum(nil)
}

// Who guesses tokens is refused for a while.
func TestGuessingIsSlowedDown(t *testing.T) {
	b := newBench(t, open(`message: {id: body.id}`))
	got := 0
	for range 40 {
		got = connectortest.Do(t, b.Connector, httptest.NewRequest(http.MethodPost, "/?t=wrong", strings.NewReader("{}"))).Code
	}
	if got != http.StatusTooManyRequests {
		t.Errorf("status %d after 40 wrong tokens, want 429", got)
	}
}
