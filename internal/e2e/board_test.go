package e2e_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// A board is signed in by its link, shows how the teams stand and nothing else, follows what happens, says when it is old, and is shut.
func TestBoardOnTheWallInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	if out, code := d.loket("", "people", "add", "hall", "--board", "--role", "agent"); code == 0 {
		t.Errorf("a board with a role is added: %s", out)
	}
	link, code := d.loket("", "people", "add", "hall", "--board")
	if code != 0 {
		t.Fatal(link)
	}
	b := newScriptedBrowser(t)
	b.resize(1920, 1080)
	b.open(d.desk+"/board", 200)
	b.expect("h1", "Aanmelden")
	b.open(strings.TrimSpace(link), 200)
	b.fits()
	b.axe()
	b.follow("main form button", 200)
	b.expect("h1", "Hoe het staat")
	row := func(team string) string {
		var words []string
		for i := range 4 {
			words = append(words, b.read(fmt.Sprintf(`section:has(h2):nth-of-type(%s) dl div:nth-child(%d) dd`, team, i+1)))
		}
		return strings.Join(words, " | ")
	}
	const network, support = "1", "2"
	if got := row(network) + "; " + row(support); got != "0 | 0 | – | –; 0 | 0 | – | –" {
		t.Errorf("the board shows %s", got)
	}
	b.fits()
	b.axe()

	// It follows what happens by itself, and names nobody.
	for _, text := range []string{"No signal, says Kate", "Where is my parcel"} {
		if _, err := d.post("", text); err != nil {
			t.Fatal(err)
		}
	}
	d.settled()
	d.await("the board to show what came", func() bool {
		return strings.HasPrefix(row(network), "1 | 0 | ") && strings.HasPrefix(row(support), "1 | 0 | ")
	})
	if page := b.read("body"); strings.Contains(page, "Kate") || strings.Contains(page, "parcel") {
		t.Errorf("the board names somebody: %s", page)
	}
	b.picture("board.png")

	// Nothing else opens for it.
	for _, path := range []string{"/desk", "/figures", "/figures/csv?by=team", "/tasks/T-1-9", "/search?q=Kate"} {
		b.open(d.desk+path, 200)
		b.expect("h1", "Aanmelden")
	}
	b.open(d.desk+"/board", 200)
	b.resize(phoneWidth, phoneHeight)
	b.fits()
	b.axe()

	// Without scripts the browser loads it anew.
	res, err := http.Get(d.desk + "/board")
	if err != nil || res.Request.URL.Path != "/sign-in" {
		t.Errorf("whoever is not signed in gets %v, %v", res.Request.URL, err)
	}
	_ = res.Body.Close()
	b.quiet()

	// When loket is gone it says that it is old; shut, it shows nothing.
	d.kill()
	d.await("the board to say that it is old", func() bool { return b.count("html.old .stale:not([hidden])") == 1 })
	d.start()
	b.open(d.desk+"/board", 200)
	b.expect("h1", "Hoe het staat")
	if out, code := d.loket("", "people", "disable", "hall"); code != 0 {
		t.Fatal(out)
	}
	b.open(d.desk+"/board", 200)
	b.expect("h1", "Aanmelden")
	d.healthy()
}
