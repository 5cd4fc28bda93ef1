package send_test

import (
	"strings"
	"testing"

	"loket/connectors/email/send/smtptest"
)

func BenchmarkSend(b *testing.B) {
	sink := smtptest.Start(b, smtptest.Options{})
	s := through(b, sink)
	m := said(strings.Repeat("A line of an answer as agents write them.\n", 40))
	for b.Loop() {
		if _, err := s.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
