package quote

import (
	"runtime"
	"strings"
	"testing"
)

// hostile are texts of about n bytes that would cost a careless reader more than their length.
func hostile(n int) map[string]string {
	rep := func(s string) string { return strings.Repeat(s, n/len(s)+1) }
	return map[string]string{
		"greater-thans":     rep(">"),
		"quoted lines":      rep("> x\n"),
		"one long line":     rep("x"),
		"long lines":        rep(strings.Repeat("a b: ", 120) + "\n"),
		"blank lines":       rep("\n"),
		"attributions":      rep("Op 3 nov 2026 om 10:12 schreef Jan <jan@klant.example>:\n"),
		"half attributions": rep("Op 3 nov 2026 om 10:12 schreef Jan\n"),
		"colons":            rep("On On On On On wrote on :\n"),
		"near misses":       rep("On 1@2 wrote on Am 3 schrieb Le 4 :\n"),
		"header keys":       rep("From: a@b.example\n"),
		"header keys, kept": rep("To: a\nSubject: b\n"),
		"delimiters":        rep("x\n\n-- \ny\n"),
		"bare delimiters":   rep("x\n\n--\ny\n"),
		"telephones":        rep("Sent from my iPhone\n"),
		"rules":             rep("________________\n\n"),
		"answers":           rep("> vraag\nantwoord\n"),
		"spaces":            rep(" "),
		"forwards":          rep("Begin forwarded message:\n"),
		"separators":        rep("Ja\n-----Original Message-----\n"),
		"alternating":       rep("Sent from my iPhone\n\n> x\n>> y\n\n-- \nz\n\n"),
		"behind words":      rep("x " + strings.Repeat("On ", 140) + "3 Nov 2026 at 10:12 jan@klant.example wrote\n"),
		"behind words, you": rep("x " + strings.Repeat("On ", 140) + "3 Nov 2026 at 10:12 jan@klant.example you wrote:\n"),
		"capitals":          rep("Sent from my A B C D E F G H I J K L M N O P Q R S T U V W X Y Z iPhone A B\n"),
	}
}

func hostileHTML(n int) map[string]string {
	rep := func(s string) string { return strings.Repeat(s, n/len(s)+1) }
	return map[string]string{
		"divs":             rep("<div>"),
		"blockquotes":      rep("<blockquote>x"),
		"cited":            rep(`<blockquote type="cite">x<br>`),
		"gmail quotes":     rep(`<div class="gmail_quote">x<blockquote>y</blockquote>`),
		"flat quotes":      `<div class="gmail_quote">` + strings.Repeat("<div>", 200) + rep("<blockquote>y</blockquote>z"),
		"end tags":         strings.Repeat("<span>", 250) + rep("</div>"),
		"deep end tags":    "<div>" + strings.Repeat("<span>", 250) + rep("</div><div>"),
		"tables":           rep("<table><tr><td>x"),
		"cells":            "<table><tr>" + rep("<td>x"),
		"rows":             "<table>" + rep("<tr><td>x<td>y"),
		"lists":            rep("<ul><li>x"),
		"items":            "<ol>" + rep("<li>x"),
		"links":            rep(`<a href="https://x.example/">x`),
		"one open link":    `<a href="https://x.example/">` + rep("x <b>y</b>"),
		"attributes":       "<div " + rep("a=b ") + ">x",
		"style":            `<div style="` + rep("display:none;") + `">x`,
		"styles":           rep(`<p style="margin:0;font-size:0">`),
		"breaks":           rep("<br>"),
		"comments":         rep("<!-- x -->"),
		"open comment":     "<!--" + rep("-"),
		"open tag":         rep("<"),
		"half tags":        rep("<a "),
		"entities":         rep("&#x41;"),
		"half entities":    rep("&notit"),
		"fillers":          rep("<div>&nbsp;</div>"),
		"unknown tags":     rep("<x-y>"),
		"script in script": rep("<script><!--<script>"),
		"paragraphs":       rep("<p>x"),
		"formats":          rep("<b><i>x"),
		"forwards":         rep(`<div class="gmail_quote">Begin forwarded message:</div>`),
		"classes":          `<div class="` + rep("x ") + `">x`,
	}
}

