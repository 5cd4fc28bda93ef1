package send_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors/email/send"
	"loket/internal/message"
)

func letter() *send.Outgoing {
	return &send.Outgoing{
		From:      mail.Address{Name: "Example Support", Address: "help@example.com"},
		To:        []mail.Address{{Name: "Jan", Address: "jan@example.org"}},
		MessageID: ids.MessageID(send.Ref{Thread: thread, Message: message.NewID([]byte("m"))}, "example.com"),
		Subject:   "Invoice", Date: sentAt, Text: "Good day.",
	}
}

func file(name, mediaType, data string) send.File {
	return send.File{Name: name, Type: mediaType, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil }}
}

func compose(t testing.TB, l *send.Outgoing) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := send.Compose(&b, l); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A leaf is one part of a mail as another program reads it.
type leaf struct{ Type, Name, Body string }

// read takes a mail apart with nothing that wrote it.
func read(t testing.TB, raw []byte) (mail.Header, []leaf) {
	t.Helper()
	for _, l := range bytes.SplitAfter(raw, []byte("\n")) {
		if len(l) > 1000 || bytes.ContainsAny(bytes.TrimSuffix(l, []byte("\r\n")), "\r\n") {
			t.Fatalf("line %.60q… of %d bytes: want at most 1,000 with CRLF at the end", l, len(l))
		}
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, leaves(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", m.Body)
}

func leaves(t testing.TB, contentType, encoding, name string, r io.Reader) (all []leaf) {
	t.Helper()
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("Content-Type %q: %v", contentType, err)
	}
	if strings.HasPrefix(mediaType, "multipart/") {
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return all
			}
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, leaves(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.FileName(), p)...)
		}
	}
	switch encoding {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	default:
		t.Fatalf("encoding %q", encoding)
	}
	body, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return []leaf{{mediaType, name, strings.ReplaceAll(string(body), "\r\n", "\n")}}
}

func TestLetterIsReadAsItWasWritten(t *testing.T) {
	l := letter()
	l.From.Name = "Tändstickor, \"B.V.\""
	l.To = append(l.To, mail.Address{Address: `"odd one"@example.org`})
	l.Cc = []mail.Address{{Name: "Piet", Address: "piet@xn--bcher-kva.example"}}
	l.ReplyTo = mail.Address{Name: "Support", Address: "help+tabc@example.com"}
	l.References = []string{"first@example.org", "<second@example.org>"}
	l.Subject = "RE: Antw: Re[2]: [Example] rekening €"
	l.Text = "Beste Jan,\r\n.\nFrom here on: " + strings.Repeat("ë", 300)
	l.HTML = "<html><body><p>Beste Jan</p></body></html>"
	l.Quote = &send.Quote{Attribution: send.Attribution("nl", "Jan", sentAt), Text: "vraag\n> oud\n\n<b>"}
	l.Files = []send.File{
		file(`C:\facturen\rekening november – ë.pdf`, "application/pdf", strings.Repeat("\x00\xff", 1000)),
		file("note.txt", "text/plain; charset=ISO-8859-1", "hi"),
		file("", "message/rfc822", "Subject: x\r\n\r\n"),
	}
	header, parts := read(t, compose(t, l))

	for name, want := range map[string]string{
		"In-Reply-To": "<second@example.org>", "References": "<first@example.org> <second@example.org>",
		"Message-Id": "<" + l.MessageID + ">", "Mime-Version": "1.0", "Date": "Sun, 22 Nov 2026 13:05:00 +0000",
		"Auto-Submitted": "", "Precedence": "", "X-Auto-Response-Suppress": "",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got, _ := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); got != "Re: [Example] rekening €" {
		t.Errorf("Subject = %q", got)
	}
	for name, want := range map[string][]*mail.Address{
		"From":     {{Name: l.From.Name, Address: "help@example.com"}},
		"To":       {{Name: "Jan", Address: "jan@example.org"}, {Address: "odd one@example.org"}},
		"Cc":       {{Name: "Piet", Address: "piet@xn--bcher-kva.example"}},
		"Reply-To": {{Name: "Support", Address: "help+tabc@example.com"}},
	} {
		got, err := header.AddressList(name)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%s (-want +got): %s %v", name, d, err)
		}
	}
	quote := "Op 22-11-2026 om 13:05 (UTC) schreef Jan:\n> vraag\n>> oud\n>\n> <b>\n"
	want := []leaf{
		{"text/plain", "", strings.ReplaceAll(l.Text, "\r\n", "\n") + "\n\n" + quote},
		{"text/html", "", "<html><body><p>Beste Jan</p>" + `<div class="loket_quote"><p>Op 22-11-2026 om 13:05 (UTC) schreef Jan:</p>` +
			"\n" + `<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">` +
			"\nvraag<br>\n&gt; oud<br>\n<br>\n&lt;b&gt;\n</blockquote></div>\n</body></html>"},
		{"application/pdf", "rekening november – ë.pdf", strings.Repeat("\x00\xff", 1000)},
		{"text/plain", "note.txt", "hi"},
		{"application/octet-stream", "attachment", "Subject: x\n\n"},
	}
	if d := cmp.Diff(want, parts); d != "" {
		t.Errorf("parts (-want +got):\n%s", d)
	}
}

