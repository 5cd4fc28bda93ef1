package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"loket/desk/api"
)

// chatting is the configuration of a loket with a chat that a site may show.
func chatting(site string, more string) string {
	return strings.Replace(fmt.Sprintf(standard, embedded), "connectors:\n", fmt.Sprintf(`connectors:
  - name: chat
    type: chat
    settings: {rate_per_minute: 0, origins: [%q]%s}
`, site, more), 1)
}

// A site is a page of the organisation, on another origin, whose policy lets it load and run nothing but what is named.
type site struct {
	*httptest.Server
	chat string // the address of the public listener that it loads the chat from
	who  string // attributes of the script that say who is signed in
}

func newSite(tb testing.TB) *site {
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; script-src "+s.chat+"; frame-src "+s.chat)
		fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><title>Voorbeeld</title><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width, initial-scale=1"></head><body><main><h1>Voorbeeld</h1><p id="p">A page.</p></main>
<script src="%s/in/chat/chat.js" async %s></script></body></html>`, s.chat, s.who)
	}))
	tb.Cleanup(s.Close)
	return s
}

// framed evaluates an expression in the chat's frame of the page, where pages around it cannot look.
func (b *browser) framed(expression string) string {
	b.tb.Helper()
	tree, err := chromedp.Call(b.ctx, page.GetFrameTree, cdp.Empty{})
	if err != nil {
		b.tb.Fatal(err)
	}
	if len(tree.FrameTree.ChildFrames) == 0 {
		return ""
	}
	world, err := chromedp.Call(b.ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.ChildFrames[0].Frame.ID, WorldName: "test"})
	if err != nil {
		return "" // the frame is being loaded
	}
	byValue := true
	got, err := chromedp.Call(b.ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "String(" + expression + ")", ContextID: world.ExecutionContextID, ReturnByValue: &byValue})
	if err != nil || got.ExceptionDetails != nil {
		return ""
	}
	var text string
	if err := json.Unmarshal(got.Result.Value, &text); err != nil {
		b.tb.Fatal(err)
	}
	return text
}

// said are the messages that a chat shows, one a line.
const said = `Array.from(document.querySelectorAll("#said > li"), li => (li.matches(".ours") ? "us: " : "") + li.querySelector(".text").textContent).join("\n")`

// sees waits until the chat shows exactly these messages.
func (b *browser) sees(lines ...string) {
	b.tb.Helper()
	b.await("the conversation to be\n"+strings.Join(lines, "\n"), said+" === "+quoted(strings.Join(lines, "\n")))
}

// says writes a message in the chat that is the page.
func (b *browser) says(text string) {
	b.tb.Helper()
	b.js(`document.getElementById("text").value = ` + quoted(text) + `; document.querySelector(".write button").click(); 1`)
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(b)
}

func (d *daemon) answers(task, text string) {
	d.tb.Helper()
	if _, err := d.client("anna").Reply(d.tb.Context(), task, api.Answer{Text: text}); err != nil {
		d.tb.Fatal(err)
	}
}

func (d *daemon) claims(team string) *api.Task {
	d.tb.Helper()
	task, err := d.client("anna").Claim(d.tb.Context(), team, 20*time.Second, "")
	if err != nil || task == nil {
		d.tb.Fatalf("claim: %v, %v", task, err)
	}
	return task
}

// On a page of another origin with a strict policy the button opens the chat; what is written becomes a task, the answer is shown.
func TestChatOnAnotherSite(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	d := newDaemon(t, chatting(s.URL, "")).start()
	s.chat = d.public
	b := newScriptedBrowser(t)
	b.open(s.URL, 200)
	const root = `document.querySelector("body > div").shadowRoot`
	b.await("the button", root+`.querySelector("button").textContent === "Chat with us"`)
	b.axe()
	b.js(root + `.querySelector("button").click(); 1`)
	b.awaitFramed("the chat to be open and its box to have the focus", `document.activeElement.id === "text" && !document.getElementById("close").hidden`)
	b.framed(`(document.getElementById("text").value = "No signal <b>here</b>", document.querySelector(".write button").click())`)
	b.awaitFramed("what was written", said+` === "No signal <b>here</b>"`)

	task := d.claims("network")
	if task.Channel != "chat" || task.Messages[0].Text != "No signal <b>here</b>" {
		t.Errorf("the task is %+v", task)
	}
	b.js(root + `.querySelector("button").click(); 1`)
	d.answers(task.ID, "We see it: https://status.example.org")
	b.await("the button to tell of the answer", root+`.querySelector("button").textContent === "Chat with us (1 new)"`)
	b.js(root + `.querySelector("button").click(); 1`)
	b.awaitFramed("the answer", said+` === "No signal <b>here</b>\nus: We see it: https://status.example.org"`)
	b.framed(`document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape", bubbles: true}))`)
	b.await("the chat to be closed by Escape", root+`.querySelector("button").getAttribute("aria-expanded") === "false" && `+root+`.activeElement?.type === "button"`)
	b.quiet()

	// A site that is not named may not show it.
	other := newSite(t)
	other.chat = d.public
	b.open(other.URL, 200)
	b.await("the button", root+`.querySelector("button") !== null`)
	b.js(root + `.querySelector("button").click(); 1`)
	d.await("the frame to be refused", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return strings.Contains(strings.Join(b.complain, "\n"), "frame-ancestors")
	})
	d.healthy()
}

// awaitFramed waits until a condition of the chat's frame holds.
func (b *browser) awaitFramed(what, condition string) {
	b.tb.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if b.framed("Boolean("+condition+")") == "true" {
			return
		}
	}
	b.tb.Fatalf("waited too long for %s; the frame shows:\n%s", what, b.framed("document.body.innerText"))
}