// allocated is what f allocates, in bytes: it grows as the work does, and a busy machine doesn't change it.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A line may be looked at in many ways, but each of them once.
func TestCostOfALineIsBounded(t *testing.T) {
	const most = 500 // bytes for each of the text
	for name, s := range hostile(8 << 10) {
		if n := allocated(func() { Strip(s) }); n > pools*uint64(most*len(s))+1<<18 {
			t.Errorf("%s: %d bytes for %d", name, n, len(s))
		}
	}
}

func TestCostGrowsWithLength(t *testing.T) {
	const small, factor = 4 << 10, 8
	check := func(name string, small, large string, f func(string)) {
		a, b := allocated(func() { f(small) }), allocated(func() { f(large) })
		if b > 2*factor*a+1<<18 {
			t.Errorf("%s: %d bytes for %d, %d for %d", name, a, len(small), b, len(large))
		}
	}
	large := hostile(factor * small)
	for name, s := range hostile(small) {
		check(name, s, large[name], func(s string) { Strip(s) })
	}
	large = hostileHTML(factor * small)
	for name, s := range hostileHTML(small) {
		check(name, s, large[name], func(s string) { FromHTML(s) })
	}
}

func TestHostileMegabytesAreRead(t *testing.T) {
	const most = pools * 400 << 20 // over the whole run; what is held at a time is far less
	texts, sources := hostile(1_000_000), hostileHTML(1_000_000)
	for _, name := range []string{"greater-thans", "one long line", "blank lines", "near misses", "alternating"} {
		if n := allocated(func() { Strip(texts[name]) }); n > most {
			t.Errorf("%s: %d MB allocated", name, n>>20)
		}
	}
	for _, name := range []string{"blockquotes", "paragraphs", "end tags", "cells"} {
		if n := allocated(func() { FromHTML(sources[name]) }); n > most {
			t.Errorf("%s: %d MB allocated", name, n>>20)
		}
	}
}

func TestDeepNestingIsFlattened(t *testing.T) {
	const deep = 20_000
	whole, _ := FromHTML(strings.Repeat("<blockquote>", deep) + "binnen" + strings.Repeat("</blockquote>", deep) + "<p>buiten</p>")
	want := strings.Repeat("> ", maxQuoted) + "binnen\n\nbuiten"
	if whole != want {
		t.Errorf("FromHTML = %q, want %q", whole, want)
	}
}

func TestTextThatEndsEarlySaysSo(t *testing.T) {
	whole, _ := FromHTML(strings.Repeat("<p>een twee drie", MaxHTML/16))
	if len(whole) > MaxText+100 || !strings.HasSuffix(whole, "\n[…]") {
		t.Errorf("FromHTML gives %d bytes that end in %q", len(whole), whole[len(whole)-20:])
	}
}

func TestTooLongATextIsLeftAlone(t *testing.T) {
	text := strings.Repeat("x\n", MaxText/2) + "-- \nJan"
	if got := Strip(text); got != text {
		t.Errorf("Strip changed a text of %d bytes to %d", len(text), len(got))
	}
}

func BenchmarkStrip(b *testing.B) {
	var all strings.Builder
	for _, s := range samples(b, "text-*.txt") {
		all.WriteString(s.in + "\n")
	}
	mail := "Beste helpdesk,\n\nHet werkt nog niet.\n\nGroet, Jan\n\nOp di 3 nov 2026 om 10:12 schreef Loket <help@loket.example>:\n\n> " +
		strings.Repeat("Wij hebben uw melding ontvangen en kijken ernaar.\n> ", 60)
	for name, s := range map[string]string{"mail": mail, "corpus": all.String()} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				Strip(s)
			}
		})
	}
	for name, s := range hostile(1_000_000) {
		b.Run("hostile/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Strip(s)
			}
		})
	}
}

func BenchmarkFromHTML(b *testing.B) {
	for _, s := range samples(b, "html-clients.txt") {
		if strings.HasSuffix(s.name, "/outlook desktop") {
			b.Run("outlook", func(b *testing.B) {
				b.SetBytes(int64(len(s.in)))
				b.ReportAllocs()
				for b.Loop() {
					FromHTML(s.in)
				}
			})
		}
	}
	for name, s := range hostileHTML(1_000_000) {
		b.Run("hostile/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				FromHTML(s)
			}
		})
	}
}
