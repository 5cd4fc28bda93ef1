package twilio

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"syscall"
	"time"

	"loket/connectors"
	"loket/internal/message"
)

// A remote file is one that a message came with, and that still is at Twilio.
type remote struct {
	URL  string `json:"url"`
	Type string `json:"type,omitempty"` // what the webhook says
	Name string `json:"name"`
	Blob string `json:"blob"`
}

var (
	errForeign  = errors.New("a file that is not at Twilio")
	errTooLarge = errors.New("a file larger than max_media_bytes")
	errGone     = errors.New("a file that is not there")
)

// A fetcher brings files from Twilio into the blob store. Its methods may be called concurrently.
type fetcher struct {
	api    *api
	blobs  connectors.Blobs
	most   int64
	client *http.Client
	pauses []time.Duration // before each further try: a file may not be there yet when its webhook comes
}

func newFetcher(a *api, blobs connectors.Blobs, most int64) *fetcher {
	f := &fetcher{api: a, blobs: blobs, most: most, pauses: []time.Duration{time.Second, 3 * time.Second}}
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: f.dials}
	f.client = &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true},
		CheckRedirect: f.redirects,
	}
	return f
}

func (f *fetcher) close() { f.client.CloseIdleConnections() }

// fetch brings one file into the store and gives it as an attachment. final tells that trying again cannot help. A file
// that is there already is not fetched again.
func (f *fetcher) fetch(ctx context.Context, r remote) (a message.Attachment, marks []string, final bool, err error) {
	if stored, size, err := f.blobs.Get(ctx, r.Blob); err == nil {
		defer stored.Close()
		a, marks = describe(r, head(stored), size)
		return a, marks, false, nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return a, nil, false, fmt.Errorf("look for file: %w", err)
	}
	for i := 0; ; i++ {
		a, marks, final, err = f.once(ctx, r)
		if err == nil || final || i >= len(f.pauses) {
			return a, marks, final, err
		}
		select {
		case <-ctx.Done():
			return a, nil, false, err
		case <-time.After(f.pauses[i]):
		}
	}
}

func (f *fetcher) once(ctx context.Context, r remote) (a message.Attachment, marks []string, final bool, err error) {
	u, err := url.Parse(r.URL)
	if err != nil || !f.trusts(u) {
		return a, nil, true, errForeign
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return a, nil, true, errForeign
	}
	req.SetBasicAuth(f.api.user, f.api.passwd)
	res, err := f.client.Do(req)
	if err != nil {
		var whole *url.Error
		if errors.As(err, &whole) {
			err = whole.Err
		}
		return a, nil, errors.Is(err, errForeign), fmt.Errorf("fetch file: %w", err)
	}
	defer res.Body.Close()
	switch {
	case res.StatusCode == http.StatusGone:
		return a, nil, true, errGone
	case res.StatusCode != http.StatusOK:
		return a, nil, false, fmt.Errorf("fetch file: Twilio answered %d", res.StatusCode)
	case res.ContentLength > f.most:
		return a, nil, true, errTooLarge
	}
	body := bufio.NewReaderSize(res.Body, 4<<10)
	start, _ := body.Peek(message.Sniffed) // less is less
	if r.Type == "" {
		r.Type = res.Header.Get("Content-Type")
	}
	size, err := f.blobs.Put(ctx, r.Blob, &atMost{r: body, left: f.most})
	if err != nil {
		return a, nil, errors.Is(err, errTooLarge), fmt.Errorf("store file: %w", err)
	}
	a, marks = describe(r, start, size)
	return a, marks, false, nil
}

var twilioHost = regexp.MustCompile(`^api(\.[a-z0-9-]+){0,2}\.twilio\.com$`)

// trusts tells whether a URL is of a file of our account at Twilio: only there goes our password.
func (f *fetcher) trusts(u *url.URL) bool {
	home := u.Scheme == f.api.base.Scheme && u.Host == f.api.base.Host
	known := u.Scheme == "https" && twilioHost.MatchString(u.Host)
	return (home || known) && u.User == nil && !strings.Contains(u.Path, "..") &&
		strings.HasPrefix(u.Path, "/2010-04-01/Accounts/"+f.api.account+"/")
}

// redirects lets Twilio send us on to where its files lie, without our password.
func (f *fetcher) redirects(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 || req.URL.Scheme != "https" && !f.isHome(req.URL) {
		return errForeign
	}
	if !f.trusts(req.URL) {
		req.Header.Del("Authorization")
	}
	return nil
}

func (f *fetcher) isHome(u *url.URL) bool {
	return u.Scheme == f.api.base.Scheme && u.Host == f.api.base.Host
}

// dials refuses every address that is not of the open internet, whatever name led there.
func (f *fetcher) dials(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return errForeign
	}
	if isOpen(at.Addr().Unmap()) || at.Addr().IsLoopback() && isLoopback(f.api.base.Hostname()) && fmt.Sprint(at.Port()) == f.api.base.Port() {
		return nil
	}
	return errForeign
}

func isOpen(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, closed := range closedNetworks() {
		if closed.Contains(ip) {
			return false
		}
	}
	return true
}

// closedNetworks are those of special use that netip does not name (RFC 6890).
func closedNetworks() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
		netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"),
	}
}

// atMost breaks a file off that is larger than it may be, whatever its header said.
type atMost struct {
	r    io.Reader
	left int64
}

func (l *atMost) Read(b []byte) (int, error) {
	if int64(len(b)) > l.left+1 {
		b = b[:l.left+1]
	}
	n, err := l.r.Read(b)
	if l.left -= int64(n); l.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
