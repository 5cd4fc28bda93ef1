package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"loket/connectors/vendor"
)

// A Webhook is one that the app registered.
type Webhook struct {
	ID    string `json:"id"`
	URL   string `json:"url"`
	Valid bool   `json:"valid"` // X sends nothing to one that is not
}

// App is the app itself, without an account: what it registered. It proves who it is by a token that it gets for its key
// and secret.
type App struct{ o Options }

// NewApp gives the client; it connects to nothing yet.
func NewApp(o Options) *App { return &App{o} }

// Webhooks are those that the app registered.
func (a *App) Webhooks(ctx context.Context) ([]Webhook, error) {
	var got struct {
		Data []Webhook `json:"data"`
	}
	err := a.call(ctx, vendor.Call{Path: "/2/webhooks"}, &got)
	return got.Data, err
}

// Revive asks X to challenge a webhook again, so that one that was found wanting gets events again.
func (a *App) Revive(ctx context.Context, id string) error {
	var got json.RawMessage
	return a.call(ctx, vendor.Call{Method: http.MethodPut, Path: "/2/webhooks/" + url.PathEscape(id)}, &got)
}

// call makes a call with the app's token.
func (a *App) call(ctx context.Context, call vendor.Call, answer any) error {
	token, err := a.token(ctx)
	if err != nil {
		return err
	}
	c, err := a.o.client(vendor.Bearer(token))
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Call(ctx, call, answer)
}

func (a *App) token(ctx context.Context) (string, error) {
	c, err := a.o.client(vendor.Basic(url.QueryEscape(a.o.Keys.ConsumerKey), url.QueryEscape(a.o.Keys.ConsumerSecret.Reveal())))
	if err != nil {
		return "", err
	}
	defer c.Close()
	return c.Field(ctx, vendor.Call{Path: "/oauth2/token", Form: url.Values{"grant_type": {"client_credentials"}}}, "access_token")
}
