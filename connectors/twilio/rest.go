package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/twilio/twilio-go/client"
	v2010 "github.com/twilio/twilio-go/rest/api/v2010"
)

// callWithin bounds one call of the API.
const callWithin = 20 * time.Second

// maxAnswer is the largest answer that is read: a page of a thousand messages is some 1.5 MB.
const maxAnswer = 16 << 20

// An api reaches Twilio's REST API. Its methods may be called concurrently.
type api struct {
	base         *url.URL
	account      string
	user, passwd string
	http         *http.Client
	now          func() time.Time
}

func newAPI(cfg Config, now func() time.Time) (*api, error) {
	base, err := url.Parse(cfg.APIURL)
	if err != nil {
		return nil, fmt.Errorf("read api_url: %w", err)
	}
	a := &api{
		base: base, account: cfg.AccountSID, user: cfg.AccountSID, passwd: cfg.AuthToken.Reveal(), now: now,
		http: &http.Client{
			Timeout:   callWithin,
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 8, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true},
			// A POST that is sent on to another place could be carried out twice.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if cfg.APIKey != "" {
		a.user, a.passwd = cfg.APIKey, cfg.APISecret.Reveal()
	}
	return a, nil
}

func (a *api) close() { a.http.CloseIdleConnections() }

// service is Twilio's own client of the API, all of whose calls end with ctx.
func (a *api) service(ctx context.Context) *v2010.ApiService {
	return v2010.NewApiServiceWithClient(&call{a, ctx})
}

// A call carries the requests of Twilio's client: to the host that is configured, with a context, and with errors that
// say what the answer was.
type call struct {
	*api
	ctx context.Context // the client's interface has no room for it
}

func (c *call) AccountSid() string       { return c.account }
func (c *call) SetTimeout(time.Duration) {}
func (c *call) SetOauth(client.OAuth)    {}
func (c *call) OAuth() client.OAuth      { return nil }

// SendRequest sends one request. Its errors are of type *refusal when there was an answer, and unsent when the
// request surely did not reach Twilio.
func (c *call) SendRequest(method, rawURL string, data url.Values, headers map[string]any, body ...byte) (*http.Response, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, fmt.Errorf("call Twilio: %w", err)
	}
	u.Scheme, u.Host = c.base.Scheme, c.base.Host
	var content io.Reader
	switch {
	case method == http.MethodGet || method == http.MethodDelete:
		if len(data) > 0 {
			u.RawQuery = data.Encode()
		}
	case len(body) > 0:
		content = bytes.NewReader(body)
	default:
		content = strings.NewReader(data.Encode())
	}
	req, err := http.NewRequestWithContext(c.ctx, method, u.String(), content)
	if err != nil {
		return nil, fmt.Errorf("call Twilio: %w", err)
	}
	for k, v := range headers {
		req.Header.Set(k, fmt.Sprint(v))
	}
	req.SetBasicAuth(c.user, c.passwd)
	res, err := c.http.Do(req)
	if err != nil {
		var whole *url.Error // whose text has the URL, in which numbers stand
		if errors.As(err, &whole) {
			err = whole.Err
		}
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return nil, unsent{fmt.Errorf("reach Twilio: %w", err)}
		}
		return nil, fmt.Errorf("call Twilio: %w", err)
	}
	if res.StatusCode >= 200 && res.StatusCode < 300 {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
		return res, nil
	}
	defer res.Body.Close()
	return nil, readRefusal(res, c.now())
}

// unsent marks an error after which Twilio surely has nothing.
type unsent struct{ error }

func (u unsent) Unwrap() error { return u.error }

// A refusal is an answer of Twilio that is no success.
type refusal struct {
	status int
	code   int           // of Twilio; 0 when the answer did not come from the API itself
	after  time.Duration // Retry-After
}

// Error does not repeat Twilio's words: numbers stand in them.
func (r *refusal) Error() string {
	if r.code == 0 {
		return fmt.Sprintf("Twilio answered %d", r.status)
	}
	return reasonOf(r.code)
}

func readRefusal(res *http.Response, now time.Time) *refusal {
	r := &refusal{status: res.StatusCode, after: retryAfter(res.Header.Get("Retry-After"), now)}
	var body client.TwilioRestError
	if b, err := io.ReadAll(io.LimitReader(res.Body, 64<<10)); err == nil && json.Unmarshal(b, &body) == nil {
		r.code = body.Code
	}
	return r
}

func retryAfter(value string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(value); err == nil && n >= 0 {
		return min(time.Duration(n)*time.Second, time.Hour)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(0, at.Sub(now)), time.Hour)
	}
	return 0
}

// mostPages bounds one listing, of pages that Twilio may make smaller.
const (
	pageSize  = 500
	mostPages = 500
)

// errTooMany says that a listing goes on for longer than is sensible.
var errTooMany = errors.New("there is more to list at Twilio than 500 pages: look at the webhooks of the number")

// messages lists messages, newest first, until each says that it has enough.
func (a *api) messages(ctx context.Context, params v2010.ListMessageParams, each func(v2010.ApiV2010Message) (more bool)) error {
	params.SetPageSize(pageSize)
	return listed(func(token, number string) ([]v2010.ApiV2010Message, *string, error) {
		page, err := a.service(ctx).PageMessage(&params, token, number)
		if err != nil {
			return nil, nil, fmt.Errorf("list messages: %w", err)
		}
		return page.Messages, page.NextPageUri, nil
	}, each)
}

// calls lists calls, newest first.
func (a *api) calls(ctx context.Context, params v2010.ListCallParams, each func(v2010.ApiV2010Call) (more bool)) error {
	params.SetPageSize(pageSize)
	return listed(func(token, number string) ([]v2010.ApiV2010Call, *string, error) {
		page, err := a.service(ctx).PageCall(&params, token, number)
		if err != nil {
			return nil, nil, fmt.Errorf("list calls: %w", err)
		}
		return page.Calls, page.NextPageUri, nil
	}, each)
}

// recordings lists what was recorded of a call.
func (a *api) recordings(ctx context.Context, callSID string) ([]v2010.ApiV2010CallRecording, error) {
	page, err := a.service(ctx).PageCallRecording(callSID, nil, "", "")
	if err != nil {
		return nil, fmt.Errorf("list recordings: %w", err)
	}
	return page.Recordings, nil
}

func listed[T any](page func(token, number string) ([]T, *string, error), each func(T) bool) error {
	token, number := "", ""
	for range mostPages {
		items, next, err := page(token, number)
		if err != nil {
			return err
		}
		for _, item := range items {
			if !each(item) {
				return nil
			}
		}
		if next == nil || *next == "" {
			return nil
		}
		u, err := url.Parse(*next)
		if err != nil {
			return fmt.Errorf("read next page: %w", err)
		}
		token, number = u.Query().Get("PageToken"), u.Query().Get("Page")
	}
	return errTooMany
}

// text is a field of an answer that may be missing.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// instant reads the instants of the API, in RFC 2822; the zero time when there is none.
func instant(s *string) time.Time {
	t, err := time.Parse(time.RFC1123Z, text(s))
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