func TestSameLetterIsTheSameMail(t *testing.T) {
	l := letter()
	l.HTML, l.Files = "<p>x", []send.File{file("a.txt", "text/plain", "a"), file("b.bin", "", "b")}
	if a, b := compose(t, l), compose(t, l); !bytes.Equal(a, b) {
		t.Errorf("one letter makes two mails:\n%s", cmp.Diff(string(a), string(b)))
	}
}

func TestPlainLetterIsOnePart(t *testing.T) {
	header, parts := read(t, compose(t, letter()))
	if d := cmp.Diff([]leaf{{"text/plain", "", "Good day."}}, parts); d != "" || header.Get("Subject") != "Invoice" {
		t.Errorf("parts (-want +got):\n%s", d)
	}
}

func TestNothingGetsIntoTheHeader(t *testing.T) {
	for _, bad := range []string{
		"x\r\nBcc: evil@example.net", "x\nBcc: evil@example.net", "x\rBcc: evil@example.net", "x\r\n\r\n<script>",
		"x\u2028Bcc: evil", "x\x00y", "\r\n", "é\r\nBcc: evil@example.net", strings.Repeat("long ", 3000), strings.Repeat("é", 9000),
		strings.Repeat("a", 5000), "\xff\xfe\r\nBcc: x", "a\u0085Bcc: b", "x\u202Egpj.exe",
	} {
		l := letter()
		l.Subject, l.From.Name, l.To[0].Name = bad, bad, bad
		l.References = []string{bad, "a@b" + bad, "ok@example.org", bad + "@x"}
		l.Quote = &send.Quote{Attribution: bad, Text: bad}
		l.Files = []send.File{file(bad, bad, "x"), file("a.txt", "text/plain; charset=\""+bad+"\"", "x")}
		header, parts := read(t, compose(t, l))
		for name := range header {
			if name == "Bcc" || len(name) > 30 {
				t.Errorf("%.40q brought the field %q", bad, name)
			}
		}
		if len(header) != 9 || len(parts) != 3 {
			t.Errorf("%.40q: %d fields and %d parts, want 9 and 3: %v", bad, len(header), len(parts), header)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
		if err != nil || strings.ContainsAny(subject, "\r\n\x00\u2028") {
			t.Errorf("%.40q: subject %q, %v", bad, subject, err)
		}
	}
}

func TestBrokenLettersAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*send.Outgoing){
		"no recipient":             func(l *send.Outgoing) { l.To = nil },
		"line end in an address":   func(l *send.Outgoing) { l.To[0].Address = "jan@example.org\r\nBcc: x@example.net" },
		"name in an address":       func(l *send.Outgoing) { l.To[0].Address = "Jan <jan@example.org>" },
		"address in an open form":  func(l *send.Outgoing) { l.To[0].Address = "jan@bücher.example" },
		"line end in a Message-ID": func(l *send.Outgoing) { l.MessageID = "a@b\r\nBcc: x" },
		"no Message-ID":            func(l *send.Outgoing) { l.MessageID = "" },
		"no date":                  func(l *send.Outgoing) { l.Date = time.Time{} },
		"bad sender":               func(l *send.Outgoing) { l.From.Address = "help" },
		"bad Reply-To":             func(l *send.Outgoing) { l.ReplyTo.Address = "a@b>" },
		"too many":                 func(l *send.Outgoing) { l.Cc = make([]mail.Address, 200) },
	} {
		l := letter()
		spoil(l)
		var b bytes.Buffer
		if err := send.Compose(&b, l); err == nil || b.Len() > 0 {
			t.Errorf("%s: Compose = %v with %d bytes, want an error and none", name, err, b.Len())
		}
	}
}

func TestSubjectHasReplyOnce(t *testing.T) {
	for _, tt := range []struct {
		in     string
		answer bool
		want   string
	}{
		{"Invoice", false, "Invoice"}, {"Invoice", true, "Re: Invoice"}, {"Re: Invoice", true, "Re: Invoice"},
		{"RE: re: AW: Antw: SV: Invoice", true, "Re: Invoice"}, {"Re[4]: Re (2) : Invoice", true, "Re: Invoice"},
		{"[Example] Invoice", true, "Re: [Example] Invoice"}, {"Fwd: Invoice", true, "Re: Fwd: Invoice"},
		{"Rebate: 10%", true, "Re: Rebate: 10%"}, {"", true, "Re:"}, {"re:", true, "Re:"}, {"", false, ""},
		{"Re：全角", true, "Re: 全角"},
	} {
		l := letter()
		l.Subject = tt.in
		if tt.answer {
			l.References = []string{"a@example.org"}
		}
		header, _ := read(t, compose(t, l))
		if got, _ := new(mime.WordDecoder).DecodeHeader(header.Get("Subject")); got != tt.want {
			t.Errorf("subject of %q (answer: %v) = %q, want %q", tt.in, tt.answer, got, tt.want)
		}
	}
}

