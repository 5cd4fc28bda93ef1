package email

import "testing"

// both is a mail with the same as plain text and as HTML.
func both(text, html string) string {
	return "From: Kate Jansen <kate@example.com>\nTo: help@example.org\nSubject: Re: Lamp\nMessage-ID: <said@example.com>\n" +
		"Date: Sun, 22 Nov 2026 10:29:00 +0100\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n\n" +
		"--b\nContent-Type: text/plain; charset=utf-8\n\n" + text + "\n--b\nContent-Type: text/html; charset=utf-8\n\n" + html + "\n--b--\n"
}

func TestWhatIsSaidNowIsTheTextOfTheMessage(t *testing.T) {
	const gmail = `<div class="gmail_quote"><div class="gmail_attr">Op di 3 nov 2026 om 10:12 schreef Balie &lt;help@example.org&gt;:<br></div>` +
		`<blockquote class="gmail_quote">Doet de lamp het?</blockquote></div>`
	for _, c := range []struct{ name, text, html, said string }{
		{
			"what somebody quotes with a button stays",
			"In uw brief lees ik\n\n> De klant betaalt niets.\n", `<div>In uw brief lees ik</div><blockquote class="gmail_quote">De klant betaalt niets.</blockquote>`,
			"In uw brief lees ik\n\n> De klant betaalt niets.",
		},
		{
			"a long passage stays too",
			"In uw brief lees ik:\n\n> Een\n> Twee\n> Drie\n> Vier\n> Vijf\n> Zes\n",
			`<div>In uw brief lees ik:</div><blockquote class="gmail_quote"><div>Een</div><div>Twee</div><div>Drie</div><div>Vier</div><div>Vijf</div><div>Zes</div></blockquote>`,
			"In uw brief lees ik:\n\n> Een\n> Twee\n> Drie\n> Vier\n> Vijf\n> Zes",
		},
		{
			"one word", "Ja\n\nOp di 3 nov 2026 om 10:12 schreef Balie <help@example.org\n>:\n\n> Doet de lamp het?\n", "<div>Ja</div>" + gmail, "Ja",
		},
		{
			"a quote that only the HTML shows", "Ja, dank u.\n\nBalie:\nDoet de lamp het?\n", "<div>Ja, dank u.</div>" + gmail, "Ja, dank u.",
		},
		{
			"only HTML", "", "<div>Ja</div>" + gmail, "Ja",
		},
		{
			"Apple's without a blank line",
			"Ja.\n> Op 3 nov. 2026, om 10:12 heeft Balie <help@example.org> het volgende geschreven:\n> \n> Doet de lamp het?\n",
			`Ja.<blockquote type="cite"><div>Op 3 nov. 2026, om 10:12 heeft Balie &lt;help@example.org&gt; het volgende geschreven:</div><div>Doet de lamp het?</div></blockquote>`,
			"Ja.",
		},
	} {
		if got := newReader().read(letter(both(c.text, c.html))).Message.Text; got != c.said {
			t.Errorf("%s: text = %q, want %q", c.name, got, c.said)
		}
	}
}
