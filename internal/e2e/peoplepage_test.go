package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// An admin lets somebody in by a link that is shown once, signs them out everywhere, keeps them out, and lets them in again.
func TestPeopleInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	b := newBrowser(t)
	b.open(d.beginLink(), 200)
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.open(d.desk+"/people", 200)
	b.expect("h1", "Mensen")
	b.fill("#name", "mia with spaces")
	b.do(setChecked("input[value=support]"))
	b.follow("main > form button", 422)
	b.expect("#problem", "De naam mag letters, cijfers en . _ - @ hebben, geen spaties, hoogstens 60.")
	if b.value("#name") != "mia with spaces" || b.count("input[value=support][checked]") != 1 {
		t.Error("what was typed and ticked is gone")
	}
	b.fill("#name", "mia")
	b.follow("main > form button", 200)
	link := b.read("#link")
	b.fits()
	b.axe()
	b.picture("people.png")
	if !strings.HasPrefix(link, d.desk+"/begin/") {
		t.Fatalf("the link is %s", link)
	}
	b.open(d.desk+"/people", 200)
	b.expectNone("#link")

	mia := d.visitor("zoe", "--team", "support") // somebody else, for a client that keeps cookies
	if res, err := mia.PostForm(d.desk+"/sign-out", nil); err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	res, err := mia.PostForm(link, url.Values{"password": {"another horse battery"}})
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("mia begins: %v, %v", res, err)
	}
	if got := d.status(mia, "/people"); got != 403 {
		t.Errorf("mia sees to people: %d, want 403", got)
	}
	for _, path := range []string{"/people", "/people/joris/disable", "/people/joris/sign-out", "/people/joris/link"} {
		if res, err := mia.PostForm(d.desk+path, url.Values{"name": {"eve"}}); err != nil || res.StatusCode != 403 {
			t.Errorf("mia's %s: %v, %v", path, res, err)
		}
	}
	signedIn := func() bool {
		mia.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		return d.status(mia, "/desk") == 200
	}
	if !signedIn() {
		t.Error("mia is not signed in")
	}
	b.follow(`form[action="/people/mia/sign-out"] button`, 200)
	b.expect(".done", "Overal afgemeld.")
	if signedIn() {
		t.Error("mia is signed in still")
	}
	again := func() int {
		res, err := mia.PostForm(d.desk+"/sign-in", url.Values{"name": {"mia"}, "password": {"another horse battery"}})
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode
	}
	if got := again(); got != 303 || !signedIn() {
		t.Errorf("mia signs in again: %d", got)
	}
	b.follow(`form[action="/people/mia/disable"] button`, 200)
	if got := again(); got != 401 || signedIn() {
		t.Errorf("mia, kept out, signs in: %d", got)
	}
	b.follow(`form[action="/people/mia/enable"] button`, 200)
	b.expect(".done", "Weer toegelaten.")
	if got := again(); got != 303 {
		t.Errorf("mia, let in again, signs in: %d", got)
	}
	b.expectNone(`form[action="/people/joris/disable"]`) // nobody shuts themselves out
	b.quiet()
}
