package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// beginLink is the link that the first start printed.
func (d *daemon) beginLink() string {
	d.tb.Helper()
	found := regexp.MustCompile(`(?m)^begin +(\S+)$`)
	var m []string
	d.await("the first link", func() bool {
		m = found.FindStringSubmatch(d.log.String())
		return m != nil
	})
	return m[1]
}

// Joris begins by the one-time link, takes a task, answers, notes, is overtaken by the customer, closes and signs out: in Dutch, on a
// phone, without scripts.
func TestAgentsDayInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	b := newBrowser(t)
	link := d.beginLink()

	// Whoever is not signed in sees nothing.
	b.open(d.desk+"/tasks/T-1-9", 200)
	b.expect("h1", "Aanmelden")
	b.fits()
	b.axe()

	b.open(link, 200)
	b.expect("h1", "Beginnen")
	b.fits()
	b.fill("#name", "joris met spaties")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 422)
	b.expect("#problem", "De naam mag letters, cijfers en . _ - @ hebben, geen spaties, hoogstens 60.")
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.expect(".bar .plain:last-child button", "Afmelden\u00a0joris")
	b.expect(".list .hint", "Hier wacht niets.")

	// What a customer wrote is text, whatever it looks like.
	const question = "No signal <script>document.title='mine'</script> & \u202elive\u202c مرحبا"
	sent, err := d.post("", question)
	if err != nil {
		t.Fatal(err)
	}
	d.settled()
	b.open(d.desk+"/desk?team=network", 200)
	if n := b.count(".rows li"); n != 1 {
		t.Fatalf("%d tasks in the list, want 1", n)
	}
	b.fits()
	b.axe()
	b.picture("desk-list.png")
	b.follow(".list form button", 200) // take next
	b.expect(".done", "De taak is van u.")
	b.expect(".theirs .text", question)
	b.expect(".acts > form button", "Teruggeven")
	b.fits()

	// An answer with a file.
	file := filepath.Join(t.TempDir(), "mast <b>📶.txt")
	if err := os.WriteFile(file, []byte("back at 18:00\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const answer = "A mast is down <img src=x onerror=alert(1)>: back at 18:00"
	b.fill("#text", answer)
	b.choose("#files", file)
	b.follow(".send > button", 200)
	b.expect(".done", "Verstuurd.")
	b.expect(".ours .text", answer)
	b.expect(".ours .files a", filepath.Base(file))
	if got := b.property(".ours .files a", "href"); !strings.HasSuffix(got, "/"+url.PathEscape(filepath.Base(file))) {
		t.Errorf("the file is had by %s", got)
	}
	b.reload(200)
	if n := b.count(".ours"); n != 1 {
		t.Errorf("%d answers after loading the page again, want 1", n)
	}
	page := d.get(d.page(sent))
	if !strings.Contains(page, "A mast is down &lt;img") {
		t.Errorf("the customer's page has no answer:\n%s", page)
	}

	// The customer is faster: nothing is sent, the text stays, and what is new can be read.
	b.fill("#text", "Is it solved now?")
	if res, err := http.PostForm(d.page(sent), map[string][]string{"text": {"It works again, thanks"}}); err != nil || res.StatusCode != http.StatusAccepted {
		t.Fatalf("writing back: %v, %v", res, err)
	}
	d.settled()
	b.follow(".send > button", 409)
	b.expect("#problem", "De klant schreef intussen opnieuw. Lees het hieronder en verstuur dan.")
	if got := b.value("#text"); got != "Is it solved now?" {
		t.Errorf("in the box is now %q", got)
	}
	b.expect(".said li:nth-child(3) .text", "It works again, thanks")
	b.expect(".draft .text", "Is it solved now?") // it is kept there too
	b.fits()
	b.axe()
	b.picture("desk-task.png")
	b.resize(1440, 900)
	b.fits()
	b.axe()
	b.picture("desk-wide.png")
	b.resize(phoneWidth, phoneHeight)
	b.follow(".send > button", 200) // it was read by now
	b.expect(".said li:nth-child(4) .text", "Is it solved now?")
	b.expectNone(".draft")

	b.fill("#note", "their third call <b>")
	b.follow(".notes button", 200)
	b.expect(".note .text", "their third call <b>")
	if page := d.get(d.page(sent)); strings.Contains(page, "third call") {
		t.Error("the customer sees the note")
	}

	// What cannot be is said, and what was written stays.
	b.fill("#until", "yesterday")
	b.do(openDetails(".acts details:has(#until)"))
	b.follow(".acts details:has(#until) button", 422)
	if b.read("#problem") == "" {
		t.Error("no reason is shown")
	}
	b.do(openDetails(".acts details:has(#outcome)"))
	b.fill("#outcome", "solved")
	b.follow(".acts details:has(#outcome) button", 200)
	b.expect(".done", "Afgerond.")
	b.expectNone(".reply")

	// Search, the customer, other people's pages.
	number := b.read(".facts")[:len("T-1-9")]
	b.fill("#q", number)
	b.do(submit(".search"))
	b.expect(".theirs .text", question)
	b.open(d.desk+"/search?q=%3Cscript%3E", 200)
	b.expect("h1", "Zoeken: <script>")
	b.fits()
	b.open(d.desk+"/tasks/T-99-3", 404)
	b.fits()

	// Signed out, the same address shows nothing, and the link is used up.
	b.open(d.desk+"/desk", 200)
	b.follow(".bar .plain:last-child button", 200)
	b.expect("h1", "Aanmelden")
	b.open(link, 404)
	b.open(d.desk+"/tasks/"+number, 200)
	b.expect("h1", "Aanmelden")
	b.fill("#name", "joris")
	b.fill("#password", "wrong horse battery")
	b.follow("main form button", 401)
	b.expect("#problem", "Deze naam en dit wachtwoord horen niet bij elkaar.")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.expect(".theirs .text", question) // where they wanted to go
	b.follow(`.bar button[lang="en"]`, 200)
	b.expect(".bar .plain:last-child button", "Sign out\u00a0joris")
	b.quiet()
	d.healthy()
}

// Who answers to whom: names that are not ours, forms of other sites, addresses that others can listen on.
func TestDeskPagesAnswerOnlyWhereTheyMay(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, strings.Replace(fmt.Sprintf(standard, embedded), `desk: "127.0.0.1:0"`, `desk: "127.0.0.1:0", desk_hosts: [desk.example.org], trusted_proxies: [127.0.0.1]`, 1)).start()
	if _, code := d.loket("correct horse battery\n", "people", "add", "anna"); code != 0 {
		t.Fatal("people add")
	}
	if out, code := d.loket("correct horse battery\n", "people", "passwd", "anna"); code != 0 {
		t.Fatal(out)
	}
	type answer struct {
		status int
		cookie string
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path, host, body string, header ...string) answer {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, d.desk+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		req.Header.Set("Accept", "text/html")
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"} {
			if res.Header.Get(h) == "" {
				t.Errorf("%s %s without %s", method, path, h)
			}
		}
		cookie, _, _ := strings.Cut(res.Header.Get("Set-Cookie"), "=")
		return answer{res.StatusCode, cookie}
	}
	const form = "name=anna&password=correct+horse+battery"
	https := []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", "192.0.2.7"}
	for name, c := range map[string]struct {
		got, want answer
	}{
		"loopback":                      {ask("GET", "/sign-in", "127.0.0.1", ""), answer{200, ""}},
		"localhost":                     {ask("GET", "/sign-in", "localhost:8081", ""), answer{200, ""}},
		"a stranger's name":             {ask("GET", "/sign-in", "evil.example", ""), answer{421, ""}},
		"a stranger's name, anywhere":   {ask("GET", "/nothing", "evil.example", ""), answer{421, ""}},
		"an address of the network":     {ask("GET", "/sign-in", "192.0.2.1", ""), answer{421, ""}},
		"our name, where others listen": {ask("GET", "/sign-in", "desk.example.org", ""), answer{400, ""}},
		"our name by https":             {ask("GET", "/sign-in", "desk.example.org", "", https...), answer{200, ""}},
		"nothing there":                 {ask("GET", "/nothing", "127.0.0.1", ""), answer{404, ""}},
		"not signed in":                 {ask("GET", "/desk", "127.0.0.1", ""), answer{303, ""}},
		"a form when not signed in":     {ask("POST", "/desk/next", "127.0.0.1", "team=support"), answer{401, ""}},
		"signing in":                    {ask("POST", "/sign-in", "127.0.0.1", form), answer{303, "loket"}},
		"signing in by https":           {ask("POST", "/sign-in", "desk.example.org", form, https...), answer{303, "__Host-loket"}},
		"a form of another site":        {ask("POST", "/sign-in", "127.0.0.1", form, "Sec-Fetch-Site", "cross-site"), answer{403, ""}},
		"a form of a neighbour":         {ask("POST", "/sign-in", "127.0.0.1", form, "Sec-Fetch-Site", "same-site"), answer{403, ""}},
		"a form of a file":              {ask("POST", "/sign-in", "127.0.0.1", form, "Origin", "null"), answer{403, ""}},
		"a form that is none":           {ask("POST", "/sign-in", "127.0.0.1", "{}", "Content-Type", "application/json"), answer{400, ""}},
		"too many fields":               {ask("POST", "/sign-in", "127.0.0.1", strings.Repeat("a=1&", 200)), answer{413, ""}},
		"a token opens no page":         {ask("GET", "/desk", "127.0.0.1", "", "Cookie", "loket=x"), answer{303, ""}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", name, c.got, c.want)
		}
	}
	if out, code := d.loket("", "people", "list"); code != 0 || !strings.Contains(out, "anna") || !strings.Contains(out, "may sign in") {
		t.Errorf("people list: %d %s", code, out)
	}
	if out, code := d.loket("", "people", "disable", "anna"); code != 0 {
		t.Error(out)
	}
	if got := ask("POST", "/sign-in", "127.0.0.1", form); got.status != 401 {
		t.Errorf("somebody disabled signs in: %+v", got)
	}
}

