package body

import (
	"io"
	"strings"
	"testing"
)

func TestDispositionsAreReadHoweverTheyAreWritten(t *testing.T) {
	for header, want := range map[string]Disposition{
		`form-data; name="text"`:                                                         {"text", "", false},
		`form-data; name=text`:                                                           {"text", "", false},
		`form-data; name="attachments"; filename=""`:                                     {"attachments", "", true},
		`form-data; name="a"; filename="bill.pdf"`:                                       {"a", "bill.pdf", true},
		`form-data; name="attachments"; filename="bill "March" final.pdf"`:               {"attachments", `bill "March" final.pdf`, true},
		`form-data; name="attachments"; filename="say \"hi\".pdf"`:                       {"attachments", `say "hi".pdf`, true},
		`form-data; name="attachments"; filename="say %22hi%22.pdf"`:                     {"attachments", `say "hi".pdf`, true},
		`form-data; name="attachments"; filename="a"b; c.pdf"; size=3`:                   {"attachments", `a"b; c.pdf`, true},
		`form-data; filename="x "y".pdf"; name="attachments"`:                            {"attachments", `x "y".pdf`, true},
		`form-data; name=attachments; filename=bill March.pdf`:                           {"attachments", "bill March.pdf", true},
		`form-data; name=attachments; filename=bill;March.pdf`:                           {"attachments", "bill;March.pdf", true},
		`form-data; name="attachments"; filename="bill.pdf"; filename="bill-1.pdf"`:      {"attachments", "bill.pdf", true},
		`form-data; name="attachments"; name="x"; filename="bill.pdf"`:                   {"attachments", "bill.pdf", true},
		`form-data; name="attachments"; filename=rechnung-größe.pdf`:                     {"attachments", "rechnung-größe.pdf", true},
		"form-data; name=\"attachments\"; filename=\"gr\xf6\xdfe.pdf\"":                  {"attachments", "gr\xf6\xdfe.pdf", true},
		"form-data; name=\"attachments\"; filename=gr\xf6\xdfe.pdf":                      {"attachments", "gr\xf6\xdfe.pdf", true},
		`form-data; name="attachments"; filename="not closed.pdf`:                        {"attachments", "not closed.pdf", true},
		`form-data; name="attachments; filename=x.pdf`:                                   {"attachments; filename=x.pdf", "", false},
		`form-data; name="attachments"; filename*=UTF-8''gr%C3%B6%C3%9Fe.pdf`:            {"attachments", "größe.pdf", true},
		`form-data; name="attachments"; filename="x"; filename*=UTF-8''%C3%B6.pdf`:       {"attachments", "ö.pdf", true},
		`form-data; name="attachments"; filename*=ISO-8859-1'de'gr%F6%DFe.pdf`:           {"attachments", "größe.pdf", true},
		`form-data; name="attachments"; filename*=klingon''a%F6.pdf`:                     {"attachments", "a\xf6.pdf", true},
		`form-data; name="attachments"; filename*="UTF-8''%C3%B6.pdf"; filename="o.pdf"`: {"attachments", "ö.pdf", true},
		`form-data; name="attachments"; filename*=no rule at all.pdf`:                    {"attachments", "no rule at all.pdf", true},
		`form-data; name="attachments"; filename="=?UTF-8?B?Z3LDtsOfZS5wZGY=?="`:         {"attachments", "größe.pdf", true},
		`form-data; name="attachments"; filename="C:\docs\bill.pdf"`:                     {"attachments", `C:\docs\bill.pdf`, true},
		`form-data; name="attachments"; FileName="bill"`:                                 {"attachments", "bill", true},
		`form-data; ; name="attachments" ;filename="bill" ;`:                             {"attachments", "bill", true},
		`form-data name="attachments" filename="bill.pdf"`:                               {},
		``:                         {},
		`attachment; filename=x y`: {"", "x y", true},
	} {
		if got := ReadDisposition(header); got != want {
			t.Errorf("ReadDisposition(%q) = %+v, want %+v", header, got, want)
		}
	}
}

func TestNamesAreReadInSomeCharset(t *testing.T) {
	sjis, err := FindCharset("shift_jis")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		c        Charset
		in, want string
	}{{Charset{}, "größe", "größe"}, {Charset{}, "gr\xf6\xdfe", "größe"}, {sjis, "\x93\x9e", "到"}, {sjis, "\xfc\xff", "üÿ"}} {
		if got := test.c.NameText(test.in); got != test.want {
			t.Errorf("NameText(%q) = %q, want %q", test.in, got, test.want)
		}
	}
}

func TestAMarkBeforeAFormLosesNothing(t *testing.T) {
	text := "\ufeff--b\r\nContent-Disposition: form-data; name=a\r\n\r\none\r\n--b--\r\n"
	part, err := Parts(strings.NewReader(text), "b").NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(part); err != nil || string(got) != "one" {
		t.Errorf("the first part is %q, %v", got, err)
	}
	if b, err := Form(strings.NewReader("\ufeffa=1"), some); err != nil || string(b) != "a=1" {
		t.Errorf("Form = %q, %v", b, err)
	}
}
