package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/twilio/twilio-go/client"
	v2010 "github.com/twilio/twilio-go/rest/api/v2010"

	"loket/connectors/poll"
	"loket/connectors/vendor"
)

// callWithin bounds one call of the API.
const callWithin = 20 * time.Second

// An api reaches Twilio's REST API. Its methods may be called concurrently.
type api struct {
	*vendor.Client
	account string
}

func newAPI(cfg Config) (*api, error) {
	c, err := vendor.New(vendor.Options{Vendor: "Twilio", Base: cfg.APIURL, Sign: cfg.sign(), Within: callWithin, Read: readRefusal})
	return &api{c, cfg.AccountSID}, err
}

// sign proves who we are: by a key, else as the account.
func (c Config) sign() func(http.RoundTripper) http.RoundTripper {
	if c.APIKey != "" {
		return vendor.Basic(c.APIKey, c.APISecret.Reveal())
	}
	return vendor.Basic(c.AccountSID, c.AuthToken.Reveal())
}

// service is Twilio's own client of the API, all of whose calls end with ctx.
func (a *api) service(ctx context.Context) *v2010.ApiService {
	return v2010.NewApiServiceWithClient(&call{a, ctx})
}

// A call carries the requests of Twilio's client.
type call struct {
	*api
	ctx context.Context // the client's interface has no room for it
}

func (c *call) AccountSid() string       { return c.account }
func (c *call) SetTimeout(time.Duration) {}
func (c *call) SetOauth(client.OAuth)    {}
func (c *call) OAuth() client.OAuth      { return nil }

// SendRequest sends one request.
func (c *call) SendRequest(method, rawURL string, data url.Values, headers map[string]any, body ...byte) (*http.Response, error) {
	sends := method != http.MethodGet && method != http.MethodDelete
	if sends && len(body) == 0 {
		body = []byte(data.Encode())
	}
	req, err := http.NewRequestWithContext(c.ctx, method, rawURL, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("call Twilio: %w", err)
	}
	if !sends && len(data) > 0 {
		req.URL.RawQuery = data.Encode()
	}
	for k, v := range headers {
		req.Header.Set(k, fmt.Sprint(v))
	}
	return c.Do(req)
}

// readRefusal does not repeat Twilio's words: numbers stand in them.
func readRefusal(e *vendor.Error, _ http.Header, body []byte) {
	var said client.TwilioRestError
	if json.Unmarshal(body, &said) == nil {
		e.Code = said.Code
	}
	if e.Code != 0 {
		e.Detail = reasonOf(e.Code)
	}
	switch _, passes := meaning(e.Code); {
	case e.Code == 0 && e.Status/100 == 4 && e.Status != http.StatusBadRequest:
		e.Verdict = vendor.Retry // by somebody between us and Twilio
	case e.Code == 0, e.Status >= 500:
	case passes:
		e.Verdict = vendor.Retry
	default:
		e.Verdict = vendor.Permanent
	}
	e.After = min(e.After, time.Hour)
	if e.Code == 20429 {
		e.After = max(e.After, time.Second)
	}
}

// maxPages bounds one listing, of pages that Twilio may make smaller.
const (
	pageSize = 500
	maxPages = 500
)

// errNoList keeps the position where it is: what an answer without a list leaves out would be taken for looked at.
var errNoList = errors.New("Twilio gave no list where one is expected")

// messages lists messages, newest first, until each says that it has enough.
func (a *api) messages(ctx context.Context, params v2010.ListMessageParams, each func(v2010.ApiV2010Message) (more bool)) error {
	params.SetPageSize(pageSize)
	return listed(ctx, func(token, number string) ([]v2010.ApiV2010Message, *string, error) {
		page, err := a.service(ctx).PageMessage(&params, token, number)
		if err != nil {
			return nil, nil, fmt.Errorf("list messages: %w", err)
		}
		if page.Messages == nil { // not even an empty list
			return nil, nil, errNoList
		}
		return page.Messages, page.NextPageUri, nil
	}, each)
}

// calls lists calls, newest first.
func (a *api) calls(ctx context.Context, params v2010.ListCallParams, each func(v2010.ApiV2010Call) (more bool)) error {
	params.SetPageSize(pageSize)
	return listed(ctx, func(token, number string) ([]v2010.ApiV2010Call, *string, error) {
		page, err := a.service(ctx).PageCall(&params, token, number)
		if err != nil {
			return nil, nil, fmt.Errorf("list calls: %w", err)
		}
		if page.Calls == nil {
			return nil, nil, errNoList
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

func listed[T any](ctx context.Context, page func(token, number string) ([]T, *string, error), each func(T) bool) error {
	return poll.Pages(ctx, maxPages, func(at string) (string, error) {
		u, err := url.Parse(at)
		if err != nil {
			return "", fmt.Errorf("read next page: %w", err)
		}
		items, next, err := page(u.Query().Get("PageToken"), u.Query().Get("Page"))
		if err != nil {
			return "", err
		}
		for _, item := range items {
			if !each(item) {
				return "", nil
			}
		}
		return text(next), nil
	})
}

// text is a field of an answer that may be missing.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// instant is the first of some instants of the API, in RFC 2822, that there is; the zero time when there is none.
func instant(each ...*string) time.Time {
	for _, s := range each {
		if t, err := time.Parse(time.RFC1123Z, text(s)); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
