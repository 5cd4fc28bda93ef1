package meta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"loket/connectors"
	"loket/connectors/echo"
	"loket/connectors/fetch"
	"loket/connectors/filelink"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/connectors/vendor"
	"loket/internal/keylock"
	"loket/internal/message"
	"loket/internal/secret"
)

// The channels, as customers call them.
const (
	channelWhatsApp  = "whatsapp"
	channelMessenger = "messenger"
	channelInstagram = "instagram" // public and private
	channelFacebook  = "facebook"  // comments at a Page
)

// An App is the connector: an http.Handler for the webhook of the app, and a Sender of answers from all that belongs to it. Its methods
// may be called concurrently, and before, during and after Run.
type App struct {
	*hook.Hook
	*hook.Counters
	*poll.Loop
	cfg    Config
	env    connectors.Env
	assets map[string]*asset // by object and id, as webhooks name them
	usage  *usage
	now    func() time.Time
	states templateStates

	links   *filelink.Links
	missed  []*poll.Walk
	names   memory[called] // by their ids
	without memory[bool]   // messages that came without their files, after a long wait
	own     *echo.Echoes   // what Meta tells of again
	answers echo.Answers   // which Meta took
	sending keylock.Locks  // by conversation, while an answer goes out
}

// Objects of webhooks, which say what of ours it is about.
const (
	objectWhatsApp  = "whatsapp_business_account"
	objectPage      = "page"
	objectInstagram = "instagram"
)

// An asset is one of what people write to: a number of WhatsApp, a Page or an Instagram account.
type asset struct {
	object, id string
	number     string // of WhatsApp, with its plus
	page       string // by which messages go: the Page's own, or that of an Instagram account
	kind       string // of its customers' identifiers, whose scope it is
	private    string // the channels
	public     string
	api        *vendor.Client
	files      *fetch.Client
}

// New makes the connector of a configuration that Validate found right. It calls nobody.
func New(cfg Config, env connectors.Env) (*App, error) {
	a := &App{cfg: cfg, env: env, assets: map[string]*asset{}, own: echo.New(env.Cursor), usage: &usage{}, Counters: newCounters(env), now: time.Now}
	a.answers = echo.Answers{Cursor: env.Cursor, Now: func() time.Time { return a.now() }}
	for _, n := range cfg.WhatsApp {
		if err := a.add(&asset{object: objectWhatsApp, id: n.ID, number: n.Number}, n.Token); err != nil {
			return nil, err
		}
	}
	for _, p := range cfg.Pages {
		all := []*asset{{object: objectPage, id: p.ID, page: p.ID, kind: "psid", private: channelMessenger, public: channelFacebook}}
		if p.Instagram != "" {
			all = append(all, &asset{object: objectInstagram, id: p.Instagram, page: p.ID, kind: "igsid", private: channelInstagram, public: channelInstagram})
		}
		for _, one := range all {
			if err := a.add(one, p.Token); err != nil {
				return nil, err
			}
		}
	}
	a.links = &filelink.Links{Env: env, Path: pathMedia, Life: mediaLife, Now: func() time.Time { return a.now() }, Unknown: func() { a.Refused(hook.Unknown, nil) }}
	a.missed = a.newWalks()
	a.Hook = a.newHook()
	a.Loop = poll.New(poll.Options{
		Pass: a.pass, Every: cfg.Poll, Log: env.Log, Failed: "Meta can't be asked what it has", Again: "Meta can be asked what it has again",
	})
	return a, nil
}

// add adds one of ours, with what it is called with.
func (a *App) add(one *asset, token secret.String) (err error) {
	if one.api, err = a.cfg.newAPI(token, a.usage); err != nil {
		return fmt.Errorf("make connector %s: %w", a.env.Name, err)
	}
	one.files = a.newFiles(one, token)
	a.assets[one.object+" "+one.id] = one
	return nil
}

// Files of our answers are there for Meta to fetch.
const (
	pathMedia = "/media/"
	mediaLife = 12 * time.Hour
)

const (
	// fileWait is how long a message waits for its files, while Meta brings it again.
	fileWait = 2 * time.Minute
	// fileWithin is how long one try to fetch a file may take, and fileReserve what is left after it to hand the message over.
	fileWithin  = 8 * time.Second
	fileReserve = 2 * time.Second
)

