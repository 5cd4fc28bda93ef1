package webform

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"loket/internal/message"
)

const (
	maxText    = 100_000
	maxSubject = 300
	maxName    = 200
	maxTyped   = 320 // the longest e-mail address there can be
)

// compose makes the message of a post, or tells every field that is wrong, in the order of the form.
// A post need not say who it is from: the page of the thread is the way back.
func (f *Form) compose(p *post) (*message.Message, []*refusal) {
	from, marks, problems := f.claims(p)
	problems = append(tooLong("name", p.name, maxName), problems...)
	problems = append(problems, tooLong("subject", p.subject, maxSubject)...)
	if strings.TrimSpace(p.text) == "" {
		problems = append(problems, wrong("text", "must not be empty", func(w *words) string { return w.TextMissing }))
	}
	problems = append(problems, tooLong("text", p.text, maxText)...)
	if len(problems) > 0 {
		return nil, problems
	}
	id := f.id(p)
	m := &message.Message{
		ID: id, Connector: f.env.Name, Channel: "web",
		Thread: id, // every post begins a conversation
		From:   from, Name: p.name, Subject: p.subject, Text: p.text,
		Received: f.now().UTC(), Marks: marks, Attachments: p.Attachments(id),
	}
	return m, nil
}

// claims reads the sender's identifiers. Nobody has checked them, and so they say. A telephone number that is none is a mark.
func (f *Form) claims(p *post) (from []message.Identifier, marks []string, problems []*refusal) {
	phone := func(s string) (message.Identifier, error) {
		id, mark := message.TypedPhone(s, f.env.Region)
		if mark != "" {
			marks = append(marks, mark)
		}
		return id, nil
	}
	for _, typed := range []struct {
		field, value string
		parse        func(string) (message.Identifier, error)
		say          func(w *words) string
	}{
		{
			"email", p.email,
			func(s string) (message.Identifier, error) { return message.Email(s, message.Claimed) },
			func(w *words) string { return w.EmailWrong },
		},
		{"phone", message.Head(p.phone, maxTyped), phone, nil},
		{
			"customer_no", p.customerNo,
			func(s string) (message.Identifier, error) {
				return message.NewIdentifier("cno", "", s, message.Claimed)
			},
			func(w *words) string { return w.CustomerNoWrong },
		},
	} {
		if typed.value == "" {
			continue
		}
		if long := tooLong(typed.field, typed.value, maxTyped); long != nil {
			problems = append(problems, long...)
			continue
		}
		id, err := typed.parse(typed.value)
		if err != nil {
			problems = append(problems, wrong(typed.field, strings.TrimPrefix(err.Error(), "cno: "), typed.say))
			continue
		}
		if !id.IsZero() {
			from = append(from, id)
		}
	}
	return from, marks, problems
}

func tooLong(field, value string, most int) []*refusal {
	if utf8.RuneCountInString(value) <= most {
		return nil
	}
	return []*refusal{wrong(field, fmt.Sprintf("must be at most %d characters", most), func(w *words) string {
		return fmt.Sprintf(w.TooLong, most)
	})}
}
