package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

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
