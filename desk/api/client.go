package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"loket/internal/secret"
)

// A Client calls the API of a daemon. What the daemon refuses is a *Problem; any other error means that it
// could not be asked. Its methods may be called concurrently. TASK is an id or a number such as T-1042-8.
type Client struct {
	Base  string // http://127.0.0.1:8081
	Token secret.String
	// Agent is the person who acts. Empty, it is the person of the token, and with a token that may act for others, Login.
	Agent string
	Login string
	// Lease is sent with every change of a task; empty, the change is made for whoever of the name Agent holds it.
	Lease string
	// Seen is what the task gave as seen, and goes with answers, waits and closings; empty, what was last shown to Agent
	// counts. With Anyway they are made over what came since, too.
	Seen   string
	Anyway bool
	// Zone is told with every answer in which zone people read times that belong to no team. May be nil.
	Zone func(name string)
	HTTP *http.Client // nil for http.DefaultClient; it must not have a timeout shorter than claims wait
}

// Under is the client with a lease.
func (c Client) Under(lease string) *Client {
	c.Lease = lease
	return &c
}

// Knowing is the client with what was seen of the task.
func (c Client) Knowing(seen string, anyway bool) *Client {
	c.Seen, c.Anyway = seen, anyway
	return &c
}

// Claim gives the most urgent task of the team, waiting for one at most wait; nil when none came. Asking again
// with the same request, which may be empty, gives the same task.
func (c *Client) Claim(ctx context.Context, team string, wait time.Duration, request string) (*Task, error) {
	var t *Task
	err := c.post(ctx, path("teams", team, "claim"), claimBody{Agent: c.Agent, Wait: wait.String(), RequestID: request}, &t)
	return t, err
}

// Task gives one task, with its lease if Agent holds it.
func (c *Client) Task(ctx context.Context, task string) (*Task, error) {
	var t *Task
	err := c.get(ctx, path("tasks", task), url.Values{"agent": {c.Agent}}, &t)
	return t, err
}

// List gives a page of a team's tasks.
func (c *Client) List(ctx context.Context, l Listing) (*Page, error) {
	q := url.Values{"state": {l.State}, "cursor": {l.Cursor}}
	if l.Limit > 0 {
		q.Set("limit", strconv.Itoa(l.Limit))
	}
	if l.Unattended {
		q.Set("unattended", "true")
	}
	var p *Page
	err := c.get(ctx, path("teams", l.Team, "tasks"), q, &p)
	return p, err
}

// Held gives what a person holds now.
func (c *Client) Held(ctx context.Context, agent string) (*Page, error) {
	var p *Page
	err := c.get(ctx, path("tasks"), url.Values{"agent": {agent}}, &p)
	return p, err
}

// Take claims this very task.
func (c *Client) Take(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "claim", c.who())
}

// Heartbeat renews the lease of a task.
func (c *Client) Heartbeat(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "heartbeat", c.who())
}

// Return gives a task back; its place is kept.
func (c *Client) Return(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "return", c.who())
}

// Assign keeps a task for one person.
func (c *Client) Assign(ctx context.Context, task, to string) (*Task, error) {
	return c.act(ctx, task, "assign", assignBody{Agent: to})
}

// Reply answers the customer.
func (c *Client) Reply(ctx context.Context, task string, a Answer) (*Answered, error) {
	body := struct {
		person
		looked
		Answer
	}{c.who(), c.looked(), a}
	req, err := c.request(ctx, http.MethodPost, path("tasks", task, "reply"), nil, body)
	if err != nil {
		return nil, err
	}
	if a.Key != "" {
		req.Header.Set("Idempotency-Key", a.Key)
	}
	var out *Answered
	return out, c.do(req, &out)
}

// Forward passes a task on to third parties. What they answer comes back as a note.
func (c *Client) Forward(ctx context.Context, task string, f Forward) (*Forwarded, error) {
	body := struct {
		person
		Forward
	}{c.who(), f}
	req, err := c.request(ctx, http.MethodPost, path("tasks", task, "forward"), nil, body)
	if err != nil {
		return nil, err
	}
	if f.Key != "" {
		req.Header.Set("Idempotency-Key", f.Key)
	}
	var out *Forwarded
	return out, c.do(req, &out)
}

// Drafts gives the answers that were not taken and are kept with a task, oldest first.
func (c *Client) Drafts(ctx context.Context, task string) ([]Draft, error) {
	var l draftList
	err := c.get(ctx, path("tasks", task, "drafts"), nil, &l)
	return l.Drafts, err
}

// SendDraft answers the customer with a draft. Doing it again gives the same answer. The outcome may be empty.
func (c *Client) SendDraft(ctx context.Context, task, draft string, closes bool, outcome string) (*Answered, error) {
	var a *Answered
	err := c.post(ctx, path("tasks", task, "drafts", draft, "send"), sendDraftBody{c.who(), c.looked(), closes, outcome}, &a)
	return a, err
}

