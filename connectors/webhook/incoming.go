package webhook

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"loket/connectors"
	"loket/connectors/fetch"
	"loket/connectors/hook"
	"loket/internal/field"
	"loket/internal/message"
)

// What is counted of what comes in.
const (
	eventMessage = "message"
	eventReport  = "report"
	eventProblem = "problem"
)

// rules are the expressions of a configuration.
type rules struct {
	signed, signedAt *expression
	each, when, id, name, subject, text, language, sent, conversation, answers, public, link, automatic,
	attachments, optOut *expression
	from                                             []*expression
	reports, reported, reportOf, reportState, reason *expression
	call                                             *call
}

// compile compiles all expressions. The error joins every mistake of the configuration.
func compile(c *Config) (*rules, error) {
	k := &compiler{bad: []error{c.check()}}
	in := func(path, source string) *expression { return k.expression(path, source, request{}, 0) }
	m, r := &c.Message, &c.Report
	all := &rules{
		each: in("message.each", m.Each), when: in("message.when", m.When), id: in("message.id", m.ID), name: in("message.name", m.Name),
		subject: in("message.subject", m.Subject), text: in("message.text", m.Text), language: in("message.language", m.Language),
		sent: in("message.sent", m.Sent), conversation: in("message.conversation", m.Conversation), answers: in("message.answers", m.Answers),
		public: in("message.public", m.Public), link: in("message.link", m.Link), automatic: in("message.automatic", m.Automatic),
		attachments: in("message.attachments", m.Attachments), optOut: in("message.opt_out", m.OptOut),
		reports: in("report.each", r.Each), reported: in("report.when", r.When), reportOf: in("report.of", r.Of), reportState: in("report.state", r.State), reason: in("report.reason", r.Reason),
	}
	for i, f := range m.From {
		all.from = append(all.from, in(field.At("message.from", i)+".value", f.Value))
	}
	if h := c.Verify.HMAC; h != nil {
		all.signed, all.signedAt = in("verify.hmac.content", h.Content), in("verify.hmac.timestamp", h.Timestamp)
	}
	if c.Reply != nil {
		k.secrets = slices.Collect(maps.Keys(c.Reply.Secrets))
		all.call = k.call(c.Reply)
	}
	return all, errors.Join(k.bad...)
}

// take takes responsibility for a request: for each message and report in it, and for what cannot be understood, which somebody
// has to see.
func (w *Webhook) take(ctx context.Context, r *hook.Request) (hook.Answer, error) {
	done := hook.Answer{Type: w.cfg.Says.Type, Content: []byte(w.cfg.Says.Content)}
	raw := w.raw(r.Request, r.Content)
	p, err := read(r.Request, raw)
	if err != nil {
		return done, w.problem(ctx, raw, err)
	}
	of, n, absent := w.request(r.Request, p, raw), 0, false
	for _, kind := range []struct {
		each, when *expression
		given      bool
		accept     func(context.Context, request, *payload) error
	}{{w.rules.reports, w.rules.reported, w.cfg.Report.given(), w.acceptReport}, {w.rules.each, w.rules.when, w.cfg.Message.ID != "", w.acceptMessage}} {
		if !kind.given {
			continue
		}
		items, err := itemsOf(kind.each, of)
		if err != nil {
			return done, w.problem(ctx, raw, err)
		}
		absent = items == nil
		for _, item := range items {
			one := of
			one.Item = item
			is, err := kind.when.yes(one, true)
			if err == nil && is {
				err = kind.accept(ctx, one, &p)
			}
			var unread *unreadable
			if errors.As(err, &unread) || err != nil && !is {
				err = w.problem(ctx, original(kind.each, one), err)
				is = true
			}
			if err != nil {
				return done, err
			}
			if is {
				n++
			}
		}
	}
	switch {
	case n == 0 && absent: // what is called otherwise now may be somebody's message
		return done, w.problem(ctx, raw, errors.New("each: there is no such list in it"))
	case n == 0:
		w.Refused("other", nil)
	}
	return done, nil
}

