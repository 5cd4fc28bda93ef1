package router

import "loket/internal/message"

// Facts is what a rule can see of a message, and nothing else. It has no methods: an expression could call them.
type Facts struct {
	Channel   string `expr:"channel"`   // what customers call it: web, email, sms…
	Connector string `expr:"connector"` // its name in the configuration
	Public    bool   `expr:"public"`    // strangers can read it where it was said
	Subject   string `expr:"subject"`
	Text      string `expr:"text"` // without quotes and signature

	From     []string `expr:"from"`     // kind:value of each identifier of the sender, claims too
	Name     string   `expr:"name"`     // what the sender calls himself
	Language string   `expr:"language"` // nl, en…; empty when unknown
	Customer Customer `expr:"customer"`

	Attachments     int      `expr:"attachments"`      // how many
	AttachmentTypes []string `expr:"attachment_types"` // image/png…
	Automatic       string   `expr:"automatic"`        // no, reply, bounce, list, notice, report
}

// Customer is what a rule can see of the customer.
type Customer struct {
	ID        string   `expr:"id"`
	Assurance string   `expr:"assurance"` // how sure it is, in the words of message.Level; none when the sender showed nothing
	Segment   string   `expr:"segment"`
	Tags      []string `expr:"tags"`
}

// FactsOf is what the rules see of m when customer sent it.
func FactsOf(m *message.Message, customer Customer) Facts {
	f := Facts{
		Channel:     m.Channel,
		Connector:   m.Connector,
		Public:      m.Public,
		Subject:     m.Subject,
		Text:        m.Text,
		Name:        m.Name,
		Language:    m.Language,
		Customer:    customer,
		Attachments: len(m.Attachments),
		Automatic:   m.Automatic.Word(),
	}
	for _, id := range m.From {
		f.From = append(f.From, id.String())
	}
	for _, a := range m.Attachments {
		f.AttachmentTypes = append(f.AttachmentTypes, a.Type)
	}
	return f
}

// vocabularies are the words that some facts are in, by how a rule names the fact: one that compares with another word
// would never hold, or always.
func vocabularies() map[string][]string {
	words := map[string][]string{
		"automatic": {message.ByPerson.Word()},
		"weekday()": {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
	}
	for _, a := range []message.Automatic{message.Reply, message.Bounce, message.List, message.Notice, message.Report} {
		words["automatic"] = append(words["automatic"], a.Word())
	}
	words["customer.assurance"] = []string{"none"}
	for l := message.Mentioned; l <= message.Decided; l++ {
		words["customer.assurance"] = append(words["customer.assurance"], l.String())
	}
	return words
}
