package e2e_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
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

	res, err := http.Get(d.desk + "/board")
	if err != nil || res.Request.URL.Path != "/sign-in" {
		t.Errorf("whoever is not signed in gets %v, %v", res.Request.URL, err)
	}
	_ = res.Body.Close()
	if res, err = http.Get(d.desk + "/board/live"); err != nil || res.StatusCode != http.StatusUnauthorized {
		t.Errorf("their stream: %v, %v, want 401", res, err)
	}
	_ = res.Body.Close()
	b.quiet()

	// The network swallows what is said: the board says that it is old, and is right again once it is back.
	w := wireTo(t, d.desk)
	b.open(w.url+"/board", 200)
	b.await("the stream", `document.querySelector("time") !== null`)
	w.swallow()
	d.say(t, "No signal here either")
	d.await("the board to say that it is old", func() bool { return b.count("html.old .stale:not([hidden])") == 1 })
	w.mend()
	d.await("the board to be right again", func() bool {
		return strings.HasPrefix(row(network), "2 | 0 | ") && b.count("html.old") == 0
	})

	// Shut, it shows nothing.
	if out, code := d.loket("", "people", "disable", "hall"); code != 0 {
		t.Fatal(out)
	}
	b.await("where one signs in", `document.querySelector("h1").textContent === "Aanmelden"`)
	d.healthy()
}

// A wire leads to a server, and may swallow what goes over it.
type wire struct {
	url  string
	mu   sync.Mutex
	ends []net.Conn
	mute bool
}

func wireTo(t *testing.T, url string) *wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{url: "http://" + l.Addr().String()}
	t.Cleanup(func() {
		_ = l.Close()
		w.mend()
	})
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				_ = near.Close()
				continue
			}
			w.mu.Lock()
			w.ends = append(w.ends, near, far)
			w.mu.Unlock()
			go w.carry(near, far)
			go w.carry(far, near)
		}
	}()
	return w
}

// carry takes what comes from one end to the other, until one of them is closed.
func (w *wire) carry(to, from net.Conn) {
	part := make([]byte, 32<<10)
	for {
		n, err := from.Read(part)
		w.mu.Lock()
		mute := w.mute
		w.mu.Unlock()
		if err == nil && !mute {
			_, err = to.Write(part[:n])
		}
		if err != nil {
			_ = to.Close()
			return
		}
	}
}

// swallow has nothing arrive any more, and nobody be told.
func (w *wire) swallow() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mute = true
}

// mend ends the connections that there are; those that come work.
func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mute = false
	for _, end := range w.ends {
		_ = end.Close()
	}
	w.ends = nil
}
