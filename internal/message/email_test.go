package message

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"loket/internal/proptest"
)

func TestEmailNormalForm(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "kate@example.org", "kate@example.org"},
		{"spaces around", " \tkate@example.org\r\n", "kate@example.org"},
		{"capitals", "Kate.O'Neil@EXAMPLE.Org", "kate.o'neil@example.org"},
		{"plus address stays", "kate+shop@example.org", "kate+shop@example.org"},
		{"dots stay", "k.a.t.e@gmail.com", "k.a.t.e@gmail.com"},
		{"hyphen stays", "anne-marie@yahoo.fr", "anne-marie@yahoo.fr"},
		{"googlemail stays", "kate@googlemail.com", "kate@googlemail.com"},
		{"trailing dot", "kate@example.org.", "kate@example.org"},
		{"ideographic trailing dot", "kate@example.org。", "kate@example.org"},
		{"U-label", "kate@Bücher.example", "kate@xn--bcher-kva.example"},
		{"A-label", "kate@XN--bcher-kva.example", "kate@xn--bcher-kva.example"},
		{"sharp s is not ss", "kate@faß.de", "kate@xn--fa-hia.de"},
		{"zero width space in the domain", "kate@gmail.com\u200b", "kate@gmail.com"},
		{"full width domain", "kate@ｅｘａｍｐｌｅ.org", "kate@example.org"},
		{"non-ASCII local part", "André@example.org", "andré@example.org"},
		{"capital É is not lowered", "ÉVA@example.org", "Éva@example.org"},
		{"ligature stays", "o\ufb03ce@example.org", "o\ufb03ce@example.org"},
		{"quoted", `"Kate O"@example.org`, `"kate o"@example.org`},
		{"quoted at", `"a@b"@example.org`, `"a@b"@example.org`},
		{"one label", "kate@x", "kate@x"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Email(tc.in, Attested)
			if err != nil || got != (Identifier{Kind: "email", Value: tc.want, Level: Attested}) {
				t.Errorf("Email(%q) = %v %v, %v, want %s", tc.in, got, got.Level, err, tc.want)
			}
		})
	}
}

func TestEmailRefuses(t *testing.T) {
	for _, tc := range []struct{ name, in string }{
		{"nothing", ""},
		{"no at", "kate"},
		{"no local part", "@example.org"},
		{"no domain", "kate@"},
		{"display name", "Kate <kate@example.org>"},
		{"brackets", "<kate@example.org>"},
		{"comment", "kate(home)@example.org"},
		{"two addresses", "kate@example.org, anna@example.org"},
		{"two ats", "kate@anna@example.org"},
		{"empty label", "kate@a..b"},
		{"leading dot in the domain", "kate@.org"},
		{"two trailing dots", "kate@example.org.."},
		{"two trailing dots of two kinds", "kate@example.org。."},
		{"empty A-label", "kate@xn--"},
		{"broken A-label", "kate@xn--a-ecp.example"},
		{"only a zero width space", "kate@\u200b"},
		{"underscore in the domain", "kate@a_b.org"},
		{"hyphen at the end of a label", "kate@a-.org"},
		{"mixed directions", "kate@a\u05d0.org"},
		{"address in numbers", "kate@192.0.2.1"},
		{"address literal", "kate@[192.0.2.1]"},
		{"leading dot", ".kate@example.org"},
		{"trailing dot in the local part", "kate.@example.org"},
		{"double dot in the local part", "ka..te@example.org"},
		{"space", "ka te@example.org"},
		{"newline", "kate\n@example.org"},
		{"header injection", "kate@example.org\r\nBcc: anna@example.org"},
		{"nul", "ka\x00te@example.org"},
		{"delete", "ka\x7fte@example.org"},
		{"no-break space", "\u00a0kate@example.org"},
		{"zero width space in the local part", "ka\u200bte@example.org"},
		{"bidi override", "\u202ekate@example.org"},
		{"byte order mark", "\ufeffkate@example.org"},
		{"invalid UTF-8", "k\xffte@example.org"},
		{"replacement character", "k\ufffdte@example.org"},
		{"open quote", `"kate@example.org`},
		{"quote within", `"ka"te"@example.org`},
		{"escaped last quote", `"kate\"@example.org`},
		{"empty quotes", `""@example.org`},
		{"long local part", strings.Repeat("k", 65) + "@example.org"},
		{"long label", "kate@" + strings.Repeat("x", 64) + ".org"},
		{"long domain", "kate@" + strings.Repeat("abcdefg.", 32) + "org"},
		{"long whole", strings.Repeat("k", 64) + "@" + strings.Repeat("abcdefg.", 24) + "org"},
		{"endless", "kate@" + strings.Repeat("a.", 1<<20) + "org"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := Email(tc.in, Attested)
			if err == nil {
				t.Fatalf("Email(%q) = %v, want an error", tc.in, got)
			}
			if !strings.HasPrefix(err.Error(), "must ") || strings.Contains(err.Error(), "kate") {
				t.Errorf("Email(%q): %q, want what would be right, without the address", tc.in, err)
			}
		})
	}
}

