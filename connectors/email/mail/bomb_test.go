package mail

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

const head = "From: jan@example.nl\r\nSubject: Bom\r\nMIME-Version: 1.0\r\n"

// bombs are mails that grow with n. What costs the square of its length would not come to an end here.
var bombs = []struct {
	name    string
	n       int
	make    func(n int) string
	problem string
}{
	{"multiparts within each other", 3000, nested, tooDeep},
	{"parts", 20000, func(n int) string {
		return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nhoi\r\n", n) + "--b--\r\n"
	}, tooManyParts},
	{"parts, each a multipart", 20000, func(n int) string {
		return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n", n)
	}, tooManyParts},
	{"boundaries", 150000, func(n int) string {
		return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n", n)
	}, tooManyParts},
	{"boundaries that are none", 150000, func(n int) string {
		return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b--b", n) + "\r\n--b\r\n\r\nhoi\r\n--b--"
	}, ""},
	{"boundaries within boundaries that are none", 6 << 20, func(n int) string { return layers(20) + strings.Repeat("--b\n--b1x\n", n/10) }, textTooLong},
	{"HTML within layers of text", 6 << 20, func(n int) string {
		return layers(20) + "Content-Type: text/html\r\n\r\n" + strings.Repeat("\x80<p>", n/4)
	}, textTooLong},
	{"header fields", 18 << 20, func(n int) string { return head + strings.Repeat("X-Veld: waarde\r\n", n/16) + "\r\nhoi" }, headerTooLong},
	{"fields of three bytes", 6 << 20, func(n int) string { return strings.Repeat("a:\n", n/3) + "\nhoi" }, headerTooLong},
	{"folded lines", 6 << 20, func(n int) string { return head + "X-Veld: a\r\n" + strings.Repeat(" b\r\n", n/4) + "\r\nhoi" }, headerTooLong},
	{"one header line", 6 << 20, func(n int) string { return head + "X-Veld: " + strings.Repeat("a", n) + "\r\n\r\nhoi" }, headerTooLong},
	{"lines that are no field", 250 << 10, func(n int) string { return head + strings.Repeat("a b\n", n/4) + "X: y\n\nhoi" }, headerBroken},
	{"headers of parts", 6 << 20, func(n int) string {
		return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
			strings.Repeat("--b\r\n"+strings.Repeat("a:\n", 80000)+"\nhoi\n", n/240000)
	}, ""},
	{"parameters", 250 << 10, func(n int) string {
		return head + "Content-Type: text/plain" + strings.Repeat(";a*1=b", n/6) + "\n\nhoi"
	}, ""},
	{"encoded words", 250 << 10, func(n int) string {
		return head + "Subject: " + strings.Repeat("=?utf-8?B?w6k=?= =?gb2312?Q?a?= ", n/32) + "\n\nhoi"
	}, ""},
	{"encoded words not closed", 250 << 10, func(n int) string { return head + "Subject: " + strings.Repeat("=?a?q?x", n/7) + "\n\nhoi" }, ""},
	{"addresses", 250 << 10, func(n int) string { return "To: " + strings.Repeat("a@b,", n/4) + "\n\nhoi" }, tooManyAddresses},
	{"angle brackets", 250 << 10, func(n int) string { return "From: " + strings.Repeat("<", n) + "\n\nhoi" }, ""},
	{"brackets and at signs", 250 << 10, func(n int) string { return "From: " + strings.Repeat("<a@", n/3) + "\n\nhoi" }, ""},
	{"quotes", 250 << 10, func(n int) string { return "From: " + strings.Repeat(` "\`, n/3) + "@\n\nhoi" }, ""},
	{"parentheses", 250 << 10, func(n int) string { return "From: " + strings.Repeat("((a@b)", n/6) + "\n\nhoi" }, ""},
	{"colons", 250 << 10, func(n int) string { return "From: " + strings.Repeat("a:", n/2) + ";\n\nhoi" }, ""},
	{"ids", 250 << 10, func(n int) string { return head + "References: " + ids(n/10) + "\n\nhoi" }, ""},
	{"base64", 30 << 20, func(n int) string {
		return head + "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat(strings.Repeat("QUJD", 19)+"\r\n", n/78)
	}, ""},
	{"broken base64", 30 << 20, func(n int) string {
		return head + "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("Q=U!JD", n/6)
	}, base64Broken},
	{"quoted-printable", 6 << 20, func(n int) string {
		return head + "Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=80", n/3)
	}, textTooLong},
	{"text", 6 << 20, func(n int) string { return head + "\n" + strings.Repeat("\x80\r", n/2) }, textTooLong},
	{"flowed text", 6 << 20, func(n int) string {
		return head + "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat("> a \n", n/5)
	}, textTooLong},
	{"HTML in many parts", 6 << 20, func(n int) string {
		return head + "Content-Type: multipart/mixed; boundary=b\n\n" +
			strings.Repeat("--b\nContent-Type: text/html\n\n"+strings.Repeat("<a>\x80cid:", 20000)+"\n", n/200000)
	}, textTooLong},
	{"tags", 4 << 20, func(n int) string { return head + "Content-Type: text/html\n\n" + strings.Repeat("<>", n/2) }, ""},
	{"old line ends", 6 << 20, func(n int) string { return strings.ReplaceAll(head, "\r\n", "\r") + strings.Repeat("\r", n) }, ""},
}

func nested(n int) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("\r\nhoi\r\n")
	for i := n - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return b.String()
}

// layers opens n multiparts within each other, each with a text before the next.
func layers(n int) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range n {
		kind := []string{"mixed", "alternative"}[i%2]
		fmt.Fprintf(&b, "Content-Type: multipart/%s; boundary=b%d\r\n\r\n--b%d\r\n\r\nhoi\r\n--b%d\r\n", kind, i, i, i)
	}
	return b.String()
}

func ids(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<%06x@a> ", i)
	}
	return b.String()
}

func TestBombsStayWithinMemory(t *testing.T) {
	for _, bomb := range bombs {
		t.Run(bomb.name, func(t *testing.T) {
			raw := []byte(bomb.make(bomb.n))
			m, allocated := readMeasured(raw)
			checkMail(t, m, DefaultLimits())
			if allocated > pools*100<<20 {
				t.Errorf("Read of %d bytes allocated %d MB, want at most 100", len(raw), allocated>>20)
			}
			if bomb.problem != "" && !strings.Contains(strings.Join(m.Problems, "\n"), bomb.problem) {
				t.Errorf("Problems = %q, want %q", m.Problems, bomb.problem)
			}
			_, half := readMeasured([]byte(bomb.make(bomb.n / 2)))
			if allocated > 3*half+1<<20 {
				t.Errorf("twice as long allocated %d KB after %d KB: more than in proportion", allocated>>10, half>>10)
			}
		})
	}
}

// readMeasured gives the bytes that Read allocated, freed ones included.
func readMeasured(raw []byte) (*Mail, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	m := Read(raw, DefaultLimits())
	runtime.ReadMemStats(&after)
	return m, after.TotalAlloc - before.TotalAlloc
}

func TestLimitsAreKept(t *testing.T) {
	raw := []byte(head + "To: a@example.nl, b@example.nl, c@example.nl\r\nX-Lang: " + strings.Repeat("x", 300) + "\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nDit is de tekst van de mail.\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>Dit is de tekst.</p>\r\n" +
		"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: image/png\r\n\r\n12345678901234567890\r\n--c--\r\n" +
		"--b\r\nContent-Type: image/gif\r\n\r\n12345678901234567890\r\n--b--\r\n")
	for _, c := range []struct {
		name    string
		limits  Limits
		problem string
		check   func(*Mail) bool
	}{
		{"none reached", Limits{}, "", func(m *Mail) bool { return len(m.Parts) == 2 && len(m.To) == 3 && !m.Lost }},
		{"depth", Limits{Depth: 1}, tooDeep, func(m *Mail) bool { return m.Parts[0].Type == "multipart/mixed" }},
		{"parts", Limits{Parts: 2}, tooManyParts, func(m *Mail) bool { return len(m.Parts) == 0 && m.HTML != "" }},
		{"header", Limits{Header: 250}, headerTooLong, func(m *Mail) bool { return !m.Header.Has("X-Lang") && m.Subject == "Bom" }},
		{"decoded", Limits{Decoded: 80}, tooLarge, func(m *Mail) bool { return len(m.Parts[1].Data) < 20 }},
		{"text", Limits{Text: 10}, textTooLong, func(m *Mail) bool { return strings.Contains(m.HTML, "<pre>Dit is de </pre>") }},
		{"HTML", Limits{HTML: 30}, textTooLong, func(m *Mail) bool { return len(m.HTML) == 30 }},
		{"addresses", Limits{Addresses: 2}, tooManyAddresses, func(m *Mail) bool { return len(m.To) == 2 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := Read(raw, c.limits)
			checkMail(t, m, c.limits.orDefaults())
			if !c.check(m) {
				t.Errorf("Read gave %+v", m)
			}
			if m.Lost != (c.problem != "") || c.problem != "" && !strings.Contains(strings.Join(m.Problems, "\n"), c.problem) {
				t.Errorf("Problems = %q, Lost = %t, want %q", m.Problems, m.Lost, c.problem)
			}
		})
	}
}
