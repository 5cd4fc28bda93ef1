package mail

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestSplitGivesEachMail(t *testing.T) {
	const from = "From jan@example.nl Mon Nov  2 10:00:00 2026\n"
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"empty", "", nil},
		{"one", from + "Subject: a\n\nhoi\n", []string{"Subject: a\n\nhoi\n"}},
		{"a blank line behind the last", from + "Subject: a\n\nhoi\n\n", []string{"Subject: a\n\nhoi\n"}},
		{"two", from + "Subject: a\n\nhoi\n\n" + from + "Subject: b\n\ndag\n", []string{"Subject: a\n\nhoi\n", "Subject: b\n\ndag\n"}},
		{"CR LF", strings.ReplaceAll(from+"Subject: a\n\nhoi\n\n"+from+"Subject: b\n\ndag\n", "\n", "\r\n"), []string{"Subject: a\r\n\r\nhoi\r\n", "Subject: b\r\n\r\ndag\r\n"}},
		{"quoted", from + "Subject: a\n\n>From hier\n>>From daar\n> From ginds\n", []string{"Subject: a\n\nFrom hier\n>From daar\n> From ginds\n"}},
		{"a sentence is no separator", from + "Subject: a\n\nhoi\n\nFrom here on it is text.\n", []string{"Subject: a\n\nhoi\n\nFrom here on it is text.\n"}},
		{"a separator without an empty line before it is none", from + "Subject: a\n\nhoi\n" + from, []string{"Subject: a\n\nhoi\n" + from}},
		{"from an archive", "From 1234567890@xxx Mon Nov 02 10:00:00 +0000 2026\r\nSubject: a\r\n\r\nhoi\r\n", []string{"Subject: a\r\n\r\nhoi\r\n"}},
		{"byte order mark", "\xef\xbb\xbf" + from + "Subject: a\n\nhoi\n", []string{"Subject: a\n\nhoi\n"}},
		{"no mbox at all", "Subject: a\n\nhoi", []string{"Subject: a\n\nhoi"}},
		{"no last line end", from + "Subject: a\n\nhoi", []string{"Subject: a\n\nhoi"}},
		{"a line longer than the buffer", from + "Subject: a\n\n" + strings.Repeat(">From ", 20000) + "\n\n" + from + "b\n", []string{"Subject: a\n\n" + strings.Repeat(">From ", 20000)[1:] + "\n", "b\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := split(iotest.HalfReader(strings.NewReader(c.in)))
			if err != nil {
				t.Fatalf("Split: %v", err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("Split (-want +got):\n%s", diff)
			}
			if is, want := IsMbox([]byte(c.in)), c.name != "empty" && c.name != "no mbox at all"; is != want {
				t.Errorf("IsMbox = %t, want %t", is, want)
			}
		})
	}
}

func TestSplitPassesOverWhatIsTooLarge(t *testing.T) {
	const from = "From jan@example.nl Mon Nov  2 10:00:00 2026\n"
	big := io.MultiReader(strings.NewReader(from+"eerste\n\n"+from), strings.NewReader(strings.Repeat(strings.Repeat("x", 1<<16-1)+"\n", maxMessage>>16)), strings.NewReader("\n"+from+"derde\n"))
	got, err := split(big)
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("Split = %v, want %v", err, ErrTooLarge)
	}
	if diff := cmp.Diff([]string{"eerste\n", "derde\n"}, got); diff != "" {
		t.Errorf("Split (-want +got):\n%s", diff)
	}
}

func TestSplitStopsAtAnError(t *testing.T) {
	broken := errors.New("kapot")
	if _, err := split(io.MultiReader(strings.NewReader("Subject: a\n"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("Split = %v, want %v", err, broken)
	}
	if err := Split(strings.NewReader("Subject: a\n"), func([]byte) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("Split = %v, want %v", err, broken)
	}
}

func TestIsMboxKnowsAMail(t *testing.T) {
	for in, want := range map[string]bool{
		"From jan@example.nl Mon Nov  2 10:00:00 2026\n": true,
		"From - Mon Nov  2 10:00:00 2026\r\n":            true,
		"From: jan@example.nl\n":                         false,
		"From : jan@example.nl\n":                        false,
		"From jan to you\n":                              false,
		"Received: from a by b; 10:00:00\n":              false,
	} {
		if got := IsMbox([]byte(in)); got != want {
			t.Errorf("IsMbox(%q) = %t, want %t", in, got, want)
		}
	}
}

func split(r io.Reader) ([]string, error) {
	var mails []string
	err := Split(r, func(raw []byte) error {
		mails = append(mails, string(raw))
		return nil
	})
	return mails, err
}
