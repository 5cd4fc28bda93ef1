package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// drawn is a picture of some width and height.
func drawn(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Pictures are shown where they are ones; a mail's HTML is framed, can do nothing, and asks nobody elsewhere for anything until the agent
// wants it to.
func TestHostileMailInABrowser(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	stranger := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(drawn(t, 8, 8))
	}))
	defer stranger.Close()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	html := strings.ReplaceAll(`<html><head><base href="X/"><meta http-equiv="refresh" content="0;url=X/refresh"><link rel="stylesheet" href="X/a.css">
		<link rel="prefetch" href="X/prefetch"><style>@import "X/b.css"; body{background:url(X/c.png)}</style><script src="X/d.js"></script>
		<script>top.document.title="mine"; fetch("X/e")</script></head><body onload="new Image().src='X/f.png'" background="X/g.png">
		<p style="color:red;background-image:url(X/h.png)">No signal <b>here</b></p><img src="X/i.png" srcset="X/j.png 2x" onerror="alert(1)">
		<img src="//127.0.0.1/k.png"><table background="X/l.png"><tr><td>cell</td></tr></table><video poster="X/m.png" src="X/n.mp4" autoplay></video>
		<svg><image href="X/o.png"/></svg><iframe src="X/p"></iframe><object data="X/q"></object><form action="X/r"><button>go</button></form>
		<a href="javascript:alert(2)">press</a><div style="position:fixed;inset:0">over</div></body></html>`, "X", strings.Replace(stranger.URL, "127.0.0.1", strangersName, 1))
	file := func(name, kind string, data []byte) map[string]string {
		return map[string]string{"name": name, "type": kind, "data": base64.StdEncoding.EncodeToString(data)}
	}
	const svg = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(3)</script></svg>`
	body, err := json.Marshal(map[string]any{
		"channel": "email", "from": []string{"email:kate@example.org"}, "subject": "No signal", "text": "No signal here", "html": html,
		"attachments": []any{
			file("mast.png", "image/png", drawn(t, 40, 30)), file("page.png", "image/png", []byte("<script>alert(4)</script>")),
			file("drawing.png", "image/png", []byte(svg)), file("drawing.svg", "image/svg+xml", []byte(svg)),
			file("bomb.png", "image/png", drawn(t, 9000, 9000)),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.api(http.MethodPost, "/api/v1/messages", string(body))
	d.settled()
	number := d.tasks("network")[0].Number
	b := newScriptedBrowser(t)
	b.begins(d, "joris")
	b.resize(1440, 900)
	b.open(d.desk+"/tasks/"+number, 200)
	b.expect(".theirs .text", "No signal here")
	if n := b.count(".picture img"); n != 4 {
		t.Errorf("%d pictures, want those four that say they are", n)
	}
	b.await("the pictures to be looked at", `[...document.querySelectorAll(".picture img")].every((i) => { i.loading = "eager"; return i.complete; })`)
	if diff := cmp.Diff("40,0,0,0", b.js(`[...document.querySelectorAll(".picture img")].map((i) => i.naturalWidth).join()`)); diff != "" {
		t.Errorf("widths of what is shown (-want +got):\n%s", diff)
	}

	b.do(chromedp.Click(chromedp.CSS(".formatted summary")))
	b.await("the formatted message", `document.querySelector("iframe").contentDocument?.querySelector(".body b")?.textContent === "here"`)
	b.await("what is not shown to be told", `document.querySelector("iframe").contentDocument?.querySelector(".outside")?.textContent.startsWith("1 afbeelding van buiten is niet getoond.") === true`)
	if got := b.js(`document.querySelector("iframe").contentDocument.querySelectorAll("script, link, base, form, iframe, object, svg, video, [onerror], [srcset], [background]").length`); got != "0" {
		t.Errorf("%s of what can do something is left", got)
	}
	b.axe()
	b.picture("desk-formatted.png")
	if n := asked.Load(); n != 0 {
		t.Errorf("the stranger was asked %d times, want never", n)
	}
	b.js(`document.querySelector("iframe").contentDocument.querySelector(".outside a").click(); 1`)
	d.await("the picture that was asked for", func() bool { return asked.Load() > 0 })
	b.await("what is shown to be told", `document.querySelector("iframe").contentDocument?.querySelector(".outside")?.textContent === "1 afbeelding komt van buiten."`)
	if got := b.js(`document.title`); !strings.HasSuffix(got, "loket") {
		t.Errorf("the page is called %q", got)
	}

	// By itself, as a page, it can do no more; and who is not of the team has none of it.
	res, err := d.signIn("joris").Get(d.desk + b.attribute("iframe", "src"))
	if err != nil {
		t.Fatal(err)
	}
	d.body(res, 200)
	if csp := res.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; ") || !strings.Contains(csp, "sandbox allow-same-origin") {
		t.Errorf("its policy is %s", csp)
	}
	bob := d.signedIn("bob", "--team", "support")
	for _, css := range []string{"iframe", ".picture img"} {
		d.read(bob, b.attribute(css, "src"), 403)
	}
	d.healthy()
}
