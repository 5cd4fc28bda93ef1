package webform

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/internal/form"
	"loket/internal/message"
)

// posted is a post with this content type.
func posted(kind, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

// inParts is a multipart form of heads and contents.
func inParts(parts ...string) string {
	var b strings.Builder
	for i := 0; i < len(parts); i += 2 {
		b.WriteString("--BND\r\n" + parts[i] + "\r\n\r\n" + parts[i+1] + "\r\n")
	}
	return b.String() + "--BND--\r\n"
}

const (
	inMultipart = "multipart/form-data; boundary=BND"
	theText     = `Content-Disposition: form-data; name="text"`
)

// Whatever a client calls a file, and however it writes that, the file is kept.
func TestFilesAreKeptHoweverTheyAreNamed(t *testing.T) {
	pdf := "\r\nContent-Type: application/pdf"
	for name, tc := range map[string]struct{ head, want string }{
		"quotes in quotes":       {`Content-Disposition: form-data; name="attachments"; filename="bill "March" final.pdf"` + pdf, `bill "March" final.pdf`},
		"blanks and no quotes":   {`Content-Disposition: form-data; name=attachments; filename=bill March.pdf` + pdf, "bill March.pdf"},
		"twice":                  {`Content-Disposition: form-data; name="attachments"; filename="bill.pdf"; filename="bill-1.pdf"` + pdf, "bill.pdf"},
		"umlauts and no quotes":  {`Content-Disposition: form-data; name="attachments"; filename=rechnung-größe.pdf` + pdf, "rechnung-größe.pdf"},
		"umlauts of Latin 1":     {"Content-Disposition: form-data; name=\"attachments\"; filename=\"gr\xf6\xdfe.pdf\"" + pdf, "größe.pdf"},
		"without an ending":      {`Content-Disposition: form-data; name="attachments"; filename="bill"` + pdf, "bill"},
		"a quote left open":      {`Content-Disposition: form-data; name="attachments"; filename="bill.pdf` + pdf, "bill.pdf"},
		"another charset":        {`Content-Disposition: form-data; name="attachments"; filename*=ISO-8859-1''gr%F6%DFe.pdf` + pdf, "größe.pdf"},
		"in a mail's way":        {`Content-Disposition: form-data; name="attachments"; filename="=?UTF-8?Q?gr=C3=B6=C3=9Fe.pdf?="` + pdf, "größe.pdf"},
		"no name":                {`Content-Disposition: form-data; name="attachments"` + pdf, "file"},
		"no name, another field": {`Content-Disposition: form-data; name="upload"` + pdf, "file"},
		"an empty name":          {`Content-Disposition: form-data; name="attachments"; filename=""` + pdf, "file"},
		"no disposition":         {"Content-Type: application/pdf", "file"},
		"no semicolons":          {`Content-Disposition: form-data name="attachments" filename="bill.pdf"` + pdf, "file"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t, nil)
			content := strings.Repeat("%PDF-1.4 made up\n", 200_000) // more than may be typed
			if w := c.do(posted(inMultipart, inParts(theText, "My bill is attached", tc.head, content))); w.Code != http.StatusAccepted {
				t.Fatalf("answer = %d %s", w.Code, w.Body)
			}
			m := c.only(t)
			want := []message.Attachment{{Name: tc.want, Type: "application/pdf", Size: int64(len(content)), Blob: m.ID + "/1"}}
			if diff := cmp.Diff(want, m.Attachments); diff != "" || c.blobs[m.ID+"/1"] != content || m.Text != "My bill is attached" {
				t.Errorf("%q with (-want +got):\n%s", m.Text, diff)
			}
		})
	}
}

