package mastodon

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"time"

	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/loopback"
)

// An instance is what the server says of itself, and of us.
type instance struct {
	self, name string // our account
	app        string // what our application is called, which stands with what it posts
	domain     string // of accounts of this server
	streaming  string // where it streams
	longest    int    // of a post
	link       int    // what a link counts in it
	files      int    // of a post
}

// instance asks the server once.
func (a *Account) instance(ctx context.Context) (*instance, error) {
	if known := a.known.Load(); known != nil {
		return known, nil
	}
	me, errMe := a.api.Fields(ctx, vendor.Call{Path: "/api/v1/accounts/verify_credentials"})
	app, errApp := a.api.Fields(ctx, vendor.Call{Path: "/api/v1/apps/verify_credentials"})
	server, errServer := a.api.Fields(ctx, vendor.Call{Path: "/api/v2/instance"})
	if err := cmp.Or(errMe, errApp, errServer); err != nil {
		return nil, err
	}
	if me["id"] == "" || server["domain"] == "" {
		return nil, errors.New("the server does not say who we are: is it one of Mastodon?")
	}
	count := func(path string, otherwise int64) int {
		return int(cmp.Or(server.Int("configuration."+path), otherwise))
	}
	known := &instance{
		self: me["id"], name: me["acct"], app: app["name"], domain: server["domain"], streaming: a.streaming(server["configuration.urls.streaming"]),
		longest: count("statuses.max_characters", 500), link: count("statuses.characters_reserved_per_url", 23), files: count("statuses.max_media_attachments", 4),
	}
	a.known.Store(known)
	return known, nil
}

// streaming is where the server streams, which it tells as an address of a WebSocket. Our token goes there, so it has TLS.
func (a *Account) streaming(told string) string {
	u, err := url.Parse(told)
	switch {
	case err == nil && u.Host != "" && (u.Scheme == "wss" || u.Scheme == "https"):
		return "https://" + u.Host
	case err == nil && u.Scheme == "ws" && loopback.Host(u.Hostname()) && a.cfg.local():
		return "http://" + u.Host
	}
	return a.cfg.Server
}

// feed makes passes that take in what is new of a list, page after page forward from the position until nothing is left: since_id would
// leave a gap.
func (a *Account) feed(key string, list func(context.Context, string) ([]vendor.Item, error), take func(context.Context, vendor.Item) error) func(context.Context) error {
	more := false
	id := func(e vendor.Item) string { return e.Fields["id"] }
	f := &poll.Feed[vendor.Item]{Cursor: a.env.Cursor, Key: key, ID: id, Compare: compare, Take: take, List: func(ctx context.Context, position string) ([]vendor.Item, error) {
		items, err := list(ctx, position)
		more = position != "" && slices.ContainsFunc(items, func(e vendor.Item) bool { return compare(position, id(e)) < 0 })
		return items, err
	}}
	return func(ctx context.Context) error {
		for {
			if err := f.Pass(ctx); err != nil || !more {
				return err
			}
		}
	}
}

// compare tells which id is later: numbers that grow, or at other servers words of one length in order.
func compare(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// listMentions also gives those of senders that the server hides from people: strangers are customers.
func (a *Account) listMentions(ctx context.Context, position string) ([]vendor.Item, error) {
	return a.list(ctx, "/api/v1/notifications", position, url.Values{"types[]": {"mention", "quote"}, "include_filtered": {"true"}, "limit": {"80"}})
}

func (a *Account) listOwn(ctx context.Context, position string) ([]vendor.Item, error) {
	return a.list(ctx, "/api/v1/accounts/"+a.known.Load().self+"/statuses", position, url.Values{"exclude_reblogs": {"true"}, "limit": {"40"}})
}

const maxPages = 50

// list reads a page that is newer than the position. Before there is one it reads backward, no further than the configuration says.
func (a *Account) list(ctx context.Context, path, position string, query url.Values) (all []vendor.Item, err error) {
	if position != "" {
		query.Set("min_id", position)
		all, _, err = a.api.List(ctx, vendor.Call{Path: path, Query: query}, "")
		return all, err
	}
	for range maxPages {
		page, _, err := a.api.List(ctx, vendor.Call{Path: path, Query: query}, "")
		if err != nil || len(page) == 0 {
			return all, err
		}
		for _, e := range page {
			if !instant(e.Fields["created_at"]).After(time.Now().Add(-a.cfg.First)) {
				return all, nil
			}
			all = append(all, e)
		}
		query.Set("max_id", all[len(all)-1].Fields["id"])
	}
	return all, nil
}

func instant(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// status is one post as it is now.
func (a *Account) status(ctx context.Context, id string) (vendor.Fields, error) {
	s, err := a.api.Fields(ctx, vendor.Call{Path: "/api/v1/statuses/" + url.PathEscape(id)})
	if err == nil && s["id"] == "" {
		err = errors.New("the server gave no post")
	}
	return s, err
}

var ofMention = regexp.MustCompile(`"type"\s*:\s*"(mention|quote)"`)

// isMention tells whether a notification is of a post to us: most are of those who like or repeat one of ours.
func isMention(data string) bool { return ofMention.MatchString(data) }

// follow listens to the stream of what is new: asking finds it, and what came while there was no stream.
func (a *Account) follow(ctx context.Context) error {
	s := poll.Stream{Sign: vendor.Bearer(a.cfg.Token.Reveal()), Cause: vendor.Cause, Told: a.news.Wake, News: isMention, Steady: a.stream.Well}
	return s.Follow(ctx, a.known.Load().streaming+"/api/v1/streaming/user/notification")
}
