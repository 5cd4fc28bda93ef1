package identity

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"

	"loket/internal/field"
	"loket/internal/store/storetest"
)

// What spreadsheets write of one and the same table is the same table.
func TestTablesOfSpreadsheetsAreRead(t *testing.T) {
	s := storetest.New(t)
	const plain = "id;customer_no;name;email;phone\r\n1;1001;Jürgen Müller;jurgen@example.org;0201234567\r\n2;1002;Zoë Bruñon;zoe@example.org;0612345678\r\n"
	wide := func(order unicode.Endianness, mark unicode.BOMPolicy) string {
		text, err := unicode.UTF16(order, mark).NewEncoder().String(strings.ReplaceAll(plain, ";", "\t"))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	old := strings.NewReplacer("ü", "\xfc", "ë", "\xeb", "ñ", "\xf1").Replace(plain)
	commas := func(lines ...string) string { return strings.Join(lines, "\n") + "\n" }
	for name, tc := range map[string]struct {
		text, named, charset string
	}{
		"as it is":                    {plain, "", ""},
		"with a mark before it":       {"\ufeff" + plain, "", ""},
		"with a line for the sign":    {"sep=;\r\n" + plain, "", ""},
		"with a mark and that line":   {"\ufeff\"sep=;\"\r\n" + plain, "", ""},
		"with a sign of its own":      {"SEP=^\n" + strings.ReplaceAll(plain, ";", "^"), "", ""},
		"with bars":                   {strings.ReplaceAll(plain, ";", "|"), "", ""},
		"with the sign saved again":   {"sep=;;;;;\n" + plain, "", ""},
		"windows-1252":                {old, "", "windows-1252"},
		"windows-1252 with that line": {"sep=;\r\n" + old, "", "windows-1252"},
		"latin 1, named":              {old, "iso-8859-1", "windows-1252"},
		"lines of an old Mac":         {strings.ReplaceAll(plain, "\r\n", "\r"), "", ""},
		"Unicode text":                {wide(unicode.LittleEndian, unicode.UseBOM), "", "utf-16le"},
		"Unicode text, big end first": {wide(unicode.BigEndian, unicode.UseBOM), "", "utf-16be"},
		"UTF-16 without a mark":       {wide(unicode.LittleEndian, unicode.IgnoreBOM), "", "utf-16le"},
		"the same, big end first":     {wide(unicode.BigEndian, unicode.IgnoreBOM), "", "utf-16be"},
		"UTF-16, named":               {wide(unicode.LittleEndian, unicode.UseBOM), "UTF-16", "utf-16"},
		"blanks around quotes": {commas(`id, "customer_no" ,name,email,phone`, `1, "1001","Jürgen Müller" , jurgen@example.org ,0201234567`,
			"2,1002,\u00a0\"Zoë Bruñon\",zoe@example.org, \t\"0612345678\""), "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := emptied(t, s)
			rep := takeIn(t, r, tc.text, ImportOptions{System: "acme", Charset: tc.named})
			if rep.Created != 2 || rep.Rows != 2 || rep.Charset != tc.charset {
				t.Fatalf("Import = %+v", rep)
			}
			for line, want := range map[string]string{"cno:1001": "Jürgen Müller", "email:zoe@example.org": "Zoë Bruñon"} {
				if c, _, err := r.Owner(t.Context(), one(t, line)); err != nil || c.Name != want {
					t.Errorf("%s is %v, %v, want %s", line, c, err, want)
				}
			}
		})
	}
}

func TestBlanksWithinCellsStay(t *testing.T) {
	for in, want := range map[string]string{
		`a, "b, ""c"" " ,d`:  `a,"b, ""c"" ",d`,
		`a , b "c" , d`:      `a , b "c" , d`,
		`"a" b, "c"`:         `"a" b,"c"`,
		"\"a\" \n,\"b\"":     "\"a\" \n,\"b\"",
		`,"", "" ,`:          `,"","",`,
		` "unclosed , "" x `: `"unclosed , "" x `,
	} {
		if got := unspaced(in, ','); got != want {
			t.Errorf("unspaced(%q) = %q, want %q", in, got, want)
		}
	}
	if in := "a\t\"b\"\t\t \"c\""; unspaced(in, '\t') != "a\t\"b\"\t\t\"c\"" {
		t.Errorf("unspaced(%q) = %q", in, unspaced(in, '\t'))
	}
}

func TestWhatIsNoTableIsRefusedWithTheWayOut(t *testing.T) {
	r := empty(t)
	for name, tc := range map[string]struct{ text, charset, path, want string }{
		"a workbook":   {"PK\x03\x04rest", "", "", "must be CSV or a JSON object a line, not a workbook: save it as CSV UTF-8"},
		"an old one":   {"\xd0\xcf\x11\xe0\xa1\xb1", "", "", "must be CSV or a JSON object a line, not a workbook: save it as CSV UTF-8"},
		"compressed":   {"\x1f\x8b\x08", "", "", "must be CSV or a JSON object a line, not compressed: unpack it first"},
		"Cyrillic":     {"id,name\n1,\xcf\xe5\xf2\xf0\xee\xe2\xe0\n", "", "charset", "must be named when it is neither UTF-8 nor windows-1252: save the rows as UTF-8, or say what they are in"},
		"Polish":       {"id,name\n1,Wa\xb3\xeasa\n2,Pawe\xb3\n", "", "charset", "must be named when it is neither UTF-8 nor windows-1252: save the rows as UTF-8, or say what they are in"},
		"unknown name": {"id\n1\n", "klingon", "charset", `names a charset that is not known; UTF-8 always is: "klingon"`},
	} {
		_, err := r.Import(t.Context(), strings.NewReader(tc.text), ImportOptions{System: "acme", Charset: tc.charset})
		var wrong *field.Error
		if !errors.As(err, &wrong) || wrong.Path != tc.path || wrong.Reason != tc.want {
			t.Errorf("%s: Import = %v, want %s", name, err, tc.want)
		}
	}
	rep := takeIn(t, r, "id,name\n1,\xcf\xe5\xf2\xf0\xee\xe2\xe0\n", ImportOptions{System: "acme", Charset: "windows-1251"})
	if c, _, err := r.Owner(t.Context(), one(t, "crm:acme:1")); err != nil || c.Name != "Петрова" || rep.Charset != "windows-1251" {
		t.Errorf("Import = %+v, %v, %v", rep, c, err)
	}
}

// What comes row by row is taken in row by row: nobody waits for the rest.
func TestImportDoesNotWaitForTheWholeSource(t *testing.T) {
	r := empty(t)
	in, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := r.Import(context.WithoutCancel(t.Context()), in, ImportOptions{System: "acme", Progress: func(ImportReport) { _ = out.Close() }})
		done <- err
	}()
	_, _ = io.WriteString(out, "id\n"+strings.Repeat("1\n", progressEvery))
	if err := <-done; err != nil {
		t.Error(err)
	}
}
