package smtptest

import (
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// A Stage is a moment of a connection at which the server can fail.
type Stage string

// The stages, in their order.
const (
	Banner    Stage = "banner"
	Hello     Stage = "hello"
	Login     Stage = "login"
	Sender    Stage = "sender"    // MAIL FROM
	Recipient Stage = "recipient" // RCPT TO
	Data      Stage = "data"      // the command; the connection is closed after the answer
	Body      Stage = "body"      // while the mail comes; can only be Drop or Hang
	End       Stage = "end"       // after the final dot
)

// A Fault is what happens at a stage instead of success: an answer with Code and Text, or one of the other two.
type Fault struct {
	Code int
	Text string
	Drop bool // closes the connection without a word
	Hang bool // says nothing until the client goes away or the test ends
	// Keep takes the mail all the same, at End: only the client does not hear of it.
	Keep bool
	// Meanwhile is called at End when the mail is taken and the answer is yet to come, which is right: a customer is faster.
	Meanwhile func(Mail)
	// Only is the one recipient, or the beginning of it, that this fault is for.
	Only string
}

type planned struct {
	stage Stage
	fault Fault
	times int
}

// Fail makes the next times of a stage fail; below 1 is for ever. Faults of one stage come in the order they are given.
func (s *Sink) Fail(stage Stage, f Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &planned{stage, f, times})
}

// Heal takes back every fault.
func (s *Sink) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// WaitFailing waits until a fault happens, or has happened.
func (s *Sink) WaitFailing(tb testing.TB) {
	tb.Helper()
	s.wait(tb, "a fault", func() bool { return s.failing > 0 })
}

// next gives the fault of a stage that is due, nil when there is none.
func (s *Sink) next(stage Stage, recipient string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.faults {
		if p.stage != stage || !strings.HasPrefix(recipient, p.fault.Only) {
			continue
		}
		s.failing++
		s.signal()
		if p.times--; p.times == 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return &p.fault
	}
	return nil
}

// answer is the fault's, for go-smtp to give.
func (f *Fault) answer() error {
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.NoEnhancedCode, Message: f.Text}
}