// What cannot be kept is refused, not thanked for.
func TestFilesThatCannotBeKeptAreRefused(t *testing.T) {
	c := newCounter(t, nil)
	w := c.do(posted(inMultipart, inParts(theText, "See the second page", `Content-Disposition: form-data`, "%PDF")))
	wantProblem(t, w, http.StatusBadRequest, "")
	w = c.do(posted(form.URLEncoded, "text=See+the+second+page&attachments=bill.pdf"))
	wantProblem(t, w, http.StatusUnprocessableEntity, "attachments")
	w = c.do(posted(inMultipart, inParts(theText, "x", "Content-Disposition: form-data; name=attachments; filename=a\r\nContent-Transfer-Encoding: base64", "!!!")))
	wantProblem(t, w, http.StatusUnprocessableEntity, "attachments")
	if len(c.accepted)+len(c.blobs) != 0 {
		t.Error("something was stored")
	}
	if w := c.do(posted(inMultipart, inParts(theText, "x", "Content-Disposition: form-data; name=attachments; filename=a\r\nContent-Transfer-Encoding: BASE64", "aGVs\r\nbG8="))); w.Code != 202 {
		t.Fatalf("answer = %d %s", w.Code, w.Body)
	}
	if got := c.blobs[c.only(t).Attachments[0].Blob]; got != "hello" {
		t.Errorf("the file is %q, want hello", got)
	}
}

// Letters of other charsets arrive as they were written, or the sender is told.
func TestPostsAreReadInTheirCharset(t *testing.T) {
	latin := func(s string) string {
		return strings.NewReplacer("ö", "\xf6", "ü", "\xfc", "ß", "\xdf", "€", "\x80").Replace(s)
	}
	json := `{"name":"Jörg Müller","text":"Straße, 50 €"}`
	encoded := "name=J%F6rg+M%FCller&text=Stra%DFe,+50+%80"
	fields := inParts(`Content-Disposition: form-data; name="name"`, latin("Jörg Müller"), theText, latin("Straße, 50 €"))
	named := inParts(`Content-Disposition: form-data; name="name"`+"\r\nContent-Type: text/plain; charset=windows-1252", latin("Jörg Müller"), theText, "Straße, 50 €")
	for name, tc := range map[string]struct {
		kind, body string
		status     int
		field      string
	}{
		"JSON":                                  {"application/json", json, 202, ""},
		"JSON, named":                           {"application/json; charset=windows-1252", latin(json), 202, ""},
		"JSON, not named":                       {"application/json", latin(json), 400, ""},
		"JSON, called UTF-8":                    {"application/json; charset=utf-8", latin(json), 400, ""},
		"JSON with a mark":                      {"application/json", "\ufeff" + json, 202, ""},
		"JSON with a mark, called something":    {"application/json; charset=iso-8859-1", "\ufeff" + json, 202, ""},
		"JSON in a charset that nobody knows":   {"application/json; charset=klingon", json, 415, ""},
		"form, named":                           {form.URLEncoded + "; charset=windows-1252", encoded, 202, ""},
		"form, not named":                       {form.URLEncoded, encoded, 400, "name"},
		"form, named as browsers do":            {form.URLEncoded, encoded + "&_charset_=windows-1252", 202, ""},
		"form, called something":                {form.URLEncoded, encoded + "&_charset_=klingon", 415, ""},
		"form with a mark":                      {form.URLEncoded, "\ufeffname=J%C3%B6rg+M%C3%BCller&text=Stra%C3%9Fe,+50+%E2%82%AC", 202, ""},
		"multipart, not named":                  {inMultipart, fields, 400, "name"},
		"multipart, named":                      {inMultipart + "; charset=windows-1252", fields, 202, ""},
		"multipart, a field named":              {inMultipart, named, 202, ""},
		"multipart, named as browsers do":       {inMultipart, strings.TrimSuffix(fields, "--BND--\r\n") + inParts(`Content-Disposition: form-data; name="_charset_"`, "windows-1252"), 202, ""},
		"multipart with a mark":                 {inMultipart, "\ufeff" + inParts(`Content-Disposition: form-data; name="name"`, "Jörg Müller", theText, "Straße, 50 €"), 202, ""},
		"a field that is not ours, as it comes": {form.URLEncoded, "name=J%C3%B6rg+M%C3%BCller&text=Stra%C3%9Fe,+50+%E2%82%AC&else=%FC", 202, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCounter(t, nil)
			w := c.do(posted(tc.kind, tc.body))
			if tc.status == http.StatusAccepted && w.Code == tc.status {
				if m := c.only(t); m.Name != "Jörg Müller" || m.Text != "Straße, 50 €" {
					t.Errorf("%q writes %q", m.Name, m.Text)
				}
				return
			}
			wantProblem(t, w, tc.status, tc.field)
			if len(c.accepted) != 0 {
				t.Error("something was stored")
			}
		})
	}
}
