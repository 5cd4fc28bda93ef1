package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
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

// How wide and high the pages are shown.
const phoneWidth, phoneHeight = 390, 844

// A browser is a window of a real Chromium, Dutch, of the size of a phone.
type browser struct {
	tb         testing.TB
	ctx        context.Context
	scriptless bool    // pages run no scripts
	width      float64 // of the window

	mu       sync.Mutex
	complain []string
}

// newBrowser starts one in which pages run no scripts.
func newBrowser(tb testing.TB) *browser {
	tb.Helper()
	b := newScriptedBrowser(tb)
	b.scripts(false)
	b.do(chromedp.Navigate(`data:text/html,<p id="p">without</p><script>document.getElementById("p").textContent = "with"</script>`))
	b.expect("#p", "without")
	return b
}

// strangersName leads the tests' browsers to this machine, as somebody else's: pictures of mails from loopback addresses are never shown.
const strangersName = "stranger.example"

// chromium is the program that all browsers of the tests are windows of, each with cookies and storage of its own: it is started once, as its
// start costs more than most tests. It ends with the tests.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := exec.LookPath("chromium-headless-shell") // the same without a window of its own: half the work
	if err != nil {
		path, err = exec.LookPath("chromium")
	}
	if err != nil {
		return nil, errors.New("this test drives a real browser: apt-get install chromium-headless-shell, or put it or chromium on the PATH")
	}
	dir, err := os.MkdirTemp("", "loket-chromium")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.UserDataDir(dir),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP "+strangersName+" 127.0.0.1"),
		chromedp.Flag("accept-lang", "nl-NL,nl"), chromedp.WSURLReadTimeout(40*time.Second), chromedp.WindowSize(phoneWidth, phoneHeight))
	ctx, stopped := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closed := chromedp.NewContext(ctx)
	endChromium = func() {
		closed()
		stopped()
		_ = os.RemoveAll(dir)
	}
	if err := chromedp.Do(ctx); err != nil {
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return ctx, nil
})

var endChromium = func() {}

// newScriptedBrowser opens one with nothing of an earlier one; it ends with the test.
func newScriptedBrowser(tb testing.TB) *browser {
	tb.Helper()
	isOfPages(tb)
	ctx, err := chromium()
	if err != nil {
		tb.Fatal(err)
	}
	ctx, ended := context.WithTimeout(ctx, 9*time.Minute) // a busy machine is slow
	ctx, closed := chromedp.NewContext(ctx, chromedp.WithNewBrowserContext())
	tb.Cleanup(func() {
		closed()
		ended()
	})
	b := &browser{tb: tb, ctx: ctx, width: phoneWidth}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		tb.Fatalf("open a window: %v", err)
	}
	if _, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}); err != nil {
		tb.Fatalf("have the window focused beside others: %v", err)
	}
	b.do(chromedp.EmulateViewport(phoneWidth, phoneHeight, chromedp.EmulateMobile, chromedp.EmulateScale(2)))
	return b
}

// scripts has pages run scripts, or not. What is loaded stays as it is.
func (b *browser) scripts(on bool) {
	b.tb.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		b.tb.Fatalf("switch scripts: %v", err)
	}
	b.scriptless = !on
}

// hear notes what the browser complains about: what a policy forbids, scripts, errors. That the server refused a
// post is what the test asked for.
func (b *browser) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork {
			b.complain = append(b.complain, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	case *runtime.EventExceptionThrown:
		b.complain = append(b.complain, fmt.Sprintf("%s: %v", e.ExceptionDetails.URL, e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		said, _ := json.Marshal(e.Args)
		b.complain = append(b.complain, fmt.Sprintf("console.%s: %s", e.Type, said))
	case *page.EventJavascriptDialogOpening:
		b.complain = append(b.complain, fmt.Sprintf("a dialog opened: %s", e.Message))
	case *network.EventLoadingFailed:
		b.complain = append(b.complain, fmt.Sprintf("%s was not loaded: %s %s", e.Type, e.ErrorText, e.BlockedReason))
	}
}

// quiet expects that the browser had nothing to complain about.
func (b *browser) quiet() {
	b.tb.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.Sort(b.complain)
	for _, c := range slices.Compact(b.complain) {
		b.tb.Errorf("the browser complains: %s", c)
	}
}

func (b *browser) do(actions ...chromedp.Action[chromedp.Void]) {
	b.tb.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.tb.Fatal(err)
	}
}

func (b *browser) open(url string, status int64) {
	b.tb.Helper()
	b.arrive(status, chromedp.Navigate(url))
}

func (b *browser) reload(status int64) {
	b.tb.Helper()
	b.arrive(status, chromedp.Reload())
}

// follow clicks a link or a button, and expects the page it leads to with this status; 0 is a place on this page.
func (b *browser) follow(css string, status int64) {
	b.tb.Helper()
	click := chromedp.Click(chromedp.CSS(css))
	if status == 0 {
		b.do(click)
		return
	}
	b.arrive(status, click)
}

func (b *browser) arrive(status int64, by chromedp.Action[chromedp.Void]) {
	b.tb.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	res, err := chromedp.RunResponse(ctx, by)
	if err != nil {
		b.tb.Fatal(err)
	}
	if res.Status != status {
		b.tb.Fatalf("%s answers %d, want %d", res.URL, res.Status, status)
	}
}

func (b *browser) fill(css, text string) {
	b.tb.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(css), text))
}

