package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"loket/desk/api"
)

func TestCustomerReadsAndWritesInABrowser(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	b := newBrowser(t)
	form := d.public + "/in/website/"

	// A Dutch browser gets the Dutch form, and English for the asking.
	b.open(form, 200)
	b.expect("h1", "Stuur ons een bericht")
	b.follow(`a[lang="en"]`, 200)
	b.expect("h1", "Send us a message")

	// Nothing written: it is told at its field, and what was typed stays, also a telephone number that is none.
	b.fill("#text", "  ")
	b.fill("#phone", "12")
	b.axe()
	b.follow("button", 422)
	b.axe()
	b.expect("h1", "Send us a message")
	b.expect("#text-problem", "Write your message here.")
	if got := b.attribute("#text", "aria-describedby"); got != "text-problem" {
		t.Errorf("the field is described by %q, want its problem", got)
	}
	if got := b.value("#phone"); got != "12" {
		t.Errorf("the telephone number is now %q, want what was typed", got)
	}
	b.follow(`.problems a[href="#text"]`, 0) // to the field on this page

	// What is typed is text, whatever it looks like, in every direction.
	const question = "Hi <b>there</b> & \"all\"\n<script>document.title='mine'</script>\nمرحبا بالعالم \u202elive\u202c\nNo signal 📶👩‍👧 since 'this' morning"
	const subject = "No signal <script>alert(1)</script> שלום"
	file := filepath.Join(t.TempDir(), "log <b>📶 تقرير.txt")
	if err := os.WriteFile(file, []byte("signal: none\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.fill("#name", "Anna <i>de Vries</i>")
	b.fill("#email", "anna@example.org")
	b.fill("#phone", "+31 30 123 4567")
	b.fill("#subject", subject)
	b.fill("#text", question)
	b.choose("#attachments", file)
	b.follow("button", 202)
	b.expect("h1", "Thank you, we have your message")
	b.axe()
	if b.read(".receipt") == "" {
		t.Error("the page shows no receipt")
	}
	d.settled()
	b.follow("a.button", 200)
	b.expect("h1", subject)
	b.matter(`^We have your message\. We answer (today|tomorrow|on \d+ \w+) at \d\d:\d\d at the latest\.$`)
	b.expect(".said li:nth-child(1) .text", question)
	b.expect(".said li:nth-child(1) .files a", filepath.Base(file))
	if got := d.get(b.property(".said li:nth-child(1) .files a", "href")); got != "signal: none\n" {
		t.Errorf("the customer's file is now %q", got)
	}
	b.expectNone(".ours")

	// We answer, and she sees it when she loads the page again.
	anna := d.client("anna")
	task, err := anna.Claim(t.Context(), "network", 10*time.Second, "")
	if err != nil || task == nil {
		t.Fatalf("claim: %v, %v", task, err)
	}
	if task.Messages[0].Text != question || len(task.Messages[0].Attachments) != 1 || task.Name != "Anna <i>de Vries</i>" {
		t.Errorf("the agent sees %+v", task.Messages[0])
	}
	b.reload(200)
	b.matter("^Somebody is looking at your message now\\.")
	const answer = "<img src=x onerror=alert(1)> A mast is down: back at 18:00 🙂, see https://status.example.org/a?b=c&d.\n\nמצטערים"
	if _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: answer}); err != nil {
		t.Fatal(err)
	}
	d.await("the answer on the customer's page", func() bool {
		b.reload(200)
		return b.count(".ours") == 1
	})
	b.expect(".ours .text", answer)
	b.matter("^We have answered\\. If anything is left, write back below\\.$")
	if got := b.property(".ours .text a", "href"); got != "https://status.example.org/a?b=c&d" {
		t.Errorf("the address in the answer leads to %s", got)
	}
	b.axe()
	b.expect(".ours .who", "Customer service "+b.read(".ours time"))

	// She writes back: first nothing but a file, then something with it, which comes to the same task once, however often it is loaded.
	b.fill("#text", " \n ")
	b.choose("#attachments", file)
	b.follow("form button", 422)
	b.expect("#problem", "Write your message here.")
	b.expect(".problems p:last-child", "Please choose your files again: a browser does not keep them.")
	b.axe()
	b.fill("#text", "Thanks! </textarea><script>alert(2)</script>")
	b.choose("#attachments", file)
	b.follow("form button", 200)
	b.expect("#sent", "Your message has been sent. It may take a moment to show here.")
	d.settled()
	b.reload(200)
	b.expect(".said li:nth-child(3) .text", "Thanks! </textarea><script>alert(2)</script>")
	b.expect(".said > li:nth-child(3) .files a", filepath.Base(file))
	if got := d.get(b.property(".said > li:nth-child(3) .files a", "href")); got != "signal: none\n" {
		t.Errorf("the file that she wrote back with is now %q", got)
	}
	b.expectNone(".said > li:nth-child(4)")
	b.matter("^We have your message\\. We answer ")
	now, err := anna.Task(t.Context(), task.ID)
	if err != nil || len(now.Messages) != 3 || now.State != "queued" {
		t.Fatalf("the task is %+v, %v; want it queued with three messages", now, err)
	}
	if files := now.Messages[2].Attachments; len(files) != 1 || files[0].Name != filepath.Base(file) || files[0].Size != 13 {
		t.Errorf("the agent sees the files %+v of what she wrote back", files)
	}
	if all := d.tasks("network"); len(all) != 1 {
		t.Errorf("%d tasks, want one", len(all))
	}
	b.expectNone("script:not([src]), .said img, .said b, h1 script")
	b.quiet()
	d.healthy()
}

