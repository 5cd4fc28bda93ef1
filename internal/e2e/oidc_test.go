package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
)

// People sign in by OpenID Connect: by their groups, by a one-time link, and by nothing else.
func TestSignInByOpenIDConnect(t *testing.T) {
	t.Parallel()
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Shutdown() })
	d := newDaemon(t, fmt.Sprintf(standard, embedded)+fmt.Sprintf(`
people: [{name: anna, teams: [support]}]
oidc:
  issuer: %s
  client_id: %s
  client_secret: %s
  name: Example Login
  groups:
    - {group: network-agents, teams: [network]}
    - {group: leads, teams: [support], roles: [manager]}
`, provider.Issuer(), provider.Config().ClientID, provider.Config().ClientSecret)).start()
	browser := func() *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		return &http.Client{Jar: jar}
	}
	get := func(c *http.Client, at string) (int, string) {
		t.Helper()
		res, err := c.Get(at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(text)
	}
	// signIn is as somebody whom the provider knows so.
	signIn := func(c *http.Client, query, subject, name string, groups ...string) (int, string) {
		t.Helper()
		provider.QueueUser(&mockoidc.MockUser{Subject: subject, PreferredUsername: name, Groups: groups})
		return get(c, d.desk+"/sign-in/oidc"+query)
	}
	mia := browser()
	if _, text := get(mia, d.desk+"/sign-in"); !strings.Contains(text, "Sign in with Example Login") {
		t.Errorf("the sign-in page:\n%s", text)
	}
	if status, text := signIn(mia, "?to=/desk?team=network", "s-1", "mia", "others", "network-agents"); status != 200 || !strings.Contains(text, "mia") {
		t.Fatalf("mia, by her group: %d\n%s", status, text)
	}
	if got := [2]int{d.status(mia, "/desk"), d.status(mia, "/operations")}; got != [2]int{200, 403} {
		t.Errorf("mia sees %v, want the desk and not operations", got)
	}
	// Anew with other groups she may other things; the name she is given there changes nothing.
	if status, _ := signIn(browser(), "", "s-1", "renamed", "leads"); status != 200 {
		t.Errorf("mia, who leads now: %d", status)
	}
	if out, _ := d.loket("", "people", "list"); !strings.Contains(out, "mia") || !strings.Contains(out, "manager") || strings.Contains(out, "renamed") {
		t.Errorf("people:\n%s", out)
	}
	d.await("mia's rights to be seen", func() bool { return d.status(mia, "/operations") == 200 })
	// In no group any more, she is let in no more and signed out.
	if status, _ := signIn(browser(), "", "s-1", "mia", "others"); status != 403 {
		t.Errorf("mia, of no group: %d, want 403", status)
	}
	mia.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status := d.status(mia, "/desk"); status != 303 {
		t.Errorf("mia's open session: %d, want it ended", status)
	}
	for name, c := range map[string]struct {
		subject, name string
		groups        []string
	}{
		"of no group": {"s-2", "eve", nil}, "a name of the configuration": {"s-3", "anna", []string{"leads"}},
		"a name that somebody added has": {"s-4", "mia", []string{"leads"}}, "a name that is none": {"s-5", "e v e", []string{"leads"}},
	} {
		if status, _ := signIn(browser(), "", c.subject, c.name, c.groups...); status != 403 {
			t.Errorf("%s: %d, want 403", name, status)
		}
	}

	// Anna of the configuration binds herself by a one-time link, once.
	link, code := d.loket("", "people", "link", "anna")
	if code != 0 {
		t.Fatal(link)
	}
	token := link[strings.LastIndex(strings.TrimSpace(link), "/")+1:]
	begin := "?begin=" + url.QueryEscape(strings.TrimSpace(token))
	anna := browser()
	if status, text := signIn(anna, begin, "s-9", "a.devries"); status != 200 || !strings.Contains(text, "anna") {
		t.Errorf("anna by her link: %d\n%s", status, text)
	}
	if status, _ := signIn(browser(), begin, "s-10", "eve"); status != 404 {
		t.Errorf("eve by anna's link: %d, want 404", status)
	}
	if status, _ := signIn(browser(), "", "s-9", "whoever"); status != 200 {
		t.Errorf("anna again: %d", status)
	}
	if out, code := d.loket("", "people", "disable", "anna"); code != 0 {
		t.Fatal(out)
	}
	if status, _ := signIn(browser(), "", "s-9", "anna"); status != 403 {
		t.Errorf("anna, disabled: %d, want 403", status)
	}

	// What another browser began signs nobody in, and each answer is good once.
	stops := browser()
	stops.CheckRedirect = func(req *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(req.URL.Path, "/sign-in/return") {
			return http.ErrUseLastResponse
		}
		return nil
	}
	provider.QueueUser(&mockoidc.MockUser{Subject: "s-1", PreferredUsername: "mia", Groups: []string{"leads"}})
	res, err := stops.Get(d.desk + "/sign-in/oidc")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	back := res.Header.Get("Location")
	if status, _ := get(browser(), back); status != 400 {
		t.Errorf("in another browser: %d, want 400", status)
	}
	stops.CheckRedirect = nil
	if status, _ := get(stops, back); status != 200 {
		t.Errorf("where it was begun: %d", status)
	}
	if status, _ := get(stops, back); status != 400 {
		t.Errorf("once more: %d, want 400", status)
	}
	if log := d.log.String(); strings.Contains(log, provider.Config().ClientSecret) {
		t.Error("the log has the secret")
	}
}