func TestReferencesAreShort(t *testing.T) {
	l := letter()
	for i := range 200 {
		l.References = append(l.References, strings.Repeat("x", i)+"@example.org")
	}
	l.References = append(l.References, "has space@example.org", "no-at-sign", strings.Repeat("y", 999)+"@example.org")
	header, _ := read(t, compose(t, l))
	got := strings.Fields(header.Get("References"))
	if len(got) != 11 || got[0] != "<x@example.org>" || got[10] != "<"+l.References[199]+">" || header.Get("In-Reply-To") != got[10] {
		t.Errorf("References = %v, In-Reply-To = %q", got, header.Get("In-Reply-To"))
	}
}

func TestAutomaticLettersSaySo(t *testing.T) {
	for automatic, want := range map[message.Automatic]string{message.Reply: "auto-replied", message.Notice: "auto-generated"} {
		l := letter()
		l.Automatic = automatic
		header, _ := read(t, compose(t, l))
		got := []string{header.Get("Auto-Submitted"), header.Get("X-Auto-Response-Suppress"), header.Get("Precedence")}
		if d := cmp.Diff([]string{want, "All", "bulk"}, got); d != "" {
			t.Errorf("%s (-want +got): %s", automatic, d)
		}
	}
}

func TestQuoteIsBounded(t *testing.T) {
	l := letter()
	l.HTML = "<p>hello"
	l.Quote = &send.Quote{Attribution: "x wrote:", Text: strings.Repeat("é line\n", 100_000)}
	_, parts := read(t, compose(t, l))
	for _, p := range parts {
		if len(p.Body) > 40<<10 || !strings.Contains(p.Body, "[…]") {
			t.Errorf("%s has %d bytes, want a cut quote that says so", p.Type, len(p.Body))
		}
	}
}

func TestAttribution(t *testing.T) {
	for _, tt := range []struct {
		language, name string
		sent           time.Time
		want           string
	}{
		{"nl", "Jan", sentAt, "Op 22-11-2026 om 13:05 (UTC) schreef Jan:"},
		{"nl-BE", "", sentAt, "Op 22-11-2026 om 13:05 (UTC) schreef u:"},
		{"en", "Jan\r\nX: y", sentAt, "On 22 November 2026 at 13:05 (UTC), Jan X: y wrote:"},
		{"", "", time.Time{}, "Earlier, you wrote:"},
		{"nl", "Jan", time.Time{}, "Eerder schreef Jan:"},
	} {
		if got := send.Attribution(tt.language, tt.name, tt.sent); got != tt.want {
			t.Errorf("Attribution(%q, %q) = %q, want %q", tt.language, tt.name, got, tt.want)
		}
	}
}

func TestNeedsUTF8OnlyForLocalParts(t *testing.T) {
	l := letter()
	l.Subject, l.Text, l.From.Name = "é", "é", "é"
	if l.NeedsUTF8() {
		t.Error("letters in a subject need SMTPUTF8")
	}
	for _, b := range compose(t, l) {
		if b > 127 {
			t.Fatal("a mail that needs no SMTPUTF8 is not 7-bit")
		}
	}
	l.To[0].Address = "josé@example.org"
	if header, _ := read(t, compose(t, l)); !l.NeedsUTF8() || !strings.Contains(header.Get("To"), "josé@example.org") {
		t.Errorf("To = %q", header.Get("To"))
	}
}

func FuzzComposeKeepsItsShape(f *testing.F) {
	f.Add("s", "n", "a@b", "file.txt", "text/plain", "text")
	f.Add("Re: x\r\nBcc: y", "\"", "<a@b>\r\n", "../../etc/passwd", "a/b; c=\"", ".\r\n.\r")
	f.Fuzz(func(t *testing.T, subject, name, reference, fileName, fileType, text string) {
		l := letter()
		l.Subject, l.To[0].Name, l.References = subject, name, []string{reference, "ok@example.org"}
		l.Text, l.HTML, l.Quote = text, "<p>"+text, &send.Quote{Attribution: name, Text: text}
		l.Files = []send.File{file(fileName, fileType, text)}
		header, parts := read(t, compose(t, l))
		if len(header) != 9 || len(parts) != 3 {
			t.Errorf("%d fields and %d parts, want 9 and 3: %v", len(header), len(parts), header)
		}
		if strings.ContainsAny(parts[2].Name, "/\\\r\n") || parts[2].Name == "" {
			t.Errorf("file name %q", parts[2].Name)
		}
	})
}
