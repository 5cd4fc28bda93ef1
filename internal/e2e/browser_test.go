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
)

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
