package mail

import (
	"fmt"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseAddressesReadsWhatPeopleWrite(t *testing.T) {
	one := func(name, addr string) []Address { return []Address{{name, addr}} }
	for _, c := range []struct {
		in   string
		want []Address
	}{
		{"", nil},
		{" , ;", nil},
		{"jan@example.nl", one("", "jan@example.nl")},
		{"<jan@example.nl>", one("", "jan@example.nl")},
		{"Jan <jan@example.nl>", one("Jan", "jan@example.nl")},
		{`"Jansen, Jan" <jan@example.nl>`, one("Jansen, Jan", "jan@example.nl")},
		{`"Jan \"de Bakker\"" <jan@example.nl>`, one(`Jan "de Bakker"`, "jan@example.nl")},
		{"jan@example.nl (Jan (thuis))", one("Jan (thuis)", "jan@example.nl")},
		{"Jansen B.V. (Info), Jan <jan@example.nl>", one("Jansen B.V. (Info), Jan", "jan@example.nl")},
		{"Jansen, Jan <jan@example.nl>, Bos, Piet <piet@example.nl>", []Address{{"Jansen, Jan", "jan@example.nl"}, {"Bos, Piet", "piet@example.nl"}}},
		{`"Jan <jan@example.nl>`, one("Jan", "jan@example.nl")},
		{`O"Brien <o@example.com>, "Piet" <piet@example.nl>`, []Address{{"OBrien", "o@example.com"}, {"Piet", "piet@example.nl"}}},
		{"a@example.nl;b@example.nl", []Address{{"", "a@example.nl"}, {"", "b@example.nl"}}},
		{"Groep: a@example.nl, B <b@example.nl>;", []Address{{"", "a@example.nl"}, {"B", "b@example.nl"}}},
		{"undisclosed-recipients:;", nil},
		{"Undisclosed recipients:", nil},
		{"Storing: meldpunt <meldpunt@example.nl>", one("Storing: meldpunt", "meldpunt@example.nl")},
		{"mailto:jan@example.nl", one("", "jan@example.nl")},
		{"=?utf-8?Q?a=2C_b?= <jan@example.nl>", one("a, b", "jan@example.nl")},
		{"=?utf-8?Q?kwaad=40example.com=3E,_?= <jan@example.nl>", one("kwaad@example.com>,", "jan@example.nl")},
		{"=?utf-8?Q?Jan_<jan@example.nl>?=", one("Jan", "jan@example.nl")},
		{"=?utf-8?B?5ZWG?= =?utf-8?B?5bqX?= <w@example.org>", one("商店", "w@example.org")},
		{"<a@example.nl>, <b@example.nl>", []Address{{"", "a@example.nl"}, {"", "b@example.nl"}}},
		{"jan@[192.0.2.1]", one("", "jan@[192.0.2.1]")},
		{"jan@[IPv6:2001:db8::1]", one("", "jan@[IPv6:2001:db8::1]")},
		{`"jan de bakker"@example.nl`, one("", `"jan de bakker"@example.nl`)},
		{"Jan", one("", "Jan")},
		{"Jan Jansen", one("Jan Jansen", "")},
		{"Jan <>", one("Jan", "")},
		{"<>", nil},
		{"Jan <\u202ejan@example.nl>", one("Jan", "jan@example.nl")},
		{"jan@example.nl, Jan", []Address{{"", "jan@example.nl"}, {"", "Jan"}}},
		{"Jan " + strings.Repeat("x", 2000) + " <jan@example.nl>", one("Jan "+strings.Repeat("x", 996), "jan@example.nl")},
		{strings.Repeat("x", 600) + "@example.nl", nil},
	} {
		if diff := cmp.Diff(c.want, ParseAddresses(c.in)); diff != "" {
			t.Errorf("ParseAddresses(%q) (-want +got):\n%s", c.in, diff)
		}
	}
}

func TestParseIDsReadsWhatProgramsWrite(t *testing.T) {
	many := make([]string, 150)
	for i := range many {
		many[i] = fmt.Sprintf("%d@example.nl", i)
	}
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"nothing", "", nil},
		{"one", "<a@example.nl>", []string{"a@example.nl"}},
		{"white space within", "<a.\tb @example.nl>", []string{"a.b@example.nl"}},
		{"prose", `Your message of "Mon, 2 Nov 2026" <a@example.nl>`, []string{"a@example.nl"}},
		{"prose without brackets", "mail a@example.nl of Monday", []string{"a@example.nl"}},
		{"no brackets", "a@example.nl,b@example.nl", []string{"a@example.nl", "b@example.nl"}},
		{"one word", "4711", nil},
		{"a word in brackets", "<undefined>", nil},
		{"nothing in brackets", "<> <@> <a@> <@b>", nil},
		{"a word beside an id", "null <a@b> 0", []string{"a@b"}},
		{"words", "no id here", nil},
		{"bracket twice", "<<a@example.nl>>", []string{"a@example.nl"}},
		{"the same again", "<a@b> <c@d> <a@b>", []string{"a@b", "c@d"}},
		{"too long", "<" + strings.Repeat("x", 513) + "> <a@b>", []string{"a@b"}},
		{"too many", "<" + strings.Join(many, "> <") + ">", append([]string{many[0]}, many[51:]...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, ParseIDs(c.in)); diff != "" {
				t.Errorf("ParseIDs(%q) (-want +got):\n%s", c.in, diff)
			}
		})
	}
}

