package desk

import (
	"testing"

	"loket/internal/message"
	"loket/router/queue"
)

func TestSameSubjectIsOneButForPrefixes(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Boiler leaks", "Boiler leaks", true},
		{"Boiler leaks", "Re: Boiler  leaks", true},
		{"Boiler leaks", "AW: Re: [EXTERN] boiler leaks", true},
		{"Re: Boiler leaks", "Boiler leaks", true},
		{"Boiler leaks", "Antw.: Boiler leaks", true},
		{"到着しない", "返信：到着しない", true},
		{"A subject that is longer than what a task…", "Re: A subject that is longer than what a task is called by", true},
		{"The text of a mail without a subject", "Re:", true},
		{"Boiler leaks", "", true},
		{"Boiler leaks", "Water comes through the ceiling", false},
		{"Boiler leaks", "Re: Boiler leaks again", false},
		{"leaks", "Boilerleaks", false},
		{"Boiler leaks", "Question about invoice 8812 (was: Boiler leaks)", false},
	} {
		if got := sameSubject(c.a, c.b); got != c.want {
			t.Errorf("sameSubject(%q, %q) = %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestSubjectNowIsThatOfThePersonWhoWroteLast(t *testing.T) {
	said := func(id string, direction message.Direction, by message.Automatic, subject string) Message {
		return Message{Message: &message.Message{ID: id, Direction: direction, Automatic: by, Subject: subject}}
	}
	v := &Task{Card: &queue.Task{Subject: "Boiler leaks"}, Messages: []Message{
		said("1", message.In, message.ByPerson, "Boiler leaks"),
		said("2", message.Out, message.ByPerson, "Re: Boiler leaks"),
		said("3", message.In, message.ByPerson, "Invoice 8812"),
		said("4", message.In, message.ByPerson, "Re: invoice 8812"),
		said("5", message.In, message.Reply, "Away until Monday"),
	}}
	v.followSubject()
	changed := ""
	for _, m := range v.Messages {
		if m.SubjectChanged {
			changed += m.ID
		}
	}
	if v.SubjectNow != "Invoice 8812" || changed != "35" {
		t.Errorf("subject now %q, changed by %s; want that of 3, and 3 and 5 marked", v.SubjectNow, changed)
	}
	v.Messages = append(v.Messages, said("6", message.In, message.ByPerson, "Re: Boiler leaks"))
	v.SubjectNow = ""
	v.followSubject()
	if v.SubjectNow != "" {
		t.Errorf("subject now %q, want none: it is the task's again", v.SubjectNow)
	}
}
