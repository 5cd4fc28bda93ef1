package api

import (
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"loket/desk"
	"loket/internal/field"
	"loket/internal/message"
)

// What is taken of a message, beside what the desk takes.
const (
	maxSubject    = 300
	maxReferences = 200
	maxSenders    = 20
)

// incoming is a message as people and programs write it down.
type incoming struct {
	ID        string            `json:"id"` // of whoever sends it; the same again is the same message
	Channel   string            `json:"channel"`
	Connector string            `json:"connector"`
	From      []json.RawMessage `json:"from"` // "email:kate@example.org", or {kind, scope, value, level}
	To        []json.RawMessage `json:"to"`
	Name      string            `json:"name"`
	// What forms and people rather say than from.
	Email      string `json:"email"`
	Phone      string `json:"phone"`
	CustomerNo string `json:"customer_no"`

	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	Quoted      string       `json:"quoted"` // what the text answers to
	HTML        string       `json:"html"`
	Attachments []fileToTake `json:"attachments"`

	Thread     string   `json:"thread"`
	References []string `json:"references"`
	Own        string   `json:"own"`
	Public     bool     `json:"public"`
	Automatic  string   `json:"automatic"`
	Language   string   `json:"language"`
	Sent       string   `json:"sent"`
	Agent      string   `json:"agent"`
}

// ReadMessage reads a message in the form that POST /route and POST /messages take. Beside an error, which joins
// every mistake, stands what could be read; the message is never nil. region is whose phone numbers come without
// a country.
func ReadMessage(data []byte, region string) (*message.Message, error) {
	in, err := readMessage(data, region)
	return in.Message, err
}

// readMessage reads a message as people and programs write it down: identifiers as kind:value or as objects
// with a level, claims unless they say otherwise. The error joins every mistake; beside it stands what could be
// read, never nil. region is whose phone numbers come without a country.
func readMessage(data []byte, region string) (*desk.Incoming, error) {
	var in incoming
	if err := decode(data, &in); err != nil {
		return &desk.Incoming{Message: &message.Message{}}, err
	}
	m := &message.Message{
		Connector: in.Connector, Channel: in.Channel, Public: in.Public, Thread: in.Thread,
		References: in.References, Own: in.Own, Name: message.CleanLine(in.Name), Subject: message.CleanLine(in.Subject),
		Text: message.CleanText(in.Text), HTML: strings.ToValidUTF8(in.HTML, "\uFFFD"), Language: in.Language, Agent: in.Agent,
	}
	if m.Connector == "" {
		m.Connector = desk.HandConnector
	}
	if m.Channel == "email" { // what mail programs write for want of an id would lead strangers to each other
		noID := func(id string) bool { return !strings.Contains(id, "@") }
		m.References = slices.DeleteFunc(m.References, noID)
		if noID(m.Own) {
			m.Own = ""
		}
	}
	if in.ID != "" {
		m.ID = message.NewID([]byte("desk"), []byte(m.Connector), []byte(in.ID))
	}
	if in.Quoted != "" {
		m.Whole = m.Text + "\n\n" + message.CleanText(in.Quoted)
	}
	var errs [4]error
	m.From, m.Marks, errs[0] = in.senders(region)
	m.To, errs[1] = readIdentifiers("to", in.To, region)
	m.Automatic, errs[2] = readAutomatic(in.Automatic)
	m.Sent, errs[3] = readTime("sent", in.Sent)
	files, err := desk.CheckFiles(takeFiles(in.Attachments))
	for _, f := range files {
		m.Attachments = append(m.Attachments, message.Attachment{Name: f.Name, Type: f.Type, Size: f.Length()})
	}
	return &desk.Incoming{Message: m, Files: files}, errors.Join(in.validate(m), errors.Join(errs[:]...), err)
}

