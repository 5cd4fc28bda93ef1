package judge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loket/connectors/email/mail"
	"loket/internal/message"
)

const corpus = "../mail/testdata"

// helpdesk is the organisation of the corpus.
var helpdesk = Own{
	Addresses: []string{"help@loket.example"},
	Domains:   []string{"loket.example"},
	MessageID: func(id string) bool {
		return strings.HasPrefix(id, "loket.") && strings.HasSuffix(id, "@loket.example")
	},
}

func TestCorpusIsJudgedAsPeopleWould(t *testing.T) {
	const reported = "loket.5a5a.0005@loket.example"
	for _, tc := range []struct {
		mail  string
		kind  message.Automatic
		state string
		id    string
	}{
		{"auto-domino", message.Reply, "", ""},
		{"auto-exchange-oof", message.Reply, "", ""},
		{"auto-exchange-oof-en", message.Reply, "", ""},
		{"auto-gmail-vacation", message.Reply, "", ""},
		{"auto-no-reply-sender", message.ByPerson, "", ""},
		{"auto-oof-de", message.Reply, "", ""},
		{"auto-oof-no-headers-nl", message.Reply, "", ""},
		{"auto-sieve-vacation", message.Reply, "", ""},
		{"auto-ticket-acknowledged", message.Notice, "", ""},
		{"auto-vacation-unix", message.Reply, "", ""},
		{"bounce-challenge-response", message.Reply, "", ""},
		{"bounce-exchange", message.Bounce, StateFailed, reported},
		{"bounce-exim", message.Bounce, StateFailed, reported},
		{"bounce-gmail", message.Bounce, StateFailed, reported},
		{"bounce-plain-old-exchange", message.Bounce, StateFailed, reported},
		{"bounce-postfix", message.Bounce, StateFailed, reported},
		{"bounce-postfix-delayed", message.Bounce, StateDelayed, reported},
		{"bounce-qmail", message.Bounce, StateFailed, reported},
		{"bounce-relay-success", message.Report, StateSent, reported},
		{"bounce-sendmail", message.Bounce, StateFailed, reported},
		{"bounce-two-recipients", message.Bounce, StateFailed, reported},
		{"bounce-verp-8bit", message.Bounce, StateFailed, "loket.6b6b.0006@loket.example"},
		{"list-footer-beside-alternative", message.List, "", ""},
		{"list-mailman", message.List, "", ""},
		{"newsletter-html-only-en", message.List, "", ""},
		{"newsletter-nl", message.List, "", ""},
		{"receipt-read-mdn", message.Report, StateRead, "loket.4f4f.0004@loket.example"},
		{"report-abuse-arf", message.Report, "", ""},
		{"report-dmarc", message.Report, "", ""},
	} {
		t.Run(tc.mail, func(t *testing.T) {
			m := corpusMail(t, filepath.Join(corpus, tc.mail+".eml"))
			if kind, why := Automatic(m, helpdesk); kind != tc.kind {
				t.Errorf("Automatic = %s (%s), want %s", kind.Word(), why, tc.kind.Word())
			}
			r, ok := Bounce(m, helpdesk)
			if ok != (tc.state != "") || r.State != tc.state {
				t.Errorf("Bounce = %+v, %v, want state %q", r, ok, tc.state)
			}
			if tc.id != "" && (len(r.Candidates) == 0 || r.Candidates[0] != tc.id) {
				t.Errorf("Candidates = %q, want %s first", r.Candidates, tc.id)
			}
		})
	}
}

func TestCorpusAnswersAndForwardsAreByPeople(t *testing.T) {
	for _, pattern := range []string{"reply-*.eml", "forward-*.eml"} {
		files, err := filepath.Glob(filepath.Join(corpus, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no mails called %s: %v", pattern, err)
		}
		for _, file := range files {
			m := corpusMail(t, file)
			if kind, why := Automatic(m, helpdesk); kind != message.ByPerson {
				t.Errorf("%s: Automatic = %s (%s), want no", file, kind.Word(), why)
			}
			if a, ok := Forwarded(m); ok && strings.HasPrefix(filepath.Base(file), "reply-") {
				t.Errorf("%s: Forwarded = %v, want none", file, a)
			}
		}
	}
}

func corpusMail(t *testing.T, file string) *mail.Mail {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return mail.Read(raw, mail.Limits{})
}
