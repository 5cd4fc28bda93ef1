package cli

import (
	"strings"
	"testing"
)

func TestMailsThatAreFilesAreTakenIn(t *testing.T) {
	const mail = "From: kate@example.com\nTo: help@example.org\nSubject: No signal\nMessage-ID: <1@example.com>\n\nSince noon.\n"
	mbox := "From kate@example.com Sun Nov 29 10:00:00 2026\n" + mail + "\nFrom bert@example.com Sun Nov 29 10:00:01 2026\nFrom: bert@example.com\n\nAnd here.\n"
	for _, tt := range []struct {
		name, file, connector string
		code                  int
		err                   string
		bodies                []string
	}{
		{"a mail", mail, "mail", exitDone, "", []string{mail}},
		{"a mail for whatever mailbox", mail, "", exitDone, "", []string{mail}},
		{"a mailbox", mbox, "mail", exitDone, "", []string{mail, "From: bert@example.com\n\nAnd here.\n"}},
		{"nothing", "", "", exitNo, "is no mail: there is nothing in it", nil},
		{"a picture", "\xff\xd8\xff\xe0JFIF", "", exitNo, "is no mail", nil},
		{"a table", "id,name\n1,Kate\n", "", exitNo, "is no mail", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCounter(t, map[string]string{"POST /mails?agent=anna" + mailbox(tt.connector) + "&wait=5s": `202 {"id":"m9"}`})
			args := []string{"intake", "--server", c.URL, "--agent", "anna", "--file", write(t, "a.eml", tt.file)}
			if tt.connector != "" {
				args = append(args, "--connector", tt.connector)
			}
			got := typed(t, "", nil, args...)
			if got.code != tt.code || !strings.Contains(got.err, tt.err) {
				t.Fatalf("intake = %+v, want code %d and %q", got, tt.code, tt.err)
			}
			var bodies []string
			for _, call := range c.asked {
				bodies = append(bodies, call.body)
			}
			if strings.Join(bodies, "---") != strings.Join(tt.bodies, "---") {
				t.Errorf("sent %q, want %q", bodies, tt.bodies)
			}
		})
	}
}

// mailbox is how a call names one.
func mailbox(name string) string {
	if name == "" {
		return ""
	}
	return "&connector=" + name
}
