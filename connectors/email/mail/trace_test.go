package mail

import "testing"

func TestReadLeavesEncodedWordsInTraceFields(t *testing.T) {
	const result = "mx.example; spf=none smtp.mailfrom==?utf-8?q?x=3B_dmarc=3Dpass?=@evil.example"
	m := Read([]byte("Authentication-Results: "+result+"\nSubject: =?utf-8?q?caf=C3=A9?=\nFrom: a@b.example\n\nx"), Limits{})
	if got := m.Header.Get("Authentication-Results"); got != result {
		t.Errorf("Authentication-Results = %q, want %q", got, result)
	}
	if m.Subject != "café" {
		t.Errorf("Subject = %q, want café", m.Subject)
	}
}

func TestReadFoldsNothingIntoTraceFields(t *testing.T) {
	m := Read([]byte("Authentication-Results: mx.example; spf=none\ndmarc=pass header.from=bank.example\nFrom: a@b.example\n\nx"), Limits{})
	if got := m.Header.Get("Authentication-Results"); got != "mx.example; spf=none" {
		t.Errorf("Authentication-Results = %q, want it without a stranger's line", got)
	}
}
