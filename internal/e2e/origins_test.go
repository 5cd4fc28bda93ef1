package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// ownPage is a page of a site of its own that posts to the form by script and shows what it is told.
const ownPage = `<!doctype html><title>Contact</title><link rel="icon" href="data:,">
<form id=f><textarea name=text id=text></textarea><button>Send</button></form><p id=out></p>
<script>
f.onsubmit = async e => {
  e.preventDefault()
  try {
    const r = await fetch('%s/in/website/', {method: 'POST',
      headers: {'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID()},
      body: JSON.stringify({text: f.text.value})})
    const told = await r.json()
    out.textContent = r.status + ' ' + (told.receipt ? 'receipt' : told.field)
  } catch { out.textContent = 'cannot be read' }
}
</script>`

// A page of a listed origin posts and reads its receipt, and what is wrong with a post; one of another origin is not even
// let ask.
func TestAPageOfAnotherOriginPosts(t *testing.T) {
	t.Parallel()
	var form string
	site := func() *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = fmt.Fprintf(w, ownPage, form)
		}))
		t.Cleanup(s.Close)
		return s
	}
	ours, another := site(), site()
	config := strings.Replace(fmt.Sprintf(standard, embedded), "rate_per_minute: 0,", "rate_per_minute: 0, origins: ['"+ours.URL+"'],", 1)
	d := newDaemon(t, config).start()
	form = d.public
	b := newBrowser(t)
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ site, text, want string }{
		{ours.URL, "Where is my parcel, Jürgen?", "202 receipt"}, {ours.URL, " ", "422 text"}, {another.URL, "Buy this", "cannot be read"},
	} {
		b.open(tc.site+"/", 200)
		b.fill("#text", tc.text)
		b.do(chromedp.Click(chromedp.CSS("button")))
		d.await("what the page is told", func() bool { return b.read("#out") != "" })
		b.expect("#out", tc.want)
	}
	d.settled()
	if all := d.tasks("support"); len(all) != 1 {
		t.Errorf("%d tasks, want the first question alone", len(all))
	}
}