// newFiles makes the client for files that come with messages. Those of WhatsApp want the token, which goes to their host alone.
func (a *App) newFiles(one *asset, token secret.String) *fetch.Client {
	base := one.api.Base()
	standIn := base.Scheme + "://" + base.Host
	sources := []fetch.Source{{Origins: []string{standIn, "https://lookaside.fbsbx.com"}, Path: "/whatsapp_business/", Sign: vendor.Bearer(token.Reveal())}}
	if one.object != objectWhatsApp {
		hosts := []string{standIn, "https://lookaside.fbsbx.com", "https://cdn.fbsbx.com", "https://*.xx.fbcdn.net", "https://*.*.fna.fbcdn.net", "https://*.cdninstagram.com"}
		sources = []fetch.Source{{Origins: hosts}}
	}
	return fetch.New(fetch.Options{
		Sources: sources, Redirects: one.object != objectWhatsApp, MaxBytes: a.cfg.MaxMediaBytes, Within: fileWithin, Reserve: fileReserve,
		Missing: MarkMissing, Disguised: MarkDisguised, GaveUp: func(err error) { a.Refused("media", err) },
	}, a.env.Blobs)
}

// ServeHTTP takes webhooks, and gives Meta the files of our answers.
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, pathMedia) {
		a.links.ServeHTTP(w, r)
		return
	}
	a.Hook.ServeHTTP(w, r)
}

// pass looks for what no webhook brought, and what became of the templates, as long as Meta's limits leave room for answers.
func (a *App) pass(ctx context.Context) error {
	if err := a.usage.allow(); err != nil {
		return err
	}
	errs, more := []error{a.lookAtTemplates(ctx)}, false
	for _, walk := range a.missed {
		left, err := walk.Pass(ctx)
		errs, more = append(errs, err), more || left
	}
	err := errors.Join(errs...)
	if more && err == nil {
		a.Wake()
	}
	return err
}

// Run asks Meta now and then, until ctx is done.
func (a *App) Run(ctx context.Context) error {
	return a.Serve(ctx, func() {
		for _, one := range a.assets {
			one.api.Close()
			one.files.Close()
		}
	})
}

// message begins one. What Meta brings late came when it was written, as the customer has waited since; else it comes now, because
// times in seconds put nothing in order.
func (a *App) message(channel string, at time.Time, id ...string) *message.Message {
	parts := [][]byte{[]byte("meta")}
	for _, p := range id {
		parts = append(parts, []byte(p))
	}
	m := &message.Message{ID: message.NewID(parts...), Connector: a.env.Name, Channel: channel, Sent: at, Received: a.now().UTC()}
	if m.Received.Sub(at) > time.Minute {
		m.Received = at
	}
	return m
}

// errFileLate is why a message is not taken yet: Meta brings it again.
var errFileLate = errors.New("its file is not there yet")

// accept hands a message over, its files first.
func (a *App) accept(ctx context.Context, of *asset, m *message.Message, files []fetch.File) error {
	if _, without := a.without.get(m.ID); without {
		return a.env.Accept(ctx, m) // it is known: in a batch that comes again others wait for the time
	}
	gaveUp := false
	end, bounded := ctx.Deadline()
	whole := !bounded || time.Until(end) >= fileWithin+fileReserve // else the messages before took the time for a try
	err := of.files.AttachWhile(ctx, m, files, func(ctx context.Context) (bool, error) {
		if !whole {
			return true, nil
		}
		waits, err := fetch.FromFirstTry(a.env.Cursor.Once, m.ID, fileWait, week)(ctx)
		gaveUp = err == nil && !waits
		return waits, err
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errFileLate, err)
	}
	if err := a.env.Accept(ctx, m); err != nil {
		return err
	}
	if gaveUp {
		a.without.keep(m.ID, true, time.Now().Add(day))
	}
	return nil
}

// said makes one text of lines.
func said(lines ...string) string {
	return message.Head(strings.TrimSpace(message.CleanText(strings.Join(lines, "\n"))), 64<<10)
}

var _ = []any{
	connectors.Connector((*App)(nil)), connectors.Sender((*App)(nil)), connectors.Finder((*App)(nil)), connectors.Checker((*App)(nil)),
	connectors.Reacher((*App)(nil)), connectors.Referrer((*App)(nil)), connectors.Guide((*App)(nil)), connectors.Troubled((*App)(nil)),
	connectors.Windower((*App)(nil)), connectors.Metered((*App)(nil)), http.Handler((*App)(nil)),
}
