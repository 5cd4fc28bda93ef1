// Package fetch brings files that a vendor keeps for us into the blob store. Addresses of files come with messages, so
// somebody else may have written them: only the hosts named are asked, only at public addresses, within bounds of size and
// time, and our credentials go to the hosts that they are for and nowhere else.
package fetch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// Options say where files come from and what they may cost.
type Options struct {
	// Sources may be asked. There must be one.
	Sources []Source
	// Redirects lets a source send us on, five times at most, to any host that has TLS and a public address. Without it a
	// redirect is a failure.
	Redirects bool
	// MaxBytes is the largest file; one that is larger is broken off, whatever its header said.
	MaxBytes int64
	// Within is how long one try may take; 0 is a minute.
	Within time.Duration
	// Pauses are waited before each further try of a file that could not be had: it may not be there yet.
	Pauses []time.Duration
	// Missing and Disguised are marks for messages whose files could not be had, or are not what they are said to be.
	Missing, Disguised string
	// Reserve is how long before the end of its context AttachUntil stops fetching, to hand the message over without.
	Reserve time.Duration
	// GaveUp is told why AttachUntil gave a file up; nil is told nothing. It may be called concurrently.
	GaveUp func(err error)
	// Sniff takes no word for what a file is but its first bytes.
	Sniff bool
}

// A File is one to be fetched.
type File struct {
	URL  string `json:"url"`
	Type string `json:"type,omitempty"` // what the vendor says that it is; "" asks its host
	Name string `json:"name"`           // without an ending it gets that of its type
	Blob string `json:"blob"`           // where it is stored
	// Sorts are what its type by the first bytes must begin with, one of them, such as image/; none asks for nothing.
	Sorts []string `json:"sorts,omitempty"`
	// Size is what the vendor says that it is, 0 when it does not say. What is too large is not asked for.
	Size int64 `json:"size,omitempty"`
	// SHA256 is that of what is in it, in hexadecimal or base64, where the vendor tells; a file with another is not stored.
	SHA256 string `json:"sha256,omitempty"`
	// Locate gives the address where the vendor tells it only when it is asked; URL counts without it.
	Locate func(ctx context.Context) (string, error) `json:"-"`
}

// A Result is a file that was fetched, or why it was not.
type Result struct {
	message.Attachment
	// Disguised tells that the file is surely of another sort than it is said to be. Type is what it is.
	Disguised bool
	Err       error
}

// Why a file is not fetched. All of these are marked connectors.Permanent: asking again gives no other answer.
var (
	ErrForeign  = errors.New("the address of the file is not one of the vendor's")
	ErrTooLarge = errors.New("the file is larger than it may be")
	ErrGone     = errors.New("the file is not there any more")
)

// ErrDamaged is why a file is not stored whose sum is another than the vendor said. It may be whole when it is asked for again.
var ErrDamaged = errors.New("the file is not the one that was sent")

// ErrNotStored marks errors of our own store: the vendor would have given the file.
var ErrNotStored = errors.New("the file could not be stored")

// A Client fetches files. Its methods may be called concurrently.
type Client struct {
	o      Options
	blobs  connectors.Blobs
	http   *http.Client
	plain  *http.Transport
	signed []http.RoundTripper // by source; nil where nothing is proved
}

// New makes a client that stores in blobs. It connects to nothing. Close must be called when it is done with.
func New(o Options, blobs connectors.Blobs) *Client {
	var origins []string
	for _, s := range o.Sources {
		origins = append(origins, s.Origins...)
	}
	o.Within = cmp.Or(o.Within, time.Minute)
	c := &Client{o: o, blobs: blobs, plain: Transport(origins...)}
	for _, s := range o.Sources {
		var signed http.RoundTripper
		if s.Sign != nil {
			signed = s.Sign(c.plain)
		}
		c.signed = append(c.signed, signed)
	}
	c.http = &http.Client{Transport: roundTrip(c.roundTrip), CheckRedirect: c.redirect}
	return c
}

// Close closes the connections that nobody uses now.
func (c *Client) Close() { c.plain.CloseIdleConnections() }

// roundTrip lets a request prove who we are where it goes to a source that wants it.
func (c *Client) roundTrip(r *http.Request) (*http.Response, error) {
	for i, s := range c.o.Sources {
		if c.signed[i] != nil && s.gives(r.URL) {
			return c.signed[i].RoundTrip(r)
		}
	}
	return c.plain.RoundTrip(r)
}

