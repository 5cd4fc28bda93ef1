// Package vendor calls the HTTP API of a vendor: a call gives a decoded answer, or an error that says by the marks of
// connectors whether it may be tried again, when, and whether it may have been done all the same.
package vendor

import (
	"bytes"
	"cmp"
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
)

// Options say where an API is and how it is called.
type Options struct {
	// Vendor is its name, as errors have it.
	Vendor string
	// Base is scheme, host, and what all paths begin with. All calls go there, whatever address they name.
	Base string
	// Sign makes the transport that proves who we are out of the next one, see Basic and Bearer; nil proves nothing.
	Sign func(next http.RoundTripper) http.RoundTripper
	// Within is how long one call may take; 0 is 30 seconds.
	Within time.Duration
	// MaxAnswer is the largest answer that is read; 0 is 16 MiB.
	MaxAnswer int64
	// Failed tells of an answer of 2xx by its status and body that nothing was done; Read sees it, and it is an error. nil
	// believes the status.
	Failed func(status int, body []byte) bool
	// Read looks at an answer that is no success, and sets Code, Detail, After or Verdict of e where body, its first 64 KiB,
	// says more than the status. What it writes into Detail gets into logs: no words of the vendor's that may hold an
	// address. nil leaves all to the status.
	Read func(e *Error, header http.Header, body []byte)
	// Now is the clock; nil is the machine's.
	Now func() time.Time
}

// A Client calls one API. Its methods may be called concurrently.
type Client struct {
	o     Options
	base  *url.URL
	plain *http.Transport
	http  *http.Client
}

// New makes a client. It connects to nothing. Close must be called when it is done with.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSuffix(o.Base, "/"))
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("make client of %s: the address of the API is none", o.Vendor)
	}
	o.Within, o.MaxAnswer = cmp.Or(o.Within, 30*time.Second), cmp.Or(o.MaxAnswer, 16<<20)
	if o.Now == nil {
		o.Now = time.Now
	}
	plain := http.DefaultTransport.(*http.Transport).Clone()
	plain.MaxIdleConnsPerHost, plain.IdleConnTimeout = 8, 30*time.Second
	c := &Client{o: o, base: base, plain: plain}
	var transport http.RoundTripper = plain
	if o.Sign != nil {
		transport = o.Sign(plain)
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // what is sent on to another place could be done twice, and with our credentials
	}}
	return c, nil
}

// Base is where the API is.
func (c *Client) Base() *url.URL { u := *c.base; return &u }

// Close closes the connections that nobody uses now. Calls may be made afterwards.
func (c *Client) Close() { c.plain.CloseIdleConnections() }

// A Call is one request.
type Call struct {
	Method string // "" is GET, or POST where something is sent
	Path   string // below the base
	Query  url.Values
	JSON   any        // sent as JSON, unless nil
	Form   url.Values // sent as a form, unless nil
	File   *File      // goes with Form, unless nil
	// Key has a vendor that knows Idempotency-Key do the same call once, however often it comes; "" is none.
	Key string
}

// Call makes a call and decodes its answer, which is JSON, into answer; nil decodes nothing. An error is an *Error within.
func (c *Client) Call(ctx context.Context, call Call, answer any) error {
	req, err := c.request(ctx, call)
	if err != nil {
		return err
	}
	res, err := c.Do(req)
	if err != nil || answer == nil {
		return err
	}
	if err := json.NewDecoder(res.Body).Decode(answer); err != nil {
		e := &Error{Vendor: c.o.Vendor, Status: res.StatusCode, Sent: true, cause: errors.New("the answer is not JSON of the form expected")}
		return e.marked(req.Method)
	}
	return nil
}

func (c *Client) request(ctx context.Context, call Call) (*http.Request, error) {
	var body io.Reader
	var kind string
	var size int64
	switch {
	case call.JSON != nil:
		b, err := json.Marshal(call.JSON)
		if err != nil {
			return nil, fmt.Errorf("call %s: write request: %w", c.o.Vendor, err)
		}
		body, kind = bytes.NewReader(b), "application/json"
	case call.File != nil:
		form, formSize, formKind, err := withFile(ctx, call.Form, call.File)
		if err != nil {
			return nil, fmt.Errorf("call %s: write request: %w", c.o.Vendor, err)
		}
		body, kind, size = form, formKind, formSize
	case call.Form != nil:
		body, kind = strings.NewReader(call.Form.Encode()), "application/x-www-form-urlencoded"
	}
	method := call.Method
	if method == "" && body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, "https://vendor.invalid"+call.Path, body)
	if err != nil {
		return nil, fmt.Errorf("call %s: write request: %w", c.o.Vendor, Cause(err))
	}
	req.URL.RawQuery = call.Query.Encode()
	if size > 0 {
		req.ContentLength = size
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if call.Key != "" {
		req.Header.Set("Idempotency-Key", call.Key)
	}
	return req, nil
}

// Do sends a request of another client's making to the API: its scheme and host are replaced, and the base's path goes
// before its own. It gives an answer of 2xx, whose body is in memory and need not be closed, or an error as Call does.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	var sent atomic.Bool
	ctx, cancel := context.WithTimeout(req.Context(), c.o.Within)
	defer cancel()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req = req.Clone(ctx)
	req.URL.Scheme, req.URL.Host, req.Host = c.base.Scheme, c.base.Host, c.base.Host
	req.URL.Path, req.URL.RawPath = c.base.Path+req.URL.Path, ""
	res, err := c.http.Do(req)
	if err != nil {
		e := &Error{Vendor: c.o.Vendor, Sent: sent.Load(), cause: Cause(err)}
		return nil, e.marked(req.Method)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		b, _ := io.ReadAll(io.LimitReader(res.Body, maxRefusal)) // what breaks off says what it says
		return nil, c.refusal(res, b).marked(req.Method)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, c.o.MaxAnswer+1))
	if err == nil && int64(len(b)) > c.o.MaxAnswer {
		err = fmt.Errorf("the answer is larger than %d bytes", c.o.MaxAnswer)
	}
	if err != nil {
		e := &Error{Vendor: c.o.Vendor, Status: res.StatusCode, Sent: true, cause: Cause(err)}
		return nil, e.marked(req.Method)
	}
	if c.o.Failed != nil && c.o.Failed(res.StatusCode, b) {
		return nil, c.refusal(res, b).marked(req.Method)
	}
	res.Body = io.NopCloser(bytes.NewReader(b))
	return res, nil
}

// maxRefusal is how much is read of an answer that is no success.
const maxRefusal = 64 << 10

func (c *Client) refusal(res *http.Response, body []byte) *Error {
	e := &Error{Vendor: c.o.Vendor, Status: res.StatusCode, Sent: true, After: after(res.Header, c.o.Now())}
	if c.o.Read != nil {
		c.o.Read(e, res.Header, body)
	}
	return e
}
