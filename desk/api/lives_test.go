package api_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

// by sends a mail with an address in one conversation, and gives its task.
func (h *house) by(address, text string) *api.Task {
	h.t.Helper()
	res := h.raw("POST", "/api/v1/messages", adminToken,
		`{"channel":"email","text":"`+text+`","references":["<1@x>"],"from":[{"kind":"email","value":"`+address+`","level":"attested"}]}`)
	if res.StatusCode != http.StatusAccepted {
		h.t.Fatal(res.Status)
	}
	var found *api.Task
	await(h.t, "the mail in a task", func() bool {
		page, err := h.admin("").List(h.t.Context(), api.Listing{Team: "support", Limit: 100})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, t := range page.Tasks {
			whole, err := h.admin("").Task(h.t.Context(), t.ID)
			if err == nil && slices.ContainsFunc(whole.Messages, func(m api.Message) bool { return m.Text == text }) {
				found = whole
			}
		}
		return found != nil
	})
	return found
}

// exported is what is written of a customer, in one form and the other.
func (h *house) exported(id string) map[string]string {
	h.t.Helper()
	out := map[string]string{}
	for _, format := range []string{"json", "zip"} {
		r, err := h.admin("anna").Export(h.t.Context(), id, format)
		if err != nil {
			h.t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		_ = r.Close()
		if err != nil {
			h.t.Fatal(err)
		}
		if format == "zip" {
			z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				h.t.Fatal(err)
			}
			var all bytes.Buffer
			for _, f := range z.File {
				part, err := f.Open()
				if err != nil {
					h.t.Fatal(err)
				}
				if _, err := io.Copy(&all, part); err != nil {
					h.t.Fatal(err)
				}
			}
			b = all.Bytes()
		}
		out[format] = string(b)
	}
	return out
}

// What two wrote in one conversation before anybody knew that the address had changed hands is each one's own, in what is
// exported and in what is forgotten.
func TestWordsInOneTaskAreOfWhoHadTheAddress(t *testing.T) {
	for name, first := range map[string]bool{"the first is erased": true, "the next is erased": false} {
		t.Run(name, func(t *testing.T) { eachOwn(t, first) })
	}
}

func eachOwn(t *testing.T, first bool) {
	t.Helper()
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	kate := h.register("Kate", "cno:1", "email:kate@example.com")
	task := h.by("kate@example.com", "swordfish")
	at := task.Created.Format(time.RFC3339Nano)
	if same := h.by("kate@example.com", "marzipan"); same.ID != task.ID || len(same.Messages) != 2 {
		t.Fatalf("the second mail is in %+v", same)
	}
	if _, err := anna.Retire(ctx, kate.ID, "email:kate@example.com", at, api.Because{Reason: "the address is somebody else's now"}); err != nil {
		t.Fatal(err)
	}
	own := h.by("kate@example.com", "more marzipan")
	next := own.Customer.ID
	if own.ID == task.ID || next == "" || next == kate.ID {
		t.Fatalf("whoever has the address now is %+v", own)
	}
	for id, words := range map[string][2]string{kate.ID: {"swordfish", "marzipan"}, next: {"marzipan", "swordfish"}} {
		for format, text := range h.exported(id) {
			if !strings.Contains(text, words[0]) || strings.Contains(text, words[1]) {
				t.Errorf("the %s of %s (Kate is %s) is\n%s", format, id, kate.ID, text)
			}
		}
	}
	if text := h.exported(next)["zip"]; !strings.Contains(text, `"text":"marzipan"`) || !strings.Contains(text, `"text":"more marzipan"`) {
		t.Errorf("what was said before it was known is not whole:\n%s", text)
	}

	erased, left := next, "swordfish"
	if first {
		erased, left = kate.ID, "marzipan"
	}
	if _, err := anna.Erase(ctx, erased, false, api.Because{Reason: "asked"}); err != nil {
		t.Fatal(err)
	}
	now, err := anna.Task(ctx, task.ID)
	if err != nil || len(now.Messages) != 1 || now.Messages[0].Text != left {
		t.Errorf("after the one was forgotten the task says %+v, %v; want %s", now.Messages, err, left)
	}
	stays := map[bool]string{true: next, false: kate.ID}[first]
	if text := h.exported(stays)["zip"]; !strings.Contains(text, left) {
		t.Errorf("who stays has\n%s", text)
	}
}

// Who gives up a telephone number has given it up on WhatsApp too, and the other way round.
func TestNumberIsGivenUpOnWhatsAppToo(t *testing.T) {
	for number, wa := range map[string]string{"phone:+31612345678": "wa:31612345678", "phone:+5511987654321": "wa:551187654321", "phone:+525512345678": "wa:5215512345678"} {
		for _, one := range []string{number, wa} {
			t.Run(number+", "+one, func(t *testing.T) {
				h := open(t)
				kate := h.register("Kate", "cno:1", number, wa, "phone:+31201234567")
				now, err := h.admin("anna").Retire(t.Context(), kate.ID, one, "", api.Because{})
				if err != nil {
					t.Fatal(err)
				}
				for _, held := range now.Identifiers {
					if want := held.Identifier == number || held.Identifier == wa; held.Retired != want {
						t.Errorf("%s given up: %v, want %v", held.Identifier, held.Retired, want)
					}
				}
			})
		}
	}
}
