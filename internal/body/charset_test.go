package body

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTextsAreReadInTheirCharset(t *testing.T) {
	broken := errors.New("line is cut")
	for name, test := range map[string]struct {
		label, in, want string
		err             error
	}{
		"utf-8":                    {"", "Jürgen €", "Jürgen €", nil},
		"utf-8, named":             {"UTF-8", "Jürgen €", "Jürgen €", nil},
		"a mark before it":         {"", "\xef\xbb\xbf{}", "{}", nil},
		"a mark against the label": {"iso-8859-1", "\xef\xbb\xbfJürgen", "Jürgen", nil},
		"nothing but a mark":       {"", "\xef\xbb\xbf", "", nil},
		"nothing":                  {"", "", "", nil},
		"latin 1, unnamed":         {"", "J\xfcrgen", "", ErrCharset},
		"latin 1, called utf-8":    {"utf-8", "J\xfcrgen", "", ErrCharset},
		"latin 1":                  {"iso-8859-1", "J\xfcrgen", "Jürgen", nil},
		"windows-1252":             {"windows-1252", "50 \x80", "50 €", nil},
		"quoted, in another case":  {`"Windows-1252"`, "50 \x80", "50 €", nil},
		"windows-1251":             {"cp1251", "\xed\xe5", "не", nil},
		"shift_jis":                {"Shift_JIS", "\x93\x9e\x92\x85", "到着", nil},
		"not shift_jis":            {"Shift_JIS", "ab\x81\xff\xff", "", ErrCharset},
		"utf-16 with a mark":       {"", "\xff\xfej\x00\xfc\x00", "jü", nil},
		"utf-16, big end first":    {"", "\xfe\xff\x00j\x00\xfc", "jü", nil},
		"utf-16, named":            {"utf-16", "\x00j\x00\xfc", "jü", nil},
		"utf-16le, named":          {"utf-16le", "j\x00\xfc\x00", "jü", nil},
		"utf-16, half a letter":    {"", "\xff\xfej\x00\x3d\xd8", "", ErrCharset},
		"unknown":                  {"klingon", "x", "", ErrUnknownCharset},
		"a way around filters":     {"utf-7", "x", "", ErrUnknownCharset},
		"a reader that breaks":     {"", "x", "", broken},
	} {
		src := io.Reader(strings.NewReader(test.in))
		if errors.Is(test.err, broken) {
			src = io.MultiReader(src, iotest.ErrReader(broken))
		}
		for how, r := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "in bytes": iotest.OneByteReader} {
			if how == "in bytes" && errors.Is(test.err, broken) {
				continue // it is read already
			}
			c, err := FindCharset(test.label)
			var got []byte
			if err == nil {
				got, err = io.ReadAll(c.Reader(r(src)))
			}
			if !errors.Is(err, test.err) || test.err == nil && string(got) != test.want {
				t.Errorf("%s, %s: %q, %v, want %q, %v", name, how, got, err, test.want, test.err)
			}
			src = strings.NewReader(test.in)
		}
	}
}

func TestLongTextsAreReadInTheirCharset(t *testing.T) {
	c, err := FindCharset("latin1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(c.Reader(strings.NewReader(strings.Repeat("\xfc", 100_000))))
	if err != nil || string(got) != strings.Repeat("ü", 100_000) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	// The buffers between end within letters of three bytes.
	euros, err := FindCharset("windows-1252")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"\x80", "a\x80", "\xfc\x80", "ab\x80"} {
		want, _ := euros.Text([]byte(text))
		got, err := io.ReadAll(euros.Reader(strings.NewReader(strings.Repeat(text, 10_000))))
		if err != nil || string(got) != strings.Repeat(want, 10_000) {
			t.Errorf("%q again and again: %d bytes, %v", text, len(got), err)
		}
	}
	if text, err := c.Text([]byte("J\xfcrgen")); err != nil || text != "Jürgen" {
		t.Errorf("Text = %q, %v", text, err)
	}
}