// itemsOf gives the items of a request; nil when what has them is not there.
func itemsOf(each *expression, of request) ([]any, error) {
	if each == nil {
		return []any{of.Body}, nil
	}
	return each.list(of)
}

// original is what of a request an item is: the same bytes for the same item.
func original(each *expression, of request) []byte {
	if each != nil {
		if b, err := json.Marshal(of.Item); err == nil {
			return b
		}
	}
	return []byte(of.Raw)
}

// An unreadable item is of the other system, and something in it is missing or wrong.
type unreadable struct{ why string }

func (u *unreadable) Error() string { return u.why }

func unread(path string, err error) error { return &unreadable{path + ": " + err.Error()} }

// problem keeps what cannot be understood, for somebody to look at.
func (w *Webhook) problem(ctx context.Context, raw []byte, why error) error {
	m := w.begin("problem", string(raw))
	m.Problem = "this request cannot be read: " + message.Head(message.CleanLine(why.Error()), 300)
	m.Text = message.Head(strings.TrimSpace(message.CleanText(string(raw))), 16<<10) // which is what people see who try it again
	if len(raw) <= message.MaxInlineRaw {
		m.Raw = raw
	} else {
		m.RawBlob = m.ID + "/original"
		if _, err := w.env.Blobs.Put(ctx, m.RawBlob, bytes.NewReader(raw)); err != nil {
			return fmt.Errorf("store original: %w", err)
		}
	}
	err := w.env.Accept(ctx, m)
	if err == nil {
		w.Took(eventProblem, "webhook")
	}
	return err
}

func (w *Webhook) begin(kind, id string) *message.Message {
	return &message.Message{
		ID: message.NewID([]byte("webhook"), []byte(w.env.Name), []byte(kind), []byte(id)), Connector: w.env.Name, Channel: w.cfg.Channel,
		Received: w.now().UTC(),
	}
}

// acceptMessage takes the message of an item. The first of a request has the files that came in it.
func (w *Webhook) acceptMessage(ctx context.Context, of request, p *payload) error {
	m, files, err := w.message(of)
	if err != nil {
		return err
	}
	uploads := p.files
	p.files = nil
	if p.tooMany {
		m.Mark(MarkNoFile)
		p.tooMany = false
	}
	for i, f := range uploads {
		blob := m.ID + "/u" + strconv.Itoa(i+1)
		size, err := w.env.Blobs.Put(ctx, blob, bytes.NewReader(f.data))
		if err != nil {
			return fmt.Errorf("store file: %w", err)
		}
		kind := message.Sniff(f.data)
		m.Attachments = append(m.Attachments, message.Attachment{Name: message.NameWithEnding(f.name, kind, f.data), Type: kind, Size: size, Blob: blob})
	}
	if _, err = w.files.Deliver(ctx, m, files); err == nil {
		w.Took(eventMessage, "webhook")
	}
	return err
}

// reader reads expressions one after the other and keeps the first mistake.
type reader struct {
	of  request
	err error
}

func (r *reader) text(path string, e *expression) string {
	s, err := e.text(r.of)
	if err != nil && r.err == nil {
		r.err = unread(path, err)
	}
	return s
}

// short is a text that is kept as it is, or not at all: an id, or an address.
func (r *reader) short(path string, e *expression) string {
	s := r.text(path, e)
	if (len(s) > maxShort || !utf8.ValidString(s)) && r.err == nil {
		r.err = unread(path, fmt.Errorf("must be UTF-8 of at most %d bytes", maxShort))
	}
	return s
}

func (r *reader) yes(path string, e *expression) bool {
	is, err := e.yes(r.of, false)
	if err != nil && r.err == nil {
		r.err = unread(path, err)
	}
	return is
}

