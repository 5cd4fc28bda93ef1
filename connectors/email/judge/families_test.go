package judge

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"loket/connectors/email/mail"
	"loket/internal/message"
)

// A sample is a mail of testdata and what is said of it above.
type sample struct{ name, want, raw string }

// samples reads a file of mails, each below a line "=== name | what is expected".
func samples(t *testing.T, file string) []sample {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []sample
	for _, block := range strings.Split(string(data), "\n=== ")[1:] {
		title, raw, _ := strings.Cut(block, "\n")
		name, want, _ := strings.Cut(title, " | ")
		list = append(list, sample{name, want, raw})
	}
	return list
}

func TestBounceKnowsWhatMailServersWrite(t *testing.T) {
	for _, s := range samples(t, "testdata/bounces.txt") {
		for ends, raw := range map[string][]byte{"": []byte(s.raw), ", CR LF": bytes.ReplaceAll([]byte(s.raw), []byte("\n"), []byte("\r\n"))} {
			t.Run(s.name+ends, func(t *testing.T) {
				m := mail.Read(raw, mail.Limits{})
				if kind, why := Automatic(m, ours); kind != message.Bounce {
					t.Fatalf("Automatic = %s (%s), want bounce", kind.Word(), why)
				}
				r, _ := Bounce(m, ours)
				got := r.State + " " + r.Recipient
				if r.Recipient == "" {
					got += "-"
				}
				if r.Permanent {
					got += " gone"
				}
				if got != s.want {
					t.Errorf("Bounce = %s (%s), want %s", got, r.Reason, s.want)
				}
			})
		}
	}
}

func TestBounceLeavesOrdinaryMailAlone(t *testing.T) {
	for _, s := range samples(t, "testdata/ordinary.txt") {
		t.Run(s.name, func(t *testing.T) {
			m := mail.Read([]byte(s.raw), mail.Limits{})
			if kind, why := Automatic(m, ours); kind == message.Bounce {
				t.Errorf("Automatic = %s (%s), want anything else", kind.Word(), why)
			}
		})
	}
}