func TestParseDateReadsWhatProgramsWrite(t *testing.T) {
	want := time.Date(2026, 11, 2, 9, 4, 5, 0, time.UTC)
	for _, in := range []string{
		"Mon, 2 Nov 2026 10:04:05 +0100",
		"2 Nov 2026 10:04:05 +0100",
		"Mon,2 Nov 2026 10:04:05 +0100 (CET)",
		"Mon, 02 Nov 2026 10:04:05 CET",
		"Mon, 2 Nov 26 10:04:05 +0100",
		"Mon, 2 Nov 126 10:04:05 +0100", // three digits count from 1900 (RFC 5322 §4.3)
		"maandag 2 november 2026 10:04:05 +01:00",
		"lun., 2 nov. 2026 10:04:05 +0100",
		"Mo, 2. Nov. 2026 10.04.05 MEZ",
		"Mon Nov  2 09:04:05 2026",
		"Mon Nov  2 09:04:05 UTC 2026",
		"Mon Nov 02 10:04:05 +0100 2026",
		"Mon, 2 Nov 2026 10:04:05 GMT+0100",
		"Mon, 2 Nov 2026 10:04:05 UTC+1",
		"Mon, 2 Nov 2026 10:04:05 +0100 (W. Europe Standard Time)",
		"Mon, 2 Nov 2026 01:04:05 -0800 (PST)",
		"Mon, 02-Nov-2026 09:04:05 GMT",
		"2026-11-02T09:04:05Z",
		"2026-11-02T10:04:05.000+01:00",
		"2026-11-02 10:04:05 +0100",
		"Nov 2, 2026 9:04:05 AM",
		"Mon, 2 Nov 2026 09:04:05",
	} {
		got, ok := ParseDate(in)
		if !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("ParseDate(%q) = %v, %t, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "gisteren", "Mon, 31 Feb 2026 10:00:00 +0100", "2 Nov", "Mon, 2 Nov 1926 10:00:00 +0000", "Mon, 2 Nov 9999 10:00:00 +0000", "1793608445", "25:00"} {
		if got, ok := ParseDate(in); ok || !got.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %t, want none", in, got, ok)
		}
	}
}

func TestParseDateAgreesWithNetMail(t *testing.T) {
	for _, layout := range []string{time.RFC1123Z, time.RFC822Z, "2 Jan 2006 15:04:05 -0700 (MST)", "Mon, 2 Jan 2006 15:04 -0700"} {
		for day := range 800 {
			at := time.Date(2025, 1, 1, 23, 59, 0, 0, time.FixedZone("X", (day%27-13)*3600+1800)).AddDate(0, 0, day)
			in := at.Format(layout)
			want, err := netmail.ParseDate(in)
			if got, ok := ParseDate(in); err != nil || !ok || !got.Equal(want) {
				t.Fatalf("ParseDate(%q) = %v, %t, want %v (%v)", in, got, ok, want, err)
			}
		}
	}
}

func TestDecodeWordsKeepsWhatIsNone(t *testing.T) {
	for in, want := range map[string]string{
		"gewoon":                                  "gewoon",
		"a =?b c":                                 "a =?b c",
		"=?utf-8?X?a?=":                           "=?utf-8?X?a?=",
		"=?utf-8?Q?a?==?utf-8?Q?b?=":              "ab",
		"=?utf-8?Q?a?= b =?utf-8?Q?c?=":           "a b c",
		"=?utf-8?Q?=C3?= \t =?UTF-8?B?qQ==?=":     "é",
		"=?utf-8?Q?=ZZ=4?=":                       "=ZZ=4",
		"=?iso-8859-1?Q?=80?=":                    "€",
		"x\x00\r\n =?utf-8?Q?=00=0D=0AY:=C2=85?=": "x Y:",
	} {
		got := DecodeWords(in)
		if strings.Join(strings.Fields(got), " ") != want {
			t.Errorf("DecodeWords(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestHeaderFindsFieldsInAnyCase(t *testing.T) {
	h := Header{{"Subject", "eerste"}, {"subject", "tweede"}, {"X-Leeg", ""}}
	if got := h.Get("SUBJECT"); got != "eerste" {
		t.Errorf("Get = %q, want the topmost", got)
	}
	if diff := cmp.Diff([]string{"eerste", "tweede"}, h.All("Subject")); diff != "" {
		t.Errorf("All (-want +got):\n%s", diff)
	}
	if !h.Has("x-leeg") || h.Has("X-Weg") {
		t.Error("Has does not tell an empty field from none")
	}
}
