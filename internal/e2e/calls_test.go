package e2e_test

import (
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// choosesCalls has somebody choose all that may call them. The browser is asked for notifications by their click, not before. One without a
// screen shows none and lets nobody allow it, so what a page asks it for is all that can be seen.
func (b *browser) choosesCalls(d *daemon) {
	b.tb.Helper()
	b.open(d.desk+"/myself", 200)
	b.js(`window.asked = 0;
		window.Notification = class {
			static permission = "default";
			static async requestPermission() {
				window.asked++;
				this.permission = "granted";
			}
		}; ""`)
	for _, box := range []string{"call-tasks", "call-answers", "call-mentions", "sound"} {
		b.do(chromedp.Click(chromedp.CSS("input[name=" + box + "]")))
	}
	b.do(chromedp.Click(chromedp.CSS("#notify")))
	b.await("that it shows them", `document.getElementById("may-notify").textContent === "Deze browser laat ze zien." && window.asked === 1`)
	b.follow("main form button", 200)
	if got := b.js(`[...document.querySelectorAll("fieldset input")].filter((i) => i.checked).length`); got != "5" {
		b.tb.Errorf("%s of 5 choices are kept", got)
	}
	b.axe()
}

// looks has the window be in front, or not: a browser without a screen cannot tell.
func (b *browser) looks(does bool) {
	b.tb.Helper()
	b.js(fmt.Sprintf(`window.looks = %v; for (const w of [window, ...window.tabs]) w.dispatchEvent(new Event(window.looks ? "focus" : "blur")); ""`, does))
}

// hearsCalls hears what calls whoever looks at none of the tabs, and gives what expects that they were called by just that since.
func (b *browser) hearsCalls() func(want ...string) {
	b.tb.Helper()
	b.js(`window.told = [];
		for (const w of [window, ...window.tabs]) {
			w.document.hasFocus = () => window.looks;
			w.Notification = class extends EventTarget {
				static permission = "granted";
				constructor(said, options) {
					super();
					window.told.push(said + " " + options.body);
				}
			};
			w.AudioContext = class {
				currentTime = 0;
				constructor() { window.told.push("sound"); }
				close() {}
				createOscillator() { return { frequency: {}, connect: (to) => to, start() {}, stop() {} }; }
				createGain() { return { gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} }, connect: (to) => to }; }
			};
		}; ""`)
	b.looks(false)
	return func(want ...string) {
		b.tb.Helper()
		b.await("a call", fmt.Sprintf("window.told.length >= %d", len(want)))
		got := strings.FieldsFunc(b.js(`window.told.splice(0).join("|")`), func(r rune) bool { return r == '|' })
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			b.tb.Errorf("called by (-want +got):\n%s", diff)
		}
	}
}
