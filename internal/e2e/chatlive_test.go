package e2e_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// A line is a network that can be cut: what it is given leads to another address while it is up.
type line struct {
	net.Listener
	to string

	mu   sync.Mutex
	down bool
	open []net.Conn
}

func newLine(tb testing.TB, to string) *line {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	n := &line{Listener: l, to: strings.TrimPrefix(to, "http://")}
	tb.Cleanup(func() {
		_ = l.Close()
		n.cut(true)
	})
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go n.carry(c)
		}
	}()
	return n
}

func (n *line) url() string { return "http://" + n.Addr().String() }

// cut cuts what is open, and all that comes until it is up again.
func (n *line) cut(down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.down = down
	if down {
		for _, c := range n.open {
			_ = c.Close()
		}
		n.open = nil
	}
}

func (n *line) carry(c net.Conn) {
	to, err := net.Dial("tcp", n.to)
	if err != nil {
		_ = c.Close()
		return
	}
	n.mu.Lock()
	n.open = append(n.open, c, to)
	down := n.down
	n.mu.Unlock()
	if down {
		n.cut(true)
		return
	}
	go func() { _, _ = io.Copy(to, c); _ = to.Close() }()
	_, _ = io.Copy(c, to)
	_ = c.Close()
}

// Two visitors and two agents, one of them on the desk's pages: each visitor reads their own conversation, and nothing is lost or doubled when the
// network is cut, when a tab is closed and opened again, and when loket is killed meanwhile.
func TestChatLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	configuration := chatting("https://www.example.org", "")
	d := newDaemon(t, configuration).start()
	ports := `public: "` + strings.TrimPrefix(d.public, "http://") + `", desk: "` + strings.TrimPrefix(d.desk, "http://") + `"`
	d.configure(strings.Replace(configuration, `public: "127.0.0.1:0", desk: "127.0.0.1:0"`, ports, 1))
	network := newLine(t, d.public)
	kate, sam, joris := newScriptedBrowser(t), newScriptedBrowser(t), newScriptedBrowser(t)
	kate.open(network.url()+"/in/chat/?lang=en", 200)
	sam.open(d.public+"/in/chat/?lang=en", 200)
	joris.resize(1440, 900)
	joris.open(d.beginLink(), 200)
	joris.fill("#name", "joris")
	joris.fill("#password", "correct horse battery")
	joris.follow("main form button", 200)
	joris.open(d.desk+"/desk?team=network", 200)

	kate.says("No signal in Utrecht")
	sam.says("No signal in Zwolle")
	joris.await("both on the desk", `document.querySelectorAll("#rows li").length === 2`)
	hers, his := d.taskOf("network", "No signal in Utrecht"), d.taskOf("network", "No signal in Zwolle")
	joris.open(d.desk+"/tasks/"+hers.Number, 200)
	joris.do(chromedp.Click(chromedp.CSS("#acts form button.main")))
	joris.await("the task to be theirs", `document.querySelector(".done") !== null`)
	joris.do(chromedp.Click(chromedp.CSS("#text")), chromedp.SendKeys(chromedp.CSS("#text"), "A mast is down"))
	joris.do(chromedp.Click(chromedp.CSS("form.reply button.main")))
	if _, err := d.client("anna").Take(t.Context(), his.ID); err != nil {
		t.Fatal(err)
	}
	d.answers(his.ID, "We look at it")
	kate.sees("No signal in Utrecht", "us: A mast is down")
	sam.sees("No signal in Zwolle", "us: We look at it")

	// On a narrow phone it keeps nobody out.
	kate.resize(320, 640)
	kate.fits()
	kate.axe()
	kate.picture("chat.png")

	// The network is cut: what she writes is kept and sent afterwards, what we write is fetched.
	network.cut(true)
	kate.says("Are you there?")
	kate.says("Hello?")
	kate.await("that it is told", `document.getElementById("trouble").textContent !== "" && document.querySelectorAll("#said .hint").length === 2`)
	joris.do(chromedp.Click(chromedp.CSS("#text")), chromedp.SendKeys(chromedp.CSS("#text"), "It is up again"))
	joris.do(chromedp.Click(chromedp.CSS("form.reply button.main")))
	d.await("the answer", func() bool { return d.has(hers.ID, "It is up again") })
	network.cut(false)
	all := []string{"No signal in Utrecht", "us: A mast is down", "us: It is up again", "Are you there?", "Hello?"}
	kate.sees(all...)

	// The tab is closed with something written that could not be sent, and opened again.
	network.cut(true)
	kate.says("It works now")
	kate.do(chromedp.Navigate("about:blank"))
	network.cut(false)
	kate.open(network.url()+"/in/chat/?lang=en", 200)
	all = append(all, "It works now")
	kate.sees(all...)

	// A file that one tab has chosen and could not send yet is left to it by another, which writes too.
	kate.js(`window.other = open(location.href); ""`)
	kate.await("the other tab to show the conversation", `window.other?.document.querySelectorAll("#said > li[id]").length === 6`)
	network.cut(true)
	file := filepath.Join(t.TempDir(), "log.txt")
	if err := os.WriteFile(file, []byte("signal: full\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	kate.choose("#attachments", file)
	kate.says("As you see")
	kate.await("it to stand in the other tab", `window.other.document.querySelector("#said > li:not([id])") !== null`)
	kate.js(`window.other.document.getElementById("text").value = "Good luck"; window.other.document.querySelector(".write button").click(); ""`)
	kate.await("both to be shown", `document.querySelectorAll("#said .hint").length === 2`)
	network.cut(false)
	all = append(all, "As you see", "Good luck")
	kate.sees(all...)
	kate.js(`window.other.close(); ""`)

	// Loket is killed: what is written meanwhile comes when it is back.
	d.kill()
	kate.says("Thank you")
	sam.says("And now?")
	d.start()
	all = append(all, "Thank you")
	kate.sees(all...)
	sam.sees("No signal in Zwolle", "us: We look at it", "And now?")
	for _, b := range []*browser{kate, sam} {
		b.await("all to be taken", `document.querySelector("#said > li:not([id])") === null`) // what waits in the browser is shown too
	}
	d.settled()
	kate.do(chromedp.Reload())
	kate.sees(all...)
	var stands []string
	for _, task := range d.tasks("network") {
		now, err := d.client("anna").Task(t.Context(), task.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range now.Messages {
			stands = append(stands, m.Text)
		}
	}
	slices.Sort(stands)
	want := []string{"A mast is down", "And now?", "Are you there?", "As you see", "Good luck", "Hello?", "It is up again", "It works now", "No signal in Utrecht", "No signal in Zwolle", "Thank you", "We look at it"}
	if diff := cmp.Diff(want, stands); diff != "" {
		t.Errorf("in the tasks (-want +got):\n%s", diff)
	}
	d.healthy()
}