// DropDraft drops a draft and gives it as it was.
func (c *Client) DropDraft(ctx context.Context, task, draft string) (*Draft, error) {
	req, err := c.request(ctx, http.MethodDelete, path("tasks", task, "drafts", draft), url.Values{"agent": {c.Agent}}, nil)
	if err != nil {
		return nil, err
	}
	var d *Draft
	return d, c.do(req, &d)
}

// Resend sends an answer once more that failed or is in doubt.
func (c *Client) Resend(ctx context.Context, task, reply string) (*Task, error) {
	var t *Task
	err := c.post(ctx, path("tasks", task, "replies", reply, "retry"), c.who(), &t)
	return t, err
}

// Note adds what colleagues should know.
func (c *Client) Note(ctx context.Context, task, text string) (*Task, error) {
	return c.act(ctx, task, "note", noteBody{c.who(), text})
}

// Transfer passes a task on to another team. The note may be empty.
func (c *Client) Transfer(ctx context.Context, task, team, note string) (*Task, error) {
	return c.act(ctx, task, "transfer", transferBody{c.who(), team, note})
}

// Wait lets a task rest until an instant in RFC 3339 or for a duration such as 2h or 3d; "" until the customer writes.
func (c *Client) Wait(ctx context.Context, task, until string) (*Task, error) {
	return c.act(ctx, task, "wait", waitBody{c.who(), c.looked(), until})
}

// AnsweredOtherwise notes that Agent answered the customer by another way than loket.
func (c *Client) AnsweredOtherwise(ctx context.Context, task string, o Otherwise) (*Task, error) {
	req, err := c.request(ctx, http.MethodPost, path("tasks", task, "answered"), nil, answeredBody{c.who(), c.looked(), o.By, o.Text, o.Close, o.Outcome})
	if err != nil {
		return nil, err
	}
	if o.Key != "" {
		req.Header.Set("Idempotency-Key", o.Key)
	}
	var t *Task
	return t, c.do(req, &t)
}

// Close ends a task. The outcome may be empty.
func (c *Client) Close(ctx context.Context, task, outcome string) (*Task, error) {
	return c.act(ctx, task, "close", closeBody{c.who(), c.looked(), outcome})
}

// Reopen brings a closed task back.
func (c *Client) Reopen(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "reopen", c.who())
}

// ByPerson says that a person wrote what was taken for a machine's: the message with that id, or the newest such one.
func (c *Client) ByPerson(ctx context.Context, task, message string) (*Task, error) {
	return c.act(ctx, task, "person", personBody{person: c.who(), Message: message})
}

// ByMachines says that machines wrote what came to a task since it was closed or began to wait.
func (c *Client) ByMachines(ctx context.Context, task string) (*Task, error) {
	return c.act(ctx, task, "person", personBody{person: c.who(), Machine: true})
}

// Link notes that two tasks have to do with each other.
func (c *Client) Link(ctx context.Context, task, other string) (*Task, error) {
	return c.act(ctx, task, "link", linkBody{c.who(), other})
}

// Merge lets the other task go on in this one, which it gives.
func (c *Client) Merge(ctx context.Context, task, other string) (*Task, error) {
	return c.act(ctx, task, "merge", linkBody{c.who(), other})
}

// Label changes tags, priority and language.
func (c *Client) Label(ctx context.Context, task string, l Labelling) (*Task, error) {
	return c.act(ctx, task, "label", labelBody{c.who(), l.Tag, l.Untag, l.Priority, l.Language})
}

// TakeIn brings in what a customer said.
func (c *Client) TakeIn(ctx context.Context, m NewMessage) (*TakenIn, error) {
	req, err := c.request(ctx, http.MethodPost, path("messages"), url.Values{"wait": {waiting(m.Wait)}}, m)
	if err != nil {
		return nil, err
	}
	var t *TakenIn
	err = c.do(req, &t)
	return t, err
}

