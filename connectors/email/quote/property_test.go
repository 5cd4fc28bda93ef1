package quote

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"loket/internal/proptest"
)

// pieces are lines that mean something to the classifier, and some that do not.
var pieces = []string{
	"", "", " ", "Ja", "Geen beeld.", "Met vriendelijke groet,", "12345", "In uw brief staat:", "> quoted", ">> nested", ">", " > quoted",
	"> Op di 3 nov 2026 om 10:12 schreef Jan <jan@klant.example>:", "Op di 3 nov 2026 om 10:12 schreef Jan <jan@klant.example>:",
	"Op di 3 nov 2026 om 10:12 schreef Jan <", "jan@klant.example>:", "On 3 Nov 2026, at 10:12, John wrote:", "wrote:", "On Monday I wrote:",
	"-----Original Message-----", "-----Oorspronkelijk bericht-----", "---------- Forwarded message ---------",
	"Begin doorgestuurd bericht:", "> Begin forwarded message:", "________________________________", "Van: Jan <jan@klant.example>",
	"Verzonden: dinsdag 3 november 2026 10:12", "Aan: Service", "Onderwerp: Storing", "From: Amsterdam", "To: Paris", "*From:* x@y.example",
	"-- ", "--", "-- ", "—", "Verzonden vanaf mijn iPhone", "Sent from my iPad", "\u00a0", "👍", "\tcode", "\r", "Subject:", "Date: 2026",
	"Dit staat in uw brief:", ">:", "> wrote:", "---- Jan schreef ----", "2026/11/3 Jan <jan@klant.example>", "Jan schreef:",
	">>> Jan 3-11-2026 10:12 >>>", "Ja. On Tue, Nov 3, 2026 at 10:12 AM Jan <jan@klant.example> wrote:", "> " + strings.Repeat("woord ", 13) + "en", "nog een stukje", "Groeten, Jan",
}

func texts() *rapid.Generator[string] {
	line := rapid.OneOf(rapid.SampledFrom(pieces), rapid.SampledFrom(pieces), rapid.SampledFrom(pieces), rapid.String())
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(line, 0, 40).Draw(t, "lines"), rapid.SampledFrom([]string{"\n", "\n", "\r\n", "\n\n"}).Draw(t, "end"))
	})
}

// tagged are pieces of mark-up that mean something to the reader.
var tagged = []string{
	"<div>", "</div>", "<p>", "</p>", "<br>", "<blockquote>", `<blockquote type="cite">`, "</blockquote>", `<div class="gmail_quote">`,
	`<div class="gmail_attr">`, `<div class="gmail_signature">`, `<div id="divRplyFwdMsg">`, `<div id="appendonsend"></div>`, "<hr>",
	`<span class="moz-cite-prefix">`, "</span>", `<span style="display:none">`, `<div style="font-size:0">`, "<ul>", "<li>", "</ul>", "<ol>", "</ol>",
	"<table>", "<tr>", "<td>", "</td>", "</table>", "<pre>", "</pre>", `<a href="https://x.example/">`, "</a>", `<img alt="beeld">`, "<script>", "</script>",
	"<!--", "-->", "&nbsp;", "&amp;", "<title>", `<div id="isForwardContent">`, `<div name="quote">`, "text", " text ", "\n", "-- ", "> text",
}

func pages() *rapid.Generator[string] {
	piece := rapid.OneOf(rapid.SampledFrom(tagged), rapid.SampledFrom(tagged), rapid.SampledFrom(pieces), rapid.String())
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(piece, 0, 60).Draw(t, "pieces"), "")
	})
}

// checkStrip is what holds for every text.
func checkStrip(t interface {
	Fatalf(format string, args ...any)
}, text string,
) {
	said := Strip(text)
	whole := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	if !subsequence(said, whole) {
		t.Fatalf("Strip(%q) = %q has lines that were not there", text, said)
	}
	if again := Strip(said); again != said {
		t.Fatalf("Strip(%q) = %q, and of that %q", text, said, again)
	}
	if strings.ContainsFunc(text, visible) && !strings.ContainsFunc(said, visible) {
		t.Fatalf("Strip(%q) = %q, nothing of it can be seen", text, said)
	}
	if strings.ContainsFunc(text, says) && !strings.ContainsFunc(said, says) {
		t.Fatalf("Strip(%q) = %q, nothing of it says anything", text, said)
	}
}

func checkFromHTML(t interface {
	Fatalf(format string, args ...any)
}, source string,
) {
	whole, said := FromHTML(source)
	if !subsequence(said, whole) {
		t.Fatalf("FromHTML(%q): said %q has lines that are not in %q", source, said, whole)
	}
	if strings.ContainsFunc(whole, visible) && !strings.ContainsFunc(said, visible) {
		t.Fatalf("FromHTML(%q): nothing said of %q", source, whole)
	}
	if !utf8.ValidString(whole) {
		t.Fatalf("FromHTML(%q) = %q, not valid UTF-8", source, whole)
	}
	if i := strings.IndexFunc(whole, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0x7f }); i >= 0 {
		t.Fatalf("FromHTML(%q) = %q, with a control character at %d", source, whole, i)
	}
}

// subsequence tells whether the lines of part are lines of whole, in their order, or the beginning of those in which an
// attribution stands.
func subsequence(part, whole string) bool {
	if part == "" {
		return true
	}
	rest := strings.Split(whole, "\n")
	for l := range strings.SplitSeq(part, "\n") {
		for len(rest) > 0 && rest[0] != l {
			if end, ok := strings.CutPrefix(rest[0], l); ok && strings.Contains(end, "@") {
				break
			}
			rest = rest[1:]
		}
		if len(rest) == 0 {
			return false
		}
		rest = rest[1:]
	}
	return true
}

func TestWhatIsSaidIsPartOfTheWhole(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) { checkStrip(t, texts().Draw(t, "text")) })
}

func TestWhatIsSaidInHTMLIsPartOfTheWhole(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) { checkFromHTML(t, pages().Draw(t, "source")) })
}

func TestAnswerAboveAQuoteIsWhatIsSaid(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z]{3,12}( [a-z]{1,9}){0,5}\.`)
		answer := strings.Join(rapid.SliceOfN(word, 1, 5).Draw(t, "answer"), "\n")
		original := strings.Join(rapid.SliceOfN(word, 1, 20).Draw(t, "original"), "\n")
		attribution := rapid.SampledFrom([]string{
			"Op 3 nov 2026 om 10:12 schreef Loket <help@loket.example>:", "On 3 Nov 2026 at 10:12 Loket <help@loket.example> wrote:",
		}).Draw(t, "attribution")
		if got := Strip(answer + "\n\n" + Quote(original, attribution)); got != answer {
			t.Fatalf("Strip = %q, want %q", got, answer)
		}
	})
}

func FuzzStrip(f *testing.F) {
	for _, s := range samples(f, "text-*.txt") {
		f.Add(s.in)
	}
	f.Fuzz(func(t *testing.T, text string) { checkStrip(t, text) })
}

func FuzzFromHTML(f *testing.F) {
	for _, s := range samples(f, "html-*.txt") {
		f.Add(s.in)
	}
	f.Fuzz(func(t *testing.T, source string) { checkFromHTML(t, source) })
}

func FuzzSubject(f *testing.F) {
	f.Add("Re[2]: Fwd: Antw: 回复： x")
	f.Fuzz(func(t *testing.T, s string) {
		got := Subject(s)
		if again := Subject(got); again != got {
			t.Fatalf("Subject(%q) = %q, and of that %q", s, got, again)
		}
		IsForward(s, s)
	})
}
