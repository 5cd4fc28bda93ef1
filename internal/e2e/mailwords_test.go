package e2e_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAMailSaysWhatItsWriterSaw(t *testing.T) {
	t.Parallel()
	h := newMailHouse(t, "authserv: [mx.example.org]")

	// A customer answers an old mail about something else.
	task, ours := h.answeredAndClosed(1, "Kate", "Boiler")
	h.deliver("INBOX", attested+"From: Kate <kate@example.com>\nTo: help@example.org\nSubject: Water comes in\nMessage-ID: <w@example.com>\nIn-Reply-To: "+ours, "Hall 3, please come.")
	h.await("the mail in its task", func() bool { return h.shown(task).SubjectNow == "Water comes in" })
	out, code := h.loket("", "show", task.Number)
	if code != 0 || !strings.Contains(out, "\nSubject: Water comes in\n") || strings.Count(out, "Subject now") != 1 || strings.Contains(out, "Subject: Re:") {
		t.Errorf("loket show = %d, want the new subject:\n%s", code, out)
	}

	// A mail system that says neither who it is nor that it reports gives our answer back.
	task, ours = h.answeredAndClosed(2, "Bert", "Meter")
	h.deliver("INBOX", "Return-Path: <MAILER-DAEMON>\nFrom: MAILER-DAEMON <>\nTo: help@example.org\nSubject: Returned mail\nAuto-Submitted: auto-replied\nMessage-ID: <b@mx.example>\nContent-Type: multipart/report; boundary=b",
		"--b\nContent-Type: text/plain\n\n<bert@example.com>... User unknown\n--b\nContent-Type: message/rfc822\n\nMessage-ID: "+ours+"\n--b--\n")
	h.await("the answer to fail", func() bool { return h.shown(task).Failure != "" })
	if got := h.shown(task); got.State != "queued" || !strings.Contains(got.Failure, "User unknown") {
		t.Errorf("the task is %s, failure %q; want it back with the server's words", got.State, got.Failure)
	}

	// What was signed, what is shown under a file's name, and what was written in a charset that nobody names.
	signed, err := os.ReadFile("../../connectors/email/mail/testdata/smime-signed.eml")
	if err != nil {
		t.Fatal(err)
	}
	h.server.Deliver("help", "INBOX", signed)
	h.deliver("INBOX", "From: Nora <nora@example.com>\nTo: help@example.org\nSubject: Named\nMessage-ID: <n@example.com>\nContent-Type: multipart/mixed; boundary=b",
		"--b\nContent-Type: text/plain; charset=cp932; name=letter.txt\nContent-Disposition: inline; filename=letter.txt\n\n\x93\x9e\x92\x85\x82\xb5\x82\xc8\x82\xa2\n--b\nContent-Type: =?utf-8?Q?application/pdf;_name=3D\"a.pdf\"?=\n\n%PDF\n--b--\n")
	h.deliver("INBOX", "From: \xd5\xc5\xc8\xfd <zhang@example.com>\nTo: help@example.org\nSubject: \xc3\xbb\xd3\xd0\xca\xd5\xb5\xbd\nMessage-ID: <g@example.com>", "ok")
	type read struct {
		Name, Text string
		Files      []string
		Marks      []string
	}
	for subject, want := range map[string]read{
		"Kündigung": {"Ida Berg", "Ich kündige zum Monatsende.", []string{"kuendigung.pdf application/pdf"}, []string{"signed; nobody checked the signature"}},
		"Named":     {"Nora", "到着しない", []string{"a.pdf application/pdf"}, nil},
		"没有收到":      {"张三", "ok", nil, []string{"its letters had to be guessed"}},
	} {
		m := h.from(subject).Messages[0]
		got := read{Name: m.Name, Text: m.Text, Marks: slices.DeleteFunc(m.Marks, func(s string) bool { return !strings.Contains(s, "signed;") && !strings.Contains(s, "guessed") })}
		for _, a := range m.Attachments {
			got.Files = append(got.Files, a.Name+" "+a.Type)
		}
		if len(got.Marks) == 0 {
			got.Marks = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", subject, diff)
		}
	}
}