// waiting is how long to wait as the API reads it; "" is not at all.
func waiting(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// TakeInMail brings in a mail as it stands in a file. connector is the mailbox, "" for the one that it was sent to. wait is
// how long to wait at most for the number of its task.
func (c *Client) TakeInMail(ctx context.Context, connector string, raw []byte, wait time.Duration) (*TakenIn, error) {
	q := url.Values{"agent": {c.Agent}, "connector": {connector}, "wait": {waiting(wait)}}
	req, err := c.request(ctx, http.MethodPost, path("mails"), q, nil)
	if err != nil {
		return nil, err
	}
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	req.Header.Set("Content-Type", "message/rfc822")
	var t *TakenIn
	err = c.do(req, &t)
	return t, err
}

// Route asks the live rules what they make of a message, in the JSON form of POST /messages. at may be zero.
func (c *Client) Route(ctx context.Context, data []byte, at time.Time) (*Routed, error) {
	q := url.Values{}
	if !at.IsZero() {
		q.Set("at", at.UTC().Format(time.RFC3339Nano))
	}
	req, err := c.request(ctx, http.MethodPost, path("route"), q, json.RawMessage(data))
	if err != nil {
		return nil, err
	}
	var r *Routed
	return r, c.do(req, &r)
}

// Attachment gives the bytes of an attachment. The caller closes it.
func (c *Client) Attachment(ctx context.Context, id string) (io.ReadCloser, error) {
	req, err := c.request(ctx, http.MethodGet, path(append([]string{"attachments"}, strings.Split(id, "/")...)...), nil, nil)
	if err != nil {
		return nil, err
	}
	res, err := c.send(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// Search finds tasks by number, id or identifier of who wrote.
func (c *Client) Search(ctx context.Context, query string) (*Found, error) {
	var f *Found
	err := c.get(ctx, path("search"), url.Values{"q": {query}}, &f)
	return f, err
}

// Me tells who the token is of, and which teams it may look at.
func (c *Client) Me(ctx context.Context) (*Me, error) {
	var m *Me
	err := c.get(ctx, path("me"), nil, &m)
	return m, err
}

// Status is how the house stands.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	var s *Status
	err := c.get(ctx, path("status"), nil, &s)
	return s, err
}

// Quarantine gives a page of what was set aside, oldest first; limit 0 for the usual length.
func (c *Client) Quarantine(ctx context.Context, limit int, cursor string) (*QuarantinePage, error) {
	q := url.Values{"cursor": {cursor}}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	var p *QuarantinePage
	err := c.get(ctx, path("quarantine"), q, &p)
	return p, err
}

// Quarantined gives one message that was set aside.
func (c *Client) Quarantined(ctx context.Context, id string) (*Quarantined, error) {
	var q *Quarantined
	err := c.get(ctx, path("quarantine", id), nil, &q)
	return q, err
}

// RetryQuarantined sends a message that was set aside on its way again.
func (c *Client) RetryQuarantined(ctx context.Context, id string) error {
	return c.post(ctx, path("quarantine", id, "retry"), struct{}{}, nil)
}

// DropQuarantined deletes a message that was set aside, for good.
func (c *Client) DropQuarantined(ctx context.Context, id string) error {
	return c.post(ctx, path("quarantine", id, "drop"), struct{}{}, nil)
}

// Doctor gives the invariants of the store that are broken; none is good.
func (c *Client) Doctor(ctx context.Context) ([]string, error) {
	var d diagnosis
	err := c.get(ctx, path("doctor"), nil, &d)
	return d.Broken, err
}

// Ready tells whether the daemon can take messages in, and why not. Not being ready is no error.
func (c *Client) Ready(ctx context.Context) (*Health, error) {
	var h *Health
	err := c.get(ctx, "/readyz", nil, &h)
	var p *Problem
	if errors.As(err, &p) && p.health != nil {
		return p.health, nil
	}
	return h, err
}

func (c *Client) who() person { return person{c.Agent, c.Lease} }

func (c *Client) looked() looked { return looked{c.Seen, c.Anyway} }

func (c *Client) act(ctx context.Context, task, verb string, body any) (*Task, error) {
	var t *Task
	err := c.post(ctx, path("tasks", task, verb), body, &t)
	return t, err
}

func (c *Client) get(ctx context.Context, path string, q url.Values, into any) error {
	req, err := c.request(ctx, http.MethodGet, path, q, nil)
	if err != nil {
		return err
	}
	return c.do(req, into)
}

func (c *Client) post(ctx context.Context, path string, body, into any) error {
	req, err := c.request(ctx, http.MethodPost, path, nil, body)
	if err != nil {
		return err
	}
	return c.do(req, into)
}

func (c *Client) request(ctx context.Context, method, path string, q url.Values, body any) (*http.Request, error) {
	for name, v := range q {
		if v[0] == "" {
			delete(q, name)
		}
	}
	target := strings.TrimRight(c.Base, "/") + path
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, target, r)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.Login != "" {
		req.Header.Set(loginHeader, c.Login)
	}
	if !c.Token.IsZero() {
		req.Header.Set("Authorization", "Bearer "+c.Token.Reveal())
	}
	return req, nil
}

// do sends the request and reads its answer; nothing is read where there is none, or into is nil.
func (c *Client) do(req *http.Request, into any) error {
	res, err := c.send(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if into == nil || res.StatusCode == http.StatusNoContent {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		return fmt.Errorf("%s %s: read answer: %w", req.Method, req.URL.Path, err)
	}
	return nil
}

func (c *Client) send(req *http.Request) (*http.Response, error) {
	h := c.HTTP
	if h == nil {
		h = http.DefaultClient
	}
	res, err := h.Do(req)
	if err != nil {
		return nil, err
	}
	if zone := res.Header.Get(ZoneHeader); zone != "" && c.Zone != nil {
		c.Zone(zone)
	}
	if res.StatusCode < 300 {
		return res, nil
	}
	defer res.Body.Close()
	return nil, readProblem(res)
}

// path joins the parts below /api/v1.
func path(parts ...string) string {
	var b strings.Builder
	b.WriteString("/api/v1")
	for _, p := range parts {
		b.WriteString("/" + url.PathEscape(p))
	}
	return b.String()
}
