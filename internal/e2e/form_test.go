package e2e_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What real clients send against the rules is kept whole or refused, and what the honeypot catches can be sent on its way.
func TestTheFormKeepsWhatItIsSent(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	send := func(kind, body string) int {
		t.Helper()
		res, err := http.Post(d.public+"/in/website/", kind, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		return res.StatusCode
	}
	heads := map[string]string{
		`bill "March" final.pdf`: `name="attachments"; filename="bill "March" final.pdf"`,
		"bill March.pdf":         `name=attachments; filename=bill March.pdf`,
		"bill.pdf":               `name="attachments"; filename="bill.pdf"; filename="bill-1.pdf"`,
		"rechnung-größe.pdf":     `name="attachments"; filename=rechnung-größe.pdf`,
	}
	for name, head := range heads {
		body := "--BND\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n" + name +
			"\r\n--BND\r\nContent-Disposition: form-data; " + head + "\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\n--BND--\r\n"
		if got := send("multipart/form-data; boundary=BND", body); got != 202 {
			t.Errorf("%s: %d, want 202", name, got)
		}
	}
	const latin = "{\"text\":\"Stra\xdfe gesperrt\"}"
	if named, not := send("application/json; charset=iso-8859-1", latin), send("application/json", latin); named != 202 || not != 400 {
		t.Errorf("Latin 1 is answered %d when it is named and %d when not, want 202 and 400", named, not)
	}
	if got := send("application/x-www-form-urlencoded", "text=A+person+after+all&homepage=https://kate.example"); got != 202 {
		t.Errorf("what is caught is answered %d, want 202 as others are", got)
	}
	d.settled()
	if all := d.tasks("support"); len(all) != len(heads)+1 {
		t.Errorf("%d tasks, want %d", len(all), len(heads)+1)
	}
	list, code := d.loket("", "quarantine", "list")
	if code != 0 || !strings.Contains(list, "honeypot") || !strings.Contains(list, "goes at") {
		t.Fatalf("quarantine list = %d:\n%s", code, list)
	}
	id := strings.Fields(strings.SplitN(list, "\n", 3)[1])[0]
	if said, code := d.loket("", "quarantine", "retry", id); code != 0 {
		t.Fatalf("quarantine retry = %d: %s", code, said)
	}
	d.taskOf("support", "A person after all")
	d.taskOf("support", "Straße gesperrt")
	for name := range heads {
		task, err := d.client("anna").Task(t.Context(), d.taskOf("support", name).ID)
		if err != nil {
			t.Fatal(err)
		}
		if files := task.Messages[0].Attachments; len(files) != 1 || files[0].Name != name || files[0].Size != 8 {
			t.Errorf("the files of %q are %+v", name, files)
		}
	}
	d.healthy()
}
