package api

import (
	"context"
	"net/http"
	"net/url"
)

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

// Note adds what colleagues should know.
func (c *Client) Note(ctx context.Context, task, text string) (*Task, error) {
	return c.act(ctx, task, "note", noteBody{c.who(), text})
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
