package mail

import (
	"bytes"
	netmail "net/mail"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// tight are limits that short inputs reach.
var tight = Limits{Depth: 3, Parts: 5, Header: 400, Decoded: 300, Text: 100, HTML: 150, Addresses: 3}

func FuzzRead(f *testing.F) {
	for _, raw := range corpus(f) {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := bytes.Clone(raw)
		for _, l := range []Limits{DefaultLimits(), tight} {
			m := Read(raw, l)
			checkMail(t, m, l)
			if !bytes.Equal(raw, before) {
				t.Fatal("Read changed the mail that it was given")
			}
			if again := Read(raw, l); !reflect.DeepEqual(m, again) {
				t.Errorf("read twice, Read gave %+v, then %+v", m, again)
			}
		}
	})
}

func FuzzAddresses(f *testing.F) {
	for _, raw := range corpus(f) {
		m := header{limit: 1 << 20}
		m.read(raw)
		for _, name := range []string{"From", "To", "Cc", "Reply-To"} {
			f.Add(entity{fields: m.fields}.get(name))
		}
	}
	f.Fuzz(func(t *testing.T, value string) {
		list := ParseAddresses(value)
		if len(list) > 201 {
			t.Errorf("%d addresses", len(list))
		}
		for _, a := range list {
			if a == (Address{}) {
				t.Error("an Address without anything")
			}
			for _, s := range []string{a.Name, a.Addr} {
				if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || strings.ContainsFunc(s, turnsDirection) {
					t.Errorf("Address %q is not clean", s)
				}
			}
			if len(a.Addr) > maxAddr || len(a.Name) > maxDisplayName {
				t.Errorf("Address of %d and %d bytes", len(a.Name), len(a.Addr))
			}
		}
		checkAsNetMail(t, value, list)
	})
}

// checkAsNetMail compares with net/mail where that parses: the plain grammar has one reading.
func checkAsNetMail(t *testing.T, value string, list []Address) {
	t.Helper()
	if !isASCII([]byte(value)) || strings.ContainsAny(value, "\"\\()[]:;'=\r\n") || strings.ContainsFunc(value, unicode.IsControl) {
		return // what both read, but net/mail takes quotes off the local part and drops comments
	}
	want, err := netmail.ParseAddressList(value)
	if err != nil || len(want) > 200 {
		return
	}
	var got, expected []string
	for _, a := range list {
		got = append(got, a.Addr)
	}
	for _, a := range want {
		if len(a.Address) > maxAddr {
			return
		}
		expected = append(expected, a.Address)
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("ParseAddresses(%q) (-net/mail +got):\n%s", value, diff)
	}
}

func FuzzIDs(f *testing.F) {
	for _, raw := range corpus(f) {
		m := Read(raw, DefaultLimits())
		for _, name := range []string{"Message-ID", "In-Reply-To", "References"} {
			f.Add(m.Header.Get(name))
		}
	}
	f.Fuzz(func(t *testing.T, value string) {
		got := ParseIDs(DecodeWords(value))
		checkIDs(t, "ParseIDs", got)
		again := ParseIDs("<" + strings.Join(got, "> <") + ">")
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("what ParseIDs(%q) gave, read again (-first +again):\n%s", value, diff)
		}
	})
}

func corpus(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		t.Fatal(err)
	}
	mails := make(map[string][]byte, len(files))
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		mails[filepath.Base(file)] = raw
	}
	return mails
}
