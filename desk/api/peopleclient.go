package api

import (
	"context"
	"net/http"
)

// SignIns lists who may sign in to the desk's pages.
func (c *Client) SignIns(ctx context.Context) (*SignIns, error) {
	var all *SignIns
	err := c.get(ctx, path("people"), nil, &all)
	return all, err
}

// AddPerson adds somebody who does not stand in the configuration; without teams for every team.
func (c *Client) AddPerson(ctx context.Context, name string, teams, roles []string) error {
	return c.post(ctx, path("people"), newPersonBody{Name: name, Teams: teams, Roles: roles}, nil)
}

// AddBoard adds a screen that shows numbers; without teams of every team.
func (c *Client) AddBoard(ctx context.Context, name string, teams []string) error {
	return c.post(ctx, path("people"), newPersonBody{Name: name, Teams: teams, Board: true}, nil)
}

// LinkPerson gives a link by which somebody chooses a password, once.
func (c *Client) LinkPerson(ctx context.Context, name string) (*Link, error) {
	var l *Link
	err := c.post(ctx, path("people", name, "link"), struct{}{}, &l)
	return l, err
}

// SetPassword gives somebody a password and signs them out everywhere.
func (c *Client) SetPassword(ctx context.Context, name, password string) error {
	req, err := c.request(ctx, http.MethodPut, path("people", name, "password"), nil, passwordBody{Password: password})
	if err != nil {
		return err
	}
	return c.do(req, nil)
}

// DisablePerson takes the right to sign in from somebody, or gives it back.
func (c *Client) DisablePerson(ctx context.Context, name string, disabled bool) error {
	return c.post(ctx, path("people", name, "disable"), disabledBody{Disabled: &disabled}, nil)
}
