package connectortest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/message"
)

// Golden gives every payload of testdata, *.in.json, to take, and compares the messages that become of it with what stands beside it in
// *.want.json: those without ids, which depend on where the stand-in is, and without the instants that take did not read. In both, what
// was replaced in the payload stands as it stood. LOKET_GOLDEN=1 writes what became instead, to be read before it is believed.
func Golden(t *testing.T, take func(t *testing.T, payload string) []*message.Message, replaced *strings.Replacer) {
	t.Helper()
	files, err := filepath.Glob("testdata/*.in.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no payloads in testdata: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".in.json")
		t.Run(name, func(t *testing.T) {
			payload, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := []byte(replaced.Replace(string(written(t, take(t, string(payload))))))
			beside := filepath.Join("testdata", name+".want.json")
			if os.Getenv("LOKET_GOLDEN") != "" {
				if err := os.WriteFile(beside, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(beside)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func written(t *testing.T, all []*message.Message) []byte {
	t.Helper()
	shown := []message.Message{}
	for _, m := range all {
		if !message.ValidID(m.ID) {
			t.Errorf("id %q is not made by message.NewID", m.ID)
		}
		one := *m
		one.ID, one.Attachments = "", nil
		for _, a := range m.Attachments {
			a.Blob = strings.TrimPrefix(a.Blob, m.ID)
			one.Attachments = append(one.Attachments, a)
		}
		if time.Since(one.Sent) < time.Minute {
			one.Sent = time.Time{}
		}
		if time.Since(one.Received) < time.Minute {
			one.Received = time.Time{}
		}
		shown = append(shown, one)
	}
	b, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}
