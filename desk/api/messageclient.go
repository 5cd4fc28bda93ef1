package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A NewMessage is what a customer said, written down by hand or by a program.
type NewMessage struct {
	ID          string   `json:"id,omitempty"` // the same again is the same message
	Channel     string   `json:"channel,omitempty"`
	Connector   string   `json:"connector,omitempty"`
	From        []string `json:"from,omitempty"` // kind:value
	Name        string   `json:"name,omitempty"`
	Subject     string   `json:"subject,omitempty"`
	Text        string   `json:"text,omitempty"`
	HTML        string   `json:"html,omitempty"`
	Attachments []File   `json:"attachments,omitempty"`
	Thread      string   `json:"thread,omitempty"` // the one it continues
	References  []string `json:"references,omitempty"`
	Own         string   `json:"own,omitempty"`
	Public      bool     `json:"public,omitempty"`
	Automatic   string   `json:"automatic,omitempty"`
	Language    string   `json:"language,omitempty"`
	Sent        string   `json:"sent,omitempty"` // RFC 3339
	Agent       string   `json:"agent,omitempty"`

	// Wait is how long to wait at most for the number of its task.
	Wait time.Duration `json:"-"`
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
