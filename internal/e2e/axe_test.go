package e2e_test

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axeScript is axe-core 4.14.1 (MPL-2.0, see testdata/axe), for the tests alone: it looks for what keeps people with a disability out.
//
//go:embed testdata/axe/axe.min.js
var axeScript string

// axeRun looks at the whole page by some rules, and gives what breaks them.
const axeRun = `axe.run(document, {runOnly: %s, resultTypes: ["violations"]})
	.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + " (" + v.help + "): " + n.target.join(" ") + ": " + n.html.slice(0, 200))))`

// The rules of WCAG 2.2 A and AA and axe's best practices; in dark those about colours, which are all that differs there.
var axeRules = []struct{ scheme, rules string }{
	{"light", `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`},
	{"dark", `{type: "rule", values: ["color-contrast", "link-in-text-block"]}`},
}

// axe expects that the page as it stands keeps nobody out, in light and in dark. It changes nothing of the page.
func (b *browser) axe() {
	b.tb.Helper()
	at := ask(b, "location", chromedp.Location())
	if b.scriptless { // the page still runs none: it was loaded without
		b.scripts(true)
		defer b.scripts(false)
	}
	ctx, cancel := context.WithTimeout(b.ctx, 3*time.Minute) // figures have many cells, and a busy machine is slow
	defer cancel()
	if !ask(b, "axe", chromedp.Evaluate[bool](`"axe" in window`)) {
		ask(b, "axe", chromedp.Evaluate[any](axeScript+"\n;null"))
	}
	for _, run := range axeRules {
		b.scheme(run.scheme)
		broken, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](fmt.Sprintf(axeRun, run.rules), chromedp.EvalAwaitPromise))
		if err != nil {
			b.tb.Fatalf("axe at %s: %v", at, err)
		}
		if len(broken) > 0 {
			b.tb.Errorf("%s in %s keeps people out:\n  %s", at, run.scheme, strings.Join(broken, "\n  "))
		}
	}
	b.scheme("")
}

// scheme has pages think that the person prefers light or dark; "" is whatever the browser does by itself.
func (b *browser) scheme(scheme string) {
	b.tb.Helper()
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, media); err != nil {
		b.tb.Fatal(fmt.Errorf("prefer %s: %w", scheme, err))
	}
}