// message makes the message of an item, and tells which files come with it.
func (w *Webhook) message(of request) (*message.Message, []fetch.File, error) {
	r, x := &reader{of: of}, w.rules
	id := r.short("id", x.id)
	m := w.begin("message", id)
	m.Own, m.Name, m.Subject = id, message.Head(message.CleanLine(r.text("name", x.name)), 200), message.Head(message.CleanLine(r.text("subject", x.subject)), 500)
	m.Text, m.Language = message.Head(message.CleanText(r.text("text", x.text)), 64<<10), language.FindString(r.text("language", x.language))
	m.Public, m.Link = r.yes("public", x.public), httpLink(r.short("link", x.link))
	if r.yes("automatic", x.automatic) {
		m.Automatic = message.Notice
	}
	if r.yes("opt_out", x.optOut) {
		m.Kind, m.Marks = message.Consent, []string{MarkStop}
	}
	var err error
	if m.Sent, err = x.sent.instant(of); err != nil && r.err == nil {
		r.err = unread("sent", err)
	}
	if m.Sent.After(m.Received) {
		m.Sent = m.Received
	}
	first := w.senders(m, r)
	for _, ref := range []string{r.short("answers", x.answers), cmp.Or(r.short("conversation", x.conversation), first)} {
		if ref != "" {
			m.References = append(m.References, ref)
		}
	}
	files := filesOf(r, x.attachments, m)
	switch {
	case r.err != nil:
		return nil, nil, r.err
	case id == "":
		return nil, nil, unread("id", errors.New("is missing"))
	}
	if m.Text == "" && len(files) == 0 {
		m.Text = "(nothing that is text)"
	}
	return m, files, nil
}

// senders adds the identifiers of the sender and gives the first; one that is none leaves a mark with what was said.
func (w *Webhook) senders(m *message.Message, r *reader) (first string) {
	for i, e := range w.rules.from {
		value := r.text(field.At("from", i), e)
		if value == "" {
			continue
		}
		f, level := w.cfg.Message.From[i], message.Claimed
		if f.Level == "attested" {
			level = message.Attested
		}
		id, err := identifier(f, value, w.env.Region, level)
		if err != nil {
			m.Mark("what it says of its sender is no " + f.Kind)
			continue
		}
		m.From = append(m.From, id)
		first = cmp.Or(first, id.Value)
	}
	return first
}

func identifier(f From, value, region string, level message.Level) (message.Identifier, error) {
	if f.Kind == "phone" {
		return message.ShownPhone(value, region, level)
	}
	return message.NewIdentifier(f.Kind, f.Scope, value, level)
}

func (w *Webhook) acceptReport(ctx context.Context, of request, _ *payload) error {
	r, x := &reader{of: of}, w.rules
	id, state, reason := r.short("of", x.reportOf), r.short("state", x.reportState), r.text("reason", x.reason)
	if r.err == nil && id == "" {
		r.err = unread("of", errors.New("is missing"))
	}
	if r.err != nil {
		return r.err
	}
	known := connectors.State(state)
	if w.cfg.Report.States != nil {
		known = connectors.State(w.cfg.Report.States[state])
	}
	if !slices.Contains([]connectors.State{connectors.Sent, connectors.Delivered, connectors.Read, connectors.Failed}, known) {
		w.Refused("other", nil)
		return nil
	}
	m := w.begin("report", id+"\x00"+state)
	m.Kind, m.Channel = message.Delivery, w.cfg.Channel
	m.Report = &message.DeliveryReport{Of: id, State: string(known), Reason: message.Head(message.CleanLine(reason), 200)}
	err := w.env.Accept(ctx, m)
	if err == nil {
		w.Took(eventReport, "webhook")
	}
	return err
}

var language = regexp.MustCompile(`^[a-z]{2,3}\b`)

// httpLink lets only addresses of pages through.
func httpLink(s string) string {
	if r, err := http.NewRequest(http.MethodGet, s, nil); err != nil || r.URL.Scheme != "https" || r.URL.Host == "" {
		return ""
	}
	return s
}