var (
	channelForm   = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)
	connectorForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,59}$`)
)

// validate returns the mistakes of the fields that stand for themselves.
func (in *incoming) validate(m *message.Message) error {
	errs := []error{
		desk.LongMistake("id", in.ID, desk.MaxID), desk.LongMistake("name", m.Name, desk.MaxName), desk.LongMistake("subject", m.Subject, maxSubject),
		desk.LongMistake("text", m.Text, desk.MaxText), desk.LongMistake("html", m.HTML, desk.MaxText), desk.LongMistake("quoted", in.Quoted, desk.MaxText),
		desk.LongMistake("own", m.Own, desk.MaxID),
	}
	if m.Channel != "" && !channelForm.MatchString(m.Channel) {
		errs = append(errs, field.Errorf("channel", "must be a word in small letters such as phone, counter, letter"))
	}
	if !connectorForm.MatchString(m.Connector) {
		errs = append(errs, field.Errorf("connector", "must be the name of a connector: small letters, digits, - and _"))
	}
	errs = append(errs, desk.LanguageMistake(m.Language))
	if m.Thread != "" && !message.ValidID(m.Thread) {
		errs = append(errs, field.Errorf("thread", "must be the id of a thread"))
	}
	if len(m.References) > maxReferences {
		errs = append(errs, field.Errorf("references", "must be at most %d", maxReferences))
	}
	for i, ref := range m.References {
		if ref == "" || len(ref) > 4*desk.MaxID {
			errs = append(errs, field.Errorf(field.At("references", i), "must be 1 to %d characters", 4*desk.MaxID))
		}
	}
	return errors.Join(errs...)
}

// senders joins from with what was said in the fields of its own. A telephone number there that is none is a mark.
func (in *incoming) senders(region string) (ids []message.Identifier, marks []string, err error) {
	ids, err = readIdentifiers("from", in.From, region)
	errs := []error{err}
	for _, typed := range []struct{ path, kind, value string }{
		{"email", "email", in.Email}, {"phone", "phone", in.Phone}, {"customer_no", "cno", in.CustomerNo},
	} {
		if typed.value == "" {
			continue
		}
		if typed.kind == "phone" {
			id, mark := message.TypedPhone(typed.value, region)
			if mark != "" {
				marks = append(marks, mark)
			} else {
				ids = append(ids, id)
			}
			continue
		}
		id, err := message.ParseIdentifier(typed.kind+":"+typed.value, region, message.Claimed)
		if err != nil {
			errs = append(errs, field.Errorf(typed.path, "%v", err))
			continue
		}
		ids = append(ids, id)
	}
	return ids, marks, errors.Join(errs...)
}

func readIdentifiers(path string, raw []json.RawMessage, region string) ([]message.Identifier, error) {
	if len(raw) > maxSenders {
		return nil, field.Errorf(path, "must be at most %d identifiers", maxSenders)
	}
	var ids []message.Identifier
	var errs []error
	for i, r := range raw {
		id, err := readIdentifier(r, region)
		if err != nil {
			errs = append(errs, field.Under(field.At(path, i), err))
			continue
		}
		ids = append(ids, id)
	}
	return ids, errors.Join(errs...)
}

func readIdentifier(raw json.RawMessage, region string) (message.Identifier, error) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return message.ParseIdentifier(text, region, message.Claimed)
	}
	var id struct {
		Kind  string `json:"kind"`
		Scope string `json:"scope"`
		Value string `json:"value"`
		Level string `json:"level"`
	}
	if err := decode(raw, &id); err != nil {
		if errors.Is(err, errSyntax) {
			err = errors.New(`must be kind:value, or an object with kind and value`)
		}
		return message.Identifier{}, err
	}
	level := message.Claimed
	if id.Level != "" {
		var err error
		if level, err = message.ParseLevel(id.Level); err != nil {
			return message.Identifier{}, field.Errorf("level", "%v", err)
		}
		if level > message.Vouched {
			return message.Identifier{}, field.Errorf("level", "must be at most vouched: only a decision in the registry is %s", level)
		}
	}
	if id.Kind == "phone" && id.Scope == "" {
		return message.ShownPhone(id.Value, region, level)
	}
	return message.NewIdentifier(id.Kind, id.Scope, id.Value, level)
}

func readAutomatic(word string) (message.Automatic, error) {
	a, err := message.ParseAutomatic(word)
	if err != nil {
		return a, field.Errorf("automatic", "must be no, reply, bounce, list, notice or report, not %q", word)
	}
	return a, nil
}

func readTime(path, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, field.Errorf(path, "must be an instant such as 2026-11-22T09:30:00Z")
	}
	t = t.UTC()
	if t.Year() < 1 || t.Year() > 9999 { // what no JSON can hold; the zone may lead there
		return time.Time{}, field.Errorf(path, "must lie in the years 1 to 9999, in UTC")
	}
	return t, nil
}
