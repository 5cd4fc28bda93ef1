package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// A Webhook is one that the app registered.
type Webhook struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Valid bool   `json:"valid"` // X sends nothing to one that is not
}

// App is the app itself, without an account: what it registered. It proves who it is by a token that it gets for its key
// and secret.
type App struct {
	*caller
	keys Keys
}

// NewApp gives the client; it connects to nothing yet.
func NewApp(o Options) (*App, error) {
	c, err := newCaller(o)
	if err != nil {
		return nil, err
	}
	return &App{c, o.Keys}, nil
}

// Webhooks are those that the app registered.
func (a *App) Webhooks(ctx context.Context) ([]Webhook, error) {
	with, err := a.bearer(ctx)
	if err != nil {
		return nil, err
	}
	var got struct {
		Data []Webhook `json:"data"`
	}
	if err := with.call(ctx, http.MethodGet, "/2/webhooks", nil, nil, &got); err != nil {
		return nil, err
	}
	return got.Data, nil
}

// Revive asks X to challenge a webhook again, so that one that was found wanting gets events again.
func (a *App) Revive(ctx context.Context, id string) error {
	with, err := a.bearer(ctx)
	if err != nil {
		return err
	}
	var got json.RawMessage
	return with.call(ctx, http.MethodPut, "/2/webhooks/"+url.PathEscape(id), nil, nil, &got)
}

// bearer gives a caller with the app's token.
func (a *App) bearer(ctx context.Context) (*caller, error) {
	basic := *a.caller
	pair := url.QueryEscape(a.keys.ConsumerKey) + ":" + url.QueryEscape(a.keys.ConsumerSecret.Reveal())
	basic.signed = headed{a.plain, "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))}
	var got struct {
		Token string `json:"access_token"`
	}
	form := strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode())
	if err := basic.send(ctx, http.MethodPost, "/oauth2/token", nil, "application/x-www-form-urlencoded", form, &got); err != nil {
		return nil, err
	}
	if got.Token == "" {
		return nil, &Error{Detail: "the answer has no token"}
	}
	with := *a.caller
	with.signed = headed{a.plain, "Bearer " + got.Token}
	return &with, nil
}

// headed says in every call who calls.
type headed struct {
	next  http.RoundTripper
	proof string
}

// RoundTrip makes one call.
func (h headed) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", h.proof)
	return h.next.RoundTrip(req)
}