// matter expects that the customer's page tells how their matter stands.
func (b *browser) matter(want string) {
	b.tb.Helper()
	if got := b.read("#state"); !regexp.MustCompile(want).MatchString(got) {
		b.tb.Errorf("the matter stands as %q, want %s", got, want)
	}
}

// The pages fit the width of a phone, whatever is written on them, and look as the organisation's do. With LOKET_SCREENSHOTS=DIR it
// leaves their pictures there.
func TestPagesFitAPhone(t *testing.T) {
	t.Parallel()
	logo := filepath.Join(t.TempDir(), "logo.svg")
	const picture = `<svg xmlns="http://www.w3.org/2000/svg" width="240" height="48"><script>alert(1)</script><rect width="48" height="48" rx="10" fill="#7a1f5c"/>` +
		`<text x="60" y="33" font-size="24" font-family="sans-serif" fill="#7a1f5c">Voorbeeld</text></svg>`
	if err := os.WriteFile(logo, []byte(picture), 0o600); err != nil {
		t.Fatal(err)
	}
	d := newDaemon(t, fmt.Sprintf(standard, embedded)+fmt.Sprintf("\norganisation: {name: Voorbeeld, logo: %q, colour: \"#7a1f5c\"}\n", logo)).start()
	b := newBrowser(t)
	b.open(d.public+"/in/website/?lang=en", 200)
	b.fits()
	b.axe()
	if got := b.property(".organisation img", "alt"); got != "Voorbeeld" {
		t.Errorf("the logo is %q for those who do not see it", got)
	}
	if wide := ask(b, "img", chromedp.JavascriptAttribute[int](chromedp.CSS(".organisation img"), "naturalWidth")); wide != 240 {
		t.Errorf("the logo is %d wide, want 240: it is not shown", wide)
	}
	b.fill("#name", "Anna de Vries")
	b.fill("#email", "anna@example.org")
	b.fill("#phone", "06 1234 5678")
	b.fill("#subject", "No signal in Utrecht")
	b.fill("#text", "Since this morning I have no signal at home, in the centre of Utrecht. Outside it is one bar at most. "+
		"I have switched the phone off and on again.\n\nIs something wrong, and how long will it take?")
	b.picture("form.png")
	b.follow("button", 202)
	b.fits()
	d.settled()
	anna := d.client("anna")
	task, err := anna.Claim(t.Context(), "network", 10*time.Second, "")
	if err != nil || task == nil {
		t.Fatalf("claim: %v, %v", task, err)
	}
	if _, err := anna.Reply(t.Context(), task.ID, api.Answer{Text: "Good morning Anna,\n\nA mast near the Domplein is out of order, " +
		"and our people are on the spot. We expect it back before 18:00 today; until then calls over wifi work.\n\nSorry for the trouble. Joris"}); err != nil {
		t.Fatal(err)
	}
	b.follow("a.button", 200)
	b.fill("#text", "Thank you, calls over wifi work. I shall look again at six.")
	b.follow("form button", 200)
	d.settled()
	d.await("the answer on the customer's page", func() bool {
		b.follow(`#refresh`, 200) // look for new messages
		return b.count(".ours") == 1 && b.count(".said li") == 3
	})
	b.fits()
	b.expect(".ours .who", "Voorbeeld "+b.read(".ours time"))
	b.axe()
	b.picture("thread.png")
	page := ask(b, "location", chromedp.Location())

	// The same conversation as those who answer see it.
	b.resize(1440, 900)
	b.open(d.beginLink(), 200)
	b.fill("#name", "joris")
	b.fill("#password", "correct horse battery")
	b.follow("main form button", 200)
	b.follow(`.bar button[lang="en"]`, 200)
	b.open(d.desk+"/tasks/"+task.Number, 200)
	b.fits()
	b.picture("desk.png")
	b.resize(phoneWidth, phoneHeight)
	b.open(page, 200)

	b.fill("#text", strings.Repeat("Donaudampfschifffahrt", 40)+" https://example.org/?"+strings.Repeat("x", 400))
	b.follow("form button", 200)
	d.settled()
	b.reload(200)
	b.expectNone(".said li:nth-child(5)")
	b.fits()
	b.open(d.public+"/t/nothing?lang=nl", 404)
	b.fits()
	b.quiet()
}
