package api

import (
	"context"
	"net/http"
	"net/url"
)

// Canned lists the canned answers of a team and those of every team; without a team those of all that may be seen.
func (c *Client) Canned(ctx context.Context, team string) (*CannedList, error) {
	query := url.Values{}
	if team != "" {
		query.Set("team", team)
	}
	var all *CannedList
	err := c.get(ctx, path("canned"), query, &all)
	return all, err
}

// SetCanned keeps a canned answer, a new one when it has no id.
func (c *Client) SetCanned(ctx context.Context, a Canned) (*Canned, error) {
	var out *Canned
	err := c.post(ctx, path("canned"), cannedBody{
		person: c.who(), ID: a.ID, Team: a.Team, Language: a.Language, Channel: a.Channel, Name: a.Name, Text: a.Text,
	}, &out)
	return out, err
}

// RemoveCanned removes a canned answer.
func (c *Client) RemoveCanned(ctx context.Context, id string) error {
	req, err := c.request(ctx, http.MethodDelete, path("canned", id), nil, nil)
	if err != nil {
		return err
	}
	return c.do(req, nil)
}
