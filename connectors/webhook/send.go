package webhook

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/field"
	"loket/internal/message"
)

// A call is how an answer goes out, compiled.
type call struct {
	base                                              string
	url                                               template
	query, headers                                    map[string]template
	body                                              *shape
	document                                          template
	id, success, already, permanent, retry, waitAfter *expression
}

// call compiles the call of answers.
func (c *compiler) call(r *Reply) *call {
	out := func(path, source string) *expression { return c.expression("reply."+path, source, outcome{}, 0) }
	k := &call{
		query: map[string]template{}, headers: map[string]template{}, url: c.template("reply.url", r.URL), id: out("id", r.ID), success: out("success", r.Success),
		already: out("already", r.Already), permanent: out("permanent", r.Permanent), retry: out("retry", r.Retry), waitAfter: out("after", r.After),
	}
	if u, err := url.Parse(k.url[0].text); err == nil {
		k.base = u.Scheme + "://" + u.Host
		k.url[0].text = strings.TrimPrefix(k.url[0].text, k.base)
	}
	for _, name := range slices.Sorted(maps.Keys(r.Query)) {
		k.query[name] = c.template("reply.query."+name, r.Query[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		k.headers[name] = c.template("reply.headers."+name, r.Headers[name].Reveal())
	}
	switch {
	case r.Body == nil:
	case r.Type == "xml":
		k.document = c.xmlTemplate("reply.body", r.Body)
	default:
		k.body = c.shape("reply.body", r.Body)
		if _, isFields := r.Body.(map[string]any); r.Type == "form" && !isFields {
			c.bad = append(c.bad, field.Errorf("reply.body", "must be the fields of the form and their values"))
		}
	}
	return k
}

// client makes what calls the other system. It reads the status of a refusal, and what the configuration says of its body.
func (w *Webhook) client() (*vendor.Client, error) {
	k := w.rules.call
	return vendor.New(vendor.Options{Vendor: "the system of " + w.env.Name, Base: k.base, MaxAnswer: 1 << 20, Failed: func(status int, content []byte) bool {
		done, err := k.success.yes(outcomeOf(status, content), true)
		return err != nil || !done
	}, Read: func(e *vendor.Error, _ http.Header, content []byte) {
		of := outcomeOf(e.Status, content)
		is := func(x *expression) bool { yes, err := x.yes(of, false); return err == nil && yes }
		switch {
		case is(k.already):
			e.Verdict, e.Detail = vendor.Retry, already
		case is(k.permanent):
			e.Verdict = vendor.Permanent
		case is(k.retry):
			e.Verdict = vendor.Retry
		}
		if s, err := k.waitAfter.text(of); err == nil {
			if n, err := strconv.ParseFloat(s, 64); err == nil && n > 0 && n < 86400 {
				e.After = max(e.After, time.Duration(n*float64(time.Second)))
			}
		}
	}})
}

const already = "it was done before"

func outcomeOf(status int, content []byte) outcome {
	p, _ := read(&http.Request{Method: http.MethodPost, Header: http.Header{}}, content) // what cannot be read has no fields
	return outcome{Status: status, Body: p.body, Raw: string(content)}
}

// Send makes the call of an answer.
func (a *answering) Send(ctx context.Context, m *message.Message) (connectors.Receipt, error) {
	none := connectors.Receipt{}
	if err := a.Check(m); err != nil {
		return none, connectors.Permanent(err)
	}
	secrets := map[string]string{}
	for name, s := range a.cfg.Reply.Secrets {
		secrets[name] = s.Reveal()
	}
	req, err := a.request(ctx, m, secrets)
	if err != nil {
		return none, connectors.Permanent(fmt.Errorf("write the call: %w", err))
	}
	res, err := a.api.Do(req)
	e := vendor.As(err)
	if e != nil && e.Detail == already {
		return connectors.Receipt{State: connectors.Sent}, nil
	}
	if e != nil && a.cfg.Reply.Repeatable && connectors.IsInDoubt(err) {
		return none, connectors.After(max(e.After, time.Second), fmt.Errorf("it may be done, and is repeated: %s", err)) // without the mark
	}
	if err != nil {
		return none, err
	}
	content, err := io.ReadAll(res.Body)
	if err != nil {
		return none, connectors.InDoubt(err)
	}
	id, err := a.rules.call.id.text(outcomeOf(res.StatusCode, content))
	if err == nil && id == "" && a.cfg.Reply.ID != "" {
		err = errors.New("there is no id in the answer of the call")
	}
	if err != nil {
		return none, connectors.InDoubt(fmt.Errorf("read id: %w", err))
	}
	return connectors.Receipt{ID: id, State: connectors.Sent}, nil
}

// letter is what templates see of an answer.
func (w *Webhook) letter(m *message.Message, secrets map[string]string) letter {
	sum := sha256.Sum256([]byte(m.ID))
	u := hex.EncodeToString(sum[:16])
	l := letter{Secret: secrets, To: w.recipient(m), Text: m.Text, Subject: m.Subject, ID: m.ID, UUID: u[:8] + "-" + u[8:12] + "-4" + u[13:16] + "-a" + u[17:20] + "-" + u[20:]}
	if n := len(m.References); n > 0 {
		l.Answered = m.References[n-1]
		if n > 1 {
			l.Conversation = m.References[n-2]
		}
	}
	return l
}

// request writes the call of an answer.
func (a *answering) request(ctx context.Context, m *message.Message, secrets map[string]string) (*http.Request, error) {
	k, l, r := a.rules.call, a.letter(m, secrets), a.cfg.Reply
	path, err := k.url.render(l, inPath)
	if err != nil {
		return nil, err
	}
	kind, content, err := k.content(r.Type, l)
	if err != nil {
		return nil, err
	}
	method := cmp.Or(r.Method, http.MethodPost)
	req, err := http.NewRequestWithContext(ctx, method, k.base+path, bytes.NewReader(content))
	if err != nil {
		return nil, errors.New("the address of the call is none")
	}
	query := url.Values{}
	for name, t := range k.query {
		v, err := t.render(l, plain)
		if err != nil {
			return nil, fmt.Errorf("query.%s: %w", name, err)
		}
		query.Set(name, v)
	}
	req.URL.RawQuery = query.Encode()
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	for name, t := range k.headers {
		v, err := t.render(l, inHeader)
		if err != nil {
			return nil, fmt.Errorf("headers.%s: %w", name, err)
		}
		req.Header.Set(name, v)
	}
	return req, nil
}

// content is the body of a call and its type.
func (k *call) content(kind string, l letter) (string, []byte, error) {
	switch {
	case k.document != nil:
		text, err := k.document.render(l, inXML)
		return "application/xml; charset=utf-8", []byte(text), err
	case k.body == nil:
		return "", nil, nil
	case kind == "form":
		form, err := k.body.form(l)
		return "application/x-www-form-urlencoded", []byte(form.Encode()), err
	}
	v, err := k.body.value(l)
	if err != nil {
		return "", nil, err
	}
	content, err := json.Marshal(v)
	return "application/json", content, err
}

// recipient is whom an answer is for, as the other system knows them; "" when there is nobody.
func (w *Webhook) recipient(m *message.Message) string {
	for _, to := range m.To {
		if to.Kind == w.cfg.Reply.To && (w.cfg.Reply.Scope == "" || to.Scope == w.cfg.Reply.Scope) {
			return to.Value
		}
	}
	return ""
}

// Check says in words for people why the other system would not take an answer.
func (a *answering) Check(m *message.Message) error {
	r := a.cfg.Reply
	switch n := utf8.RuneCountInString(m.Text); {
	case r.To != "" && a.recipient(m) == "":
		return connectors.Refuse("there is nobody on %s to answer to", a.cfg.Channel)
	case r.MaxText > 0 && n > r.MaxText:
		return connectors.Refuse("a text on %s must be at most %d characters, not %d", a.cfg.Channel, r.MaxText, n)
	case len(m.Attachments) > 0:
		return connectors.Refuse("an answer on %s carries no files", a.cfg.Channel)
	case strings.TrimSpace(m.Text) == "":
		return connectors.Refuse("there is nothing to send")
	}
	return nil
}

// Reaches gives the channel for identifiers that calls are for.
func (a *answering) Reaches(to message.Identifier) string {
	r := a.cfg.Reply
	if r.To == "" || to.Kind != r.To || r.Scope != "" && to.Scope != r.Scope {
		return ""
	}
	return a.cfg.Channel
}

// References is the conversation with whom m is for, where the sender tells it.
func (a *answering) References(m *message.Message) []string {
	if to := a.recipient(m); to != "" && a.cfg.Message.Conversation == "" {
		return []string{to}
	}
	return nil
}