// openDetails opens what is folded.
func openDetails(css string) chromedp.Action[chromedp.Void] {
	return chromedp.SetAttributeValue(chromedp.CSS(css), "open", "")
}

// submit sends a form as the Enter key does.
func submit(css string) chromedp.Action[chromedp.Void] { return chromedp.Submit(chromedp.CSS(css)) }

// Who answers for one team sees, and does, nothing of another's; files are only to be saved.
func TestDeskPagesAreOfOnesOwnTeams(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	for _, person := range [][]string{{"nora", "network"}, {"bob", "support"}} {
		for _, args := range [][]string{{"people", "add", person[0], "--team", person[1]}, {"people", "passwd", person[0]}} {
			if out, code := d.loket("correct horse battery\n", args...); code != 0 {
				t.Fatal(out)
			}
		}
	}
	signedIn := func(name string) *http.Client {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Jar: jar}
		res, err := c.PostForm(d.desk+"/sign-in", url.Values{"name": {name}, "password": {"correct horse battery"}})
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("sign in as %s: %v, %v", name, res, err)
		}
		_ = res.Body.Close()
		return c
	}
	nora, bob := signedIn("nora"), signedIn("bob")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("text", "No signal: swordfish")
	_ = form.WriteField("email", "kate@example.org")
	part, err := form.CreateFormFile("attachments", "page.html")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte("<script>alert(1)</script>"))
	_ = form.Close()
	res, err := http.Post(d.public+"/in/website/", form.FormDataContentType(), &body)
	if err != nil || res.StatusCode != 202 {
		t.Fatalf("form: %v, %v", res, err)
	}
	_ = res.Body.Close()
	d.settled()
	task := d.tasks("network")[0]
	read := func(c *http.Client, path string) (*http.Response, string) {
		res, err := c.Get(d.desk + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(text)
	}
	number := task.Number
	res, text := read(nora, "/tasks/"+number)
	file := regexp.MustCompile(`/tasks/[^"]+/files/[^"]+`).FindString(text)
	if res.StatusCode != 200 || !strings.Contains(text, "swordfish") || file == "" {
		t.Fatalf("nora's task: %d %s", res.StatusCode, text)
	}
	res, text = read(nora, file)
	got := []string{res.Status, text, res.Header.Get("Content-Type"), res.Header.Get("Content-Disposition"), res.Header.Get("Content-Security-Policy")}
	want := []string{"200 OK", "<script>alert(1)</script>", "application/octet-stream", "attachment; filename=page.html", "sandbox; default-src 'none'"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the file (-want +got):\n%s", diff)
	}
	for _, path := range []string{"/tasks/" + number, file, "/desk?team=network", "/search?q=swordfish", "/search?q=" + number, "/search?q=kate@example.org"} {
		if res, text := read(bob, path); strings.Contains(text, "No signal") || strings.Contains(path, "/tasks/") && res.StatusCode != 403 {
			t.Errorf("bob at %s: %d %s", path, res.StatusCode, text)
		}
	}
	for _, verb := range []string{"claim", "return", "reply", "note", "transfer", "wait", "close", "reopen"} {
		res, err := bob.PostForm(d.desk+"/tasks/"+number+"/"+verb, url.Values{"text": {"x"}, "note": {"x"}, "team": {"support"}, "key": {"k"}})
		if err != nil || res.StatusCode != 403 {
			t.Errorf("bob's %s: %v, %v", verb, res, err)
		}
		if err == nil {
			_ = res.Body.Close()
		}
	}
	res, err = bob.PostForm(d.desk+"/desk/next", url.Values{"team": {"network"}, "key": {"k"}})
	if err != nil || res.StatusCode != 403 {
		t.Errorf("bob takes the next of network: %v, %v", res, err)
	}
	if now := d.tasks("network")[0]; now.State != "queued" || now.Transfers != 0 {
		t.Errorf("the task is now %+v", now)
	}
}
