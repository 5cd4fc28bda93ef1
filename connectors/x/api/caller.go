package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/dghubble/oauth1"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/secret"
)

// Keys are those of an app at X and of the account it acts for (OAuth 1.0a), which both APIs take.
type Keys struct {
	ConsumerKey    string
	ConsumerSecret secret.String
	AccessToken    secret.String
	AccessSecret   secret.String
}

// Options are what a client needs.
type Options struct {
	Base string // https://api.x.com
	Self string // id of the account
	Keys Keys
}

// Sign gives a transport that signs what goes through it for the account. Nothing but X's own hosts may be called through it.
func (o Options) Sign(next http.RoundTripper) http.RoundTripper {
	ctx := context.WithValue(context.Background(), oauth1.HTTPClient, &http.Client{Transport: next})
	return oauth1.NewClient(ctx, oauth1.NewConfig(o.Keys.ConsumerKey, o.Keys.ConsumerSecret.Reveal()),
		oauth1.NewToken(o.Keys.AccessToken.Reveal(), o.Keys.AccessSecret.Reveal())).Transport
}

func (o Options) client(sign func(http.RoundTripper) http.RoundTripper) (*vendor.Client, error) {
	return vendor.New(vendor.Options{Vendor: "X", Base: o.Base, Sign: sign, Failed: isEmpty, Read: readRefusal})
}

// A caller makes calls that are signed for the account.
type caller struct {
	*vendor.Client
	self string
}

func newCaller(o Options) (*caller, error) {
	c, err := o.client(o.Sign)
	return &caller{c, o.Self}, err
}

// An object is one of JSON.
type object map[string]any

// create makes a call that makes something, and gives the id of that: without one nobody knows whether it was made.
func (c *caller) create(ctx context.Context, call vendor.Call) (string, error) {
	id, err := c.Field(ctx, call, "data.id", "data.dm_event_id", "event.id")
	if err != nil {
		return "", err
	}
	return given(id)
}

func given(id string) (string, error) {
	if !IsID(id) {
		return "", connectors.InDoubt(errors.New("call X: the answer has no id"))
	}
	return id, nil
}

// bound is the transport of go-twitter, whose calls know no context: they end with ctx. What it gets to see is an answer
// that is no error: it takes a refusal that it does not understand for an empty list.
type bound struct {
	*caller
	ctx context.Context
}

// RoundTrip makes one call.
func (b bound) RoundTrip(r *http.Request) (*http.Response, error) { return b.Do(r.WithContext(b.ctx)) }

// unwrap makes an error of go-twitter one of ours, without the address that was called: it may name users.
func unwrap(err error) error {
	var call *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &call):
		return call.Err
	case vendor.As(err) != nil:
		return err
	}
	return connectors.InDoubt(errors.New("call X: the answer is not of the form expected"))
}

// isEmpty finds an answer of 2xx that gives nothing: no body, or errors alone. Errors beside data say what part is missing.
func isEmpty(_ int, body []byte) bool {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || bytes.Equal(body, []byte("null")) {
		return true
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(body, &keys) != nil || keys["errors"] == nil {
		return false
	}
	for name := range keys {
		if name != "errors" && name != "meta" && name != "includes" {
			return false
		}
	}
	return true
}
