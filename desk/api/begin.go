package api

import (
	"context"
	"net/http"

	"loket/desk"
)

// A Beginning is a conversation that one of us begins.
type Beginning struct {
	Team        string `json:"team"`         // that answers what comes back
	To          string `json:"to,omitempty"` // an address; left out, where the customer likes to be answered
	Customer    string `json:"customer,omitempty"`
	Connector   string `json:"connector,omitempty"` // left out, the first that can
	Subject     string `json:"subject,omitempty"`
	Text        string `json:"text"`
	Attachments []File `json:"attachments,omitempty"`
	Key         string `json:"-"` // makes a repeat of the same one conversation
}

type beginBody struct {
	person
	Team        string       `json:"team"`
	To          string       `json:"to"`
	Customer    string       `json:"customer"`
	Connector   string       `json:"connector"`
	Subject     string       `json:"subject"`
	Text        string       `json:"text"`
	Attachments []fileToTake `json:"attachments"`
}

func begin(c *call) error {
	var b beginBody
	if err := c.read(&b); err != nil {
		return err
	}
	done, err := c.desk.Begin(c.ctx(), c.by(b.person), desk.Beginning{
		Team: b.Team, To: b.To, Customer: b.Customer, Connector: b.Connector, Subject: b.Subject, Text: b.Text,
		Attachments: takeFiles(b.Attachments), Key: c.r.Header.Get("Idempotency-Key"),
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusAccepted, answeredOf(done))
}

// Begin begins a conversation with a customer. What they answer comes into the task that it gives.
func (c *Client) Begin(ctx context.Context, b Beginning) (*Answered, error) {
	body := struct {
		person
		Beginning
	}{c.who(), b}
	req, err := c.request(ctx, http.MethodPost, path("threads"), nil, body)
	if err != nil {
		return nil, err
	}
	if b.Key != "" {
		req.Header.Set("Idempotency-Key", b.Key)
	}
	var out *Answered
	return out, c.do(req, &out)
}
