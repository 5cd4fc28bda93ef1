package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/dghubble/oauth1"

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

const (
	callWithin = 30 * time.Second
	mostAnswer = 16 << 20
)

// A caller makes signed calls. What comes back through it is an answer of 2xx with a body that is no error; all else is an
// *Error. go-twitter takes a refusal that it does not understand for an empty list: it never gets to see one.
type caller struct {
	base   *url.URL
	self   string
	plain  *http.Transport
	signed http.RoundTripper
}

func newCaller(o Options) (*caller, error) {
	base, err := url.Parse(strings.TrimSuffix(o.Base, "/"))
	if err != nil || base.Host == "" {
		return nil, errors.New("open client: the address of the API is none")
	}
	plain := http.DefaultTransport.(*http.Transport).Clone()
	plain.MaxIdleConnsPerHost, plain.IdleConnTimeout = 8, 30*time.Second
	return &caller{base: base, self: o.Self, plain: plain, signed: sign(o.Keys, plain)}, nil
}

// CloseIdle closes the connections that nobody uses now. Calls may be made afterwards.
func (c *caller) CloseIdle() { c.plain.CloseIdleConnections() }

// sign gives a transport that signs what goes through it.
func sign(k Keys, next http.RoundTripper) http.RoundTripper {
	ctx := context.WithValue(context.Background(), oauth1.HTTPClient, &http.Client{Transport: next})
	return oauth1.NewClient(ctx, oauth1.NewConfig(k.ConsumerKey, k.ConsumerSecret.Reveal()),
		oauth1.NewToken(k.AccessToken.Reveal(), k.AccessSecret.Reveal())).Transport
}

// Signed gives the transport that proves who we are; nothing but X's own hosts may be called through it.
func (c *caller) Signed() http.RoundTripper { return c.signed }

// client is an http.Client whose calls end with ctx and go to the configured address, whatever address they name.
func (c *caller) client(ctx context.Context) *http.Client {
	return &http.Client{Transport: bound{c, ctx}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // signed calls go nowhere else
	}}
}

type bound struct {
	*caller
	ctx context.Context
}

// RoundTrip makes one call.
func (b bound) RoundTrip(req *http.Request) (*http.Response, error) {
	var wrote atomic.Bool
	ctx, cancel := context.WithTimeout(b.ctx, callWithin)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) {
		if i.Err == nil {
			wrote.Store(true)
		}
	}})
	call := req.Clone(ctx)
	call.URL.Scheme, call.URL.Host, call.Host = b.base.Scheme, b.base.Host, b.base.Host
	call.URL.Path = b.base.Path + call.URL.Path
	res, err := b.signed.RoundTrip(call)
	if err != nil {
		return nil, &Error{Detail: cause(err), Wrote: wrote.Load()}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	switch {
	case res.StatusCode/100 != 2:
		return nil, refused(res.StatusCode, res.Header, body, time.Now())
	case err != nil:
		return nil, &Error{Detail: "the answer broke off: " + cause(err), Wrote: true}
	case len(body) > mostAnswer:
		return nil, &Error{Detail: "the answer is too large", Wrote: true}
	}
	if e := empty(res.StatusCode, res.Header, body); e != nil {
		return nil, e
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

// empty finds an answer of 2xx that gives nothing: no body, or errors alone.
func empty(status int, header http.Header, body []byte) *Error {
	body = bytes.TrimSpace(body)
	if len(body) == 0 || bytes.Equal(body, []byte("null")) {
		return &Error{Status: status, Detail: "an answer without content", Wrote: true}
	}
	if body[0] != '{' {
		return nil
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(body, &keys) != nil || keys["errors"] == nil {
		return nil
	}
	for name := range keys {
		if name != "errors" && name != "meta" && name != "includes" {
			return nil // errors beside data say what part is missing
		}
	}
	return refused(status, header, body, time.Now())
}

// cause is why there was no answer, without the address that was called: it may name users.
func cause(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return line(err.Error())
}

// call makes a call of v2, with a JSON body unless it is nil, and reads the answer into out.
func (c *caller) call(ctx context.Context, method, path string, query url.Values, body, out any) error {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("write request: %w", err)
		}
		r = bytes.NewReader(b)
	}
	return c.send(ctx, method, path, query, "application/json", r, out)
}

func (c *caller) send(ctx context.Context, method, path string, query url.Values, kind string, body io.Reader, out any) error {
	req, err := http.NewRequest(method, "https://x.invalid"+path, body) // the transport knows where to
	if err != nil {
		return &Error{Detail: cause(err)}
	}
	req.URL.RawQuery = query.Encode()
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	res, err := c.client(ctx).Do(req)
	if err != nil {
		return told(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return &Error{Status: res.StatusCode, Detail: "an answer that is not JSON as expected: " + cause(err), Wrote: true}
	}
	return nil
}

// told makes every error of a call an *Error.
func told(err error) error {
	if err == nil {
		return nil
	}
	if e := As(err); e != nil {
		return e
	}
	return &Error{Detail: cause(err), Wrote: true}
}
