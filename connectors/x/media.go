package x

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"

	"loket/connectors/x/api"
	"loket/internal/message"
)

const (
	mostFiles   = 8 // of one message
	fetchWithin = time.Minute
	fetchTries  = 2
	sniffed     = message.Sniffed
)

// A fetcher gets pictures and films from X's own hosts and from no other, and from no private address whatever name it has.
// Those of private messages are given only to who signs for them; our signature goes to the host of those alone.
type fetcher struct {
	plain, signed *http.Client
	open, private []string // hosts
	scheme        string
	most          int64
}

func newFetcher(cfg Config, signed http.RoundTripper) *fetcher {
	f := &fetcher{
		open: []string{"pbs.twimg.com", "video.twimg.com"}, private: []string{"ton.twitter.com", "ton.x.com"}, scheme: "https", most: cfg.MaxMedia,
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost, transport.IdleConnTimeout = 4, 30*time.Second
	transport.Proxy = nil // it would look up names for us
	if cfg.local() {
		u, _ := url.Parse(cfg.APIURL) // Validate has
		f.open, f.private, f.scheme = []string{u.Host}, nil, u.Scheme
	} else {
		dialer := net.Dialer{Timeout: 10 * time.Second, Control: publicOnly}
		transport.DialContext = dialer.DialContext
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	f.plain = &http.Client{Transport: transport, CheckRedirect: stay, Timeout: fetchWithin}
	f.signed = &http.Client{Transport: signed, CheckRedirect: stay, Timeout: fetchWithin}
	return f
}

// publicOnly refuses addresses of private networks, of this machine and of its neighbours.
func publicOnly(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return errors.New("the host has an address that is not public")
	}
	return nil
}

// notFetched is why a file could not be had; other errors are of the store.
type notFetched struct{ error }

func (n notFetched) Unwrap() error { return n.error }

// fetch stores the files of m. One that cannot be had is marked and holds nothing up.
func (a *Account) fetch(ctx context.Context, m *message.Message, media []api.Media) error {
	within, cancel := beforeDeadline(ctx)
	defer cancel()
	mark := func(text string) {
		if !slices.Contains(m.Marks, text) {
			m.Marks = append(m.Marks, text)
		}
	}
	if len(media) > mostFiles {
		media = media[:mostFiles]
		mark(MarkMedia)
	}
	for i, one := range media {
		name := fmt.Sprintf("%s/%d", m.ID, i+1)
		file, lies, err := a.keep(within, name, one)
		var missing notFetched
		switch {
		case errors.As(err, &missing) || err != nil && within.Err() != nil && ctx.Err() == nil:
			a.count.refused(reasonMedia, zap.Error(err))
			mark(MarkMedia)
			continue
		case err != nil:
			return fmt.Errorf("store attachment: %w", err)
		case lies:
			mark(MarkLies)
		}
		m.Attachments = append(m.Attachments, file)
	}
	return nil
}

// beforeDeadline leaves time to accept the message without its files.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if end, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, end.Add(-hookWithin/2))
	}
	return context.WithTimeout(ctx, fetchWithin)
}

// keep stores one file; lies tells that it is not what it should be.
func (a *Account) keep(ctx context.Context, name string, one api.Media) (file message.Attachment, lies bool, err error) {
	for try := 1; ; try++ {
		file, lies, err = a.keepOnce(ctx, name, one)
		var missing notFetched
		if !errors.As(err, &missing) || try == fetchTries || ctx.Err() != nil {
			return file, lies, err
		}
	}
}

func (a *Account) keepOnce(ctx context.Context, name string, one api.Media) (file message.Attachment, lies bool, err error) {
	res, err := a.media.get(ctx, one.URL)
	if err != nil {
		return file, false, notFetched{err}
	}
	defer res.Body.Close()
	r := bufio.NewReaderSize(&bounded{r: res.Body, left: a.media.most}, sniffed)
	head, err := r.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return file, false, notFetched{err}
	}
	kind := message.Sniff(head)
	file.Name = message.NameWithEnding(fileName(one.URL), kind, head)
	size, err := a.env.Blobs.Put(ctx, name, r)
	if err != nil {
		return file, false, err
	}
	file = message.Attachment{Name: file.Name, Type: kind, Size: size, Blob: name}
	return file, !fits(one.Kind, kind), nil
}

// fits tells whether a file of that type is what X calls kind.
func fits(kind, typ string) bool {
	if kind == "photo" {
		return strings.HasPrefix(typ, "image/")
	}
	return strings.HasPrefix(typ, "video/") || strings.HasPrefix(typ, "image/")
}

func fileName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "file"
	}
	return message.CleanFileName(path.Base(u.Path))
}

// get asks for a file.
func (f *fetcher) get(ctx context.Context, raw string) (*http.Response, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != f.scheme || u.User != nil {
		return nil, errors.New("its address is none of X's")
	}
	client := f.plain
	switch {
	case slices.Contains(f.private, u.Host):
		client = f.signed
	case !slices.Contains(f.open, u.Host):
		return nil, errors.New("its address is none of X's")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, errors.New("its address is none of X's")
	}
	res, err := client.Do(req)
	if err != nil {
		var of *url.Error
		if errors.As(err, &of) {
			err = of.Err // without the address
		}
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("X says %d", res.StatusCode)
	}
	if res.ContentLength > f.most {
		res.Body.Close()
		return nil, errTooLarge
	}
	return res, nil
}

var errTooLarge = errors.New("it is larger than max_media")

// bounded ends with an error when there is more than may be, or when the host stops in between.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return 0, notFetched{errTooLarge}
	case err != nil && !errors.Is(err, io.EOF):
		return n, notFetched{err}
	}
	return n, err
}