func TestEmailThatFoldsToASCIIIsAClaim(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want Level
	}{
		{"\u212aate@example.org", Claimed}, // KELVIN SIGN
		{"M\u0130KE@example.org", Claimed}, // capital I with a dot
		{"kate\u1fef@example.org", Claimed},
		{"kate@\u212a.example.org", Attested}, // in a domain it is a k to everybody
		{"ｋate@example.org", Attested},        // only NFKC folds this, and nobody's mail does
		{"andr\u00e9@example.org", Attested},
		{"andre\u0301@example.org", Attested},
	} {
		got, err := Email(tc.in, Attested)
		if err != nil || got.Level != tc.want {
			t.Errorf("Email(%q) = %v %v, %v, want level %v", tc.in, got, got.Level, err, tc.want)
		}
		if got, _ := Email(tc.in, Mentioned); got.Level != Mentioned {
			t.Errorf("Email(%q, mentioned) has level %v", tc.in, got.Level)
		}
	}
}

// Every character that some folding turns into ASCII, in a local part: none of them may give an address
// that is somebody else's in plain ASCII.
func TestNoForeignLetterGivesAnASCIIAddress(t *testing.T) {
	tried := 0
	for r := rune(utf8.RuneSelf); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) || !foldsSomehow(r) {
			continue
		}
		tried++
		noForeignName(t, r)
		for _, in := range []string{string(r) + "ate@example.org", "ka" + string(r) + "@example.org", `"` + string(r) + `"@example.org`} {
			got, err := Email(in, Decided)
			if err != nil {
				continue
			}
			local, _, _ := strings.Cut(got.Value, "@")
			if isASCII(local) {
				t.Errorf("Email(%q) = %v, which is another address", in, got)
			}
			again := strings.ToLower(norm.NFC.String(local))
			if isASCII(again) && !got.Claim() {
				t.Errorf("Email(%q) has level %v and is %s to others", in, got.Level, again)
			}
		}
	}
	if tried < 1000 {
		t.Errorf("tried %d characters, want all that fold: more than 1000", tried)
	}
}

// noForeignName tries the letter in handles, numbers and accounts of every kind.
func noForeignName(t *testing.T, r rune) {
	t.Helper()
	for _, k := range kinds {
		if k.value == nil {
			continue // an address, or a number, which is digits of any script
		}
		scope := ""
		if k.scope != "" {
			scope = "s1.example.org"
		}
		for _, in := range []string{"k" + string(r) + "te_1", "UC" + string(r) + "bcdefghijklmnopqrstuv", "NL." + string(r) + "234567"} {
			if got, err := NewIdentifier(k.name, scope, in, Attested); err == nil && isASCII(got.Value) {
				t.Errorf("NewIdentifier(%s, %q) = %v, which is another", k.name, in, got)
			}
		}
	}
}

func foldsSomehow(r rune) bool {
	s := string(r)
	for _, folded := range []string{
		strings.ToLower(s), strings.ToUpper(s), norm.NFC.String(s), norm.NFKC.String(s), norm.NFKD.String(s),
		strings.ToLower(norm.NFKC.String(s)), string(unicode.SimpleFold(r)),
	} {
		if isASCII(folded) {
			return true
		}
	}
	return false
}

func TestEmailTwiceIsOnce(t *testing.T) {
	proptest.Check(t, proptest.Usual, func(t *rapid.T) {
		in := rapid.OneOf(rapid.StringMatching(`[ ]?[A-Za-z0-9.+_"é\x{212a}-]{1,12}@[A-Za-zäßı。-]{1,8}\.[A-Za-z]{1,4}\.?`), rapid.String()).Draw(t, "in")
		once, err := Email(in, Attested)
		if err != nil {
			return
		}
		twice, err := Email(once.Value, once.Level)
		if err != nil || twice != once {
			t.Fatalf("Email(%q) = %v, then %v, %v", in, once, twice, err)
		}
		if len(once.Value) > 254 || once.Level > Attested {
			t.Fatalf("Email(%q) = %v %v", in, once, once.Level)
		}
	})
}
