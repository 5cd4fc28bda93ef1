package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestMailsThatAreFilesAreTakenIn(t *testing.T) {
	const header = "From: kate@example.com\nTo: help@example.org\nSubject: No signal\n"
	withFile := func(size int) string {
		encoded := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), size))
		return header + "Message-ID: <1@example.com>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSince noon.\n--b\n" +
			"Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\n" + encoded + "\n--b--\n"
	}
	long := strings.Repeat("x", 400) + "@example.com"
	for _, tt := range []struct {
		name, file, connector string
		code                  int
		err                   string
		own, references       string
		files                 string
	}{
		{"a mail", header + "Message-ID: <1@example.com>\n\nSince noon.\n", "mail", 0, "", "1@example.com", "", "original.eml"},
		{"with a file", withFile(1000), "", 0, "", "1@example.com", "", "a.zip original.eml"},
		{"with its original too large beside the file", withFile(11 << 20), "", 0, "", "1@example.com", "", "original.eml"},
		{"with its original too large", withFile(20 << 20), "", 0, "", "1@example.com", "", "a.zip"},
		{"too large", withFile(30 << 20), "", exitNo, "too large", "", "", ""},
		{"a very long Message-ID", header + "Message-ID: <" + long + ">\n\nSince noon.\n", "", 0, "", "", long, "original.eml"},
		{"nothing", "", "", exitNo, "there is nothing in it", "", "", ""},
		{"a connector that is none", header + "\nSince noon.\n", "mial", exitMisuse, `none called "mial"`, "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCounter(t, map[string]string{
				"POST /messages": `202 {"id":"m9"}`, "GET /status": `200 {"connectors":[{"name":"mail","type":"email","state":"running"}]}`,
			})
			args := []string{"intake", "--server", c.URL, "--file", write(t, "a.eml", tt.file)}
			if tt.connector != "" {
				args = append(args, "--connector", tt.connector)
			}
			got := typed(t, "", nil, args...)
			if got.code != tt.code || !strings.Contains(got.err, tt.err) {
				t.Fatalf("intake = %+v, want code %d and %q", got, tt.code, tt.err)
			}
			if tt.code != exitDone {
				return
			}
			body := c.last(t).body
			var sent struct {
				Own         string
				References  []string
				Attachments []struct{ Name string }
			}
			if err := json.Unmarshal([]byte(body), &sent); err != nil || len(body) > 32<<20 {
				t.Fatalf("a request of %d bytes (%v)", len(body), err)
			}
			var files []string
			for _, a := range sent.Attachments {
				files = append(files, a.Name)
			}
			if sent.Own != tt.own || strings.Join(sent.References, " ") != tt.references || strings.Join(files, " ") != tt.files {
				t.Errorf("sent own %.20q, references %.20q, files %q", sent.Own, sent.References, files)
			}
		})
	}
}