func (c *Client) redirect(r *http.Request, via []*http.Request) error {
	known := slices.ContainsFunc(c.o.Sources, func(s Source) bool { return s.has(r.URL) })
	switch {
	case !c.o.Redirects:
		return http.ErrUseLastResponse
	case len(via) > 5 || r.URL.User != nil || r.URL.Scheme != "https" && !known:
		return ErrForeign
	}
	r.Header.Del("Referer") // there may be a secret in the address that we come from
	return nil
}

// All fetches files at the same time and gives what became of each, in their order.
func (c *Client) All(ctx context.Context, files []File) []Result {
	all := make([]Result, len(files))
	var wg sync.WaitGroup
	for i, f := range files {
		wg.Go(func() { all[i] = c.Fetch(ctx, f) })
	}
	wg.Wait()
	return all
}

// Fetch brings a file into the store. One that is stored already is not asked for again. An error holds no address; it is
// marked Permanent when asking again is of no use, and is ErrNotStored when the fault is ours.
func (c *Client) Fetch(ctx context.Context, f File) Result {
	stored, size, err := c.blobs.Get(ctx, f.Blob)
	if err == nil {
		defer stored.Close()
		return describe(f, head(stored), size, c.o.Sniff)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Result{Err: fmt.Errorf("look for file: %w: %w", ErrNotStored, err)}
	}
	if f.Size > c.o.MaxBytes {
		return Result{Err: connectors.Permanent(ErrTooLarge)}
	}
	for i := 0; ; i++ {
		r := c.once(ctx, f)
		if r.Err == nil || connectors.IsPermanent(r.Err) || i >= len(c.o.Pauses) {
			return r
		}
		select {
		case <-ctx.Done():
			return r
		case <-time.After(c.o.Pauses[i]):
		}
	}
}

func (c *Client) once(ctx context.Context, f File) Result {
	ctx, cancel := context.WithTimeout(ctx, c.o.Within)
	defer cancel()
	if f.Locate != nil {
		at, err := f.Locate(ctx)
		if err != nil {
			return Result{Err: fmt.Errorf("locate file: %w", err)}
		}
		f.URL = at
	}
	res, err := c.get(ctx, f.URL)
	if err != nil {
		return Result{Err: fmt.Errorf("fetch file: %w", err)}
	}
	defer res.Body.Close()
	if f.Type == "" {
		f.Type = res.Header.Get("Content-Type")
	}
	in := newBody(res.Body, c.o.MaxBytes, f.SHA256)
	start := in.head() // short of it is no fault: files may be
	size, err := c.blobs.Put(ctx, f.Blob, in)
	switch {
	case errors.Is(in.err, ErrTooLarge):
		return Result{Err: fmt.Errorf("fetch file: %w", connectors.Permanent(ErrTooLarge))}
	case errors.Is(in.err, ErrDamaged):
		return Result{Err: fmt.Errorf("fetch file: %w", ErrDamaged)}
	case in.err != nil && ctx.Err() != nil:
		return Result{Err: fmt.Errorf("fetch file: it broke off: %w", ctx.Err())}
	case in.err != nil:
		return Result{Err: fmt.Errorf("fetch file: it broke off: %w", vendor.Cause(in.err))}
	case err != nil:
		return Result{Err: fmt.Errorf("%w: %w", ErrNotStored, err)}
	}
	return describe(f, start, size, c.o.Sniff)
}

// get asks for a file and gives an answer that has one.
func (c *Client) get(ctx context.Context, raw string) (*http.Response, error) {
	u, err := url.Parse(raw)
	if err != nil || !slices.ContainsFunc(c.o.Sources, func(s Source) bool { return s.gives(u) }) {
		return nil, connectors.Permanent(ErrForeign)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, connectors.Permanent(ErrForeign)
	}
	res, err := c.http.Do(req)
	switch {
	case errors.Is(err, ErrForeign), errors.Is(err, errPrivate):
		return nil, connectors.Permanent(ErrForeign)
	case err != nil:
		return nil, vendor.Cause(err)
	case res.StatusCode == http.StatusOK && res.ContentLength <= c.o.MaxBytes:
		return res, nil
	}
	res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
		return nil, connectors.Permanent(ErrTooLarge)
	case http.StatusGone:
		return nil, connectors.Permanent(ErrGone)
	}
	return nil, fmt.Errorf("its host answered %d", res.StatusCode)
}