func (b *browser) choose(css, file string) {
	b.tb.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS(css), []string{file}))
}

// ask gives what an element answers; one that is not there ends the test.
func ask[T any](b *browser, css string, question chromedp.Action[T]) T {
	b.tb.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	got, err := chromedp.Run(ctx, question)
	for err != nil && ctx.Err() == nil && strings.Contains(err.Error(), "No node with given id") { // the page changed under the question
		got, err = chromedp.Run(ctx, question)
	}
	if err != nil {
		b.tb.Fatalf("look for %s: %v", css, err)
	}
	return got
}

func (b *browser) read(css string) string {
	b.tb.Helper()
	return strings.TrimSpace(ask(b, css, chromedp.TextContent(chromedp.CSS(css))))
}

func (b *browser) value(css string) string {
	b.tb.Helper()
	return ask(b, css, chromedp.Value(chromedp.CSS(css)))
}

func (b *browser) attribute(css, name string) string {
	b.tb.Helper()
	return ask(b, css, chromedp.AttributeValue(chromedp.CSS(css), name)).Value
}

func (b *browser) property(css, name string) string {
	b.tb.Helper()
	return ask(b, css, chromedp.JavascriptAttribute[string](chromedp.CSS(css), name))
}

func (b *browser) count(css string) int {
	b.tb.Helper()
	return len(ask(b, css, chromedp.QueryNodeIDs(chromedp.CSSAll(css), chromedp.AtLeast(0))))
}

func (b *browser) expect(css, want string) {
	b.tb.Helper()
	if got := b.read(css); got != want {
		b.tb.Errorf("%s says %q, want %q", css, got, want)
	}
}

func (b *browser) expectNone(css string) {
	b.tb.Helper()
	if n := b.count(css); n > 0 {
		b.tb.Errorf("%d of %s on the page, want none", n, css)
	}
}

// resize gives the window another width and height, as on a desk.
func (b *browser) resize(width, height int64) {
	b.tb.Helper()
	b.do(chromedp.EmulateViewport(width, height))
	b.width = float64(width)
}

// fits expects that nobody has to scroll sideways.
func (b *browser) fits() {
	b.tb.Helper()
	layout, err := chromedp.Call(b.ctx, page.GetLayoutMetrics, cdp.Empty{})
	if err != nil {
		b.tb.Fatal(err)
	}
	if got := layout.CSSContentSize.Width; got > b.width {
		at, _ := chromedp.Run(b.ctx, chromedp.Location())
		b.tb.Errorf("%s is %v wide, want at most %v", at, got, b.width)
	}
}

// picture leaves the whole page in the directory that LOKET_SCREENSHOTS names, if it names one.
func (b *browser) picture(name string) {
	b.tb.Helper()
	dir := os.Getenv("LOKET_SCREENSHOTS")
	if dir == "" {
		return
	}
	whole, err := png.Decode(bytes.NewReader(ask(b, name, chromedp.FullScreenshot(100))))
	if err != nil {
		b.tb.Fatal(err)
	}
	small := image.NewPaletted(whole.Bounds(), commonest(whole, 256))
	draw.Draw(small, small.Bounds(), whole, whole.Bounds().Min, draw.Src)
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&file, small); err != nil {
		b.tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), file.Bytes(), 0o644); err != nil {
		b.tb.Fatal(err)
	}
}

// commonest is the n colours that a picture has most of: text needs no more, and a third of the bytes.
func commonest(m image.Image, n int) color.Palette {
	count := map[color.Color]int{}
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			count[m.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return count[b] - count[a] })
	return colours[:min(n, len(colours))]
}
