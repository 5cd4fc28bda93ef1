package api

import (
	"context"
	"errors"
	"net/url"
	"strconv"
)

// Me tells who the token is of, and which teams it may look at.
func (c *Client) Me(ctx context.Context) (*Me, error) {
	var m *Me
	err := c.get(ctx, path("me"), nil, &m)
	return m, err
}

// Status is how the daemon stands.
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
