package quote

import (
	"strings"
	"testing"
)

func TestSubjectLosesItsPrefixes(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Storing", "Storing"},
		{"Re: Storing", "Storing"},
		{"RE:RE: Antw:  FW: Storing", "Storing"},
		{"Re[2]: Re (3): Re^4: Storing", "Storing"},
		{"AW: WG: Störung", "Störung"},
		{"Doorst: Betr: Tr: SV: VS: RES: RIF: Odp: Fwd: factuur", "factuur"},
		{"回复：转发: 订单", "订单"},
		{"re : Storing", "Storing"},
		{"Re:", ""},
		{"", ""},
		{"  \tRe:\r\n  Storing  in\t de wijk ", "Storing in de wijk"},
		{"Betreft: factuur", "Betreft: factuur"},
		{"Storing: geen beeld", "Storing: geen beeld"},
		{"Rekening: 12", "Rekening: 12"},
		{"[ticket] Re: Storing", "[ticket] Re: Storing"},
		{"Re[x]: Storing", "Re[x]: Storing"},
		{": Storing", ": Storing"},
		{strings.Repeat("Re: ", 1000) + "x", "x"},
	} {
		if got := Subject(c.in); got != c.want {
			t.Errorf("Subject(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestForwardsAreKnownBySubjectOrText(t *testing.T) {
	const marker = "Ter info\n\n---------- Forwarded message ---------\nVan: x\n"
	for _, c := range []struct {
		name, subject, text string
		want                bool
	}{
		{"nothing", "Storing", "Geen beeld.", false},
		{"FW", "FW: Storing", "Geen beeld.", true},
		{"Doorst", "Doorst: Storing", "Geen beeld.", true},
		{"WG", "WG: Störung", "", true},
		{"TR", "TR: Rappel", "", true},
		{"answer", "Re: Storing", "Geen beeld.", false},
		{"answer to a forward", "Re: Fwd: Storing", "Goed.", false},
		{"text", "Storing", marker, true},
		{"text without marks", "Storing", "Begin doorgestuurd bericht:\n\n> Van: x\n", true},
		{"quoted", "Re: Storing", "Goed.\n\n> " + strings.ReplaceAll(marker, "\n", "\n> "), false},
		{"in the history", "Re: Storing", "Goed.\n\n-----Original Message-----\n" + marker, false},
		{"Lotus", "", "----- Forwarded by Jan Jansen/Loket on 03-11-2026 10:12 -----", true},
		{"a sentence", "", "Het doorgestuurd bericht is weg.", false},
	} {
		if got := IsForward(c.subject, c.text); got != c.want {
			t.Errorf("%s: IsForward = %v, want %v", c.name, got, c.want)
		}
	}
}

func TestQuoteAddsALevel(t *testing.T) {
	const want = "Op 3 nov 2026 om 10:12 schreef Jan <jan@klant.example>:\n> Geen beeld.\n>\n>> Wat ziet u?\n"
	got := Quote("\r\nGeen beeld.\r\n\r\n> Wat ziet u?\r\n\r\n", "Op 3 nov 2026 om 10:12\r\nschreef Jan <jan@klant.example>:")
	if got != want {
		t.Errorf("Quote = %q, want %q", got, want)
	}
	if got := Quote("", ""); got != "" {
		t.Errorf("Quote of nothing = %q", got)
	}
}

func TestQuoteIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"lines": strings.Repeat("x\n", 10_000), "one line": strings.Repeat("x", 1<<20), "quotes": strings.Repeat(">", 1<<20),
		"long lines": strings.Repeat(strings.Repeat("é", 400)+"\n", 1000),
	} {
		got := Quote(text, "Jan:")
		if len(got) > 17<<10 || strings.Count(got, "\n") > 302 || !strings.HasSuffix(got, "> […]\n") {
			t.Errorf("%s: Quote has %d bytes, %d lines, ends in %q", name, len(got), strings.Count(got, "\n"), got[len(got)-10:])
		}
	}
}

func TestWhatQuoteWritesIsStripped(t *testing.T) {
	const answer = "Het doet het weer.\n\nJan"
	for _, attribution := range []string{
		"Op 3 nov 2026 om 10:12 schreef Loket <help@loket.example>:", "On 3 Nov 2026 at 10:12 Loket <help@loket.example> wrote:",
	} {
		if got := Strip(answer + "\n\n" + Quote("Doet het het weer?\n\n> Nee.", attribution)); got != answer {
			t.Errorf("Strip = %q, want %q", got, answer)
		}
	}
}
