// Package xtest is an X for tests: both APIs as far as loket calls them, the sender of webhooks with its challenge, and
// faults such as the real one has. It checks the signature of every call.
package xtest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// What the account of the tests is, and its keys.
const (
	Self           = "783214"
	Handle         = "example"
	ConsumerKey    = "consumer-key"
	ConsumerSecret = "consumer-secret-hunter2"
	AccessToken    = Self + "-access-token-hunter2"
	AccessSecret   = "access-secret-hunter2"
)

// A User is somebody on X.
type User struct{ ID, Handle, Name string }

// Kate is a customer.
func Kate() User { return User{"2244994945", "Kate_J", "Kate Jansen"} }

// Account is who the tests' account is.
func Account() User { return User{Self, Handle, "Example Support"} }

// A Post is one that X has. What is left empty, Add fills in.
type Post struct {
	ID           string
	Author       User
	Text         string
	Conversation string
	ReplyTo      string
	ReplyToUser  string
	Quotes       string
	Names        bool // it mentions the account
	Lang         string
	Versions     []string
	Media        []string // addresses of pictures
	At           time.Time
}

// A Direct is a private message that X has.
type Direct struct {
	ID    string
	From  User
	To    string // who gets it
	Text  string
	Media []string
	At    time.Time
}

// A Fault is what a call meets instead of its answer.
type Fault struct {
	Status int
	Body   string
	Header map[string]string
	Keep   bool // X does what it was asked all the same
	Drop   bool // the connection ends without an answer
	After  int  // calls that go well before
	// Meanwhile is called when X has done what it was asked and is yet to say so, which it does then: a customer is faster.
	Meanwhile func()
}

// X is a running fake. Its methods may be called concurrently.
type X struct {
	connectortest.StandIn
	tb testing.TB

	mu       sync.Mutex
	pageSize int
	made     int64 // ids
	users    map[string]User
	posts    []Post   // newest last
	directs  []Direct // newest last
	uploads  map[string][]byte
	files    map[string]file
	faults   []*fault
	calls    map[string]int
	summoned bool
	hooks    []*Hook
}

type file struct {
	kind string
	data []byte
}

type fault struct {
	Fault
	path  string
	times int
}

// Start starts one that ends with the test.
func Start(tb testing.TB) *X {
	tb.Helper()
	x := &X{tb: tb, pageSize: 100, users: map[string]User{}, uploads: map[string][]byte{}, files: map[string]file{}, calls: map[string]int{}}
	for _, u := range []User{Kate(), Account()} {
		x.users[u.ID] = u
	}
	x.StandIn = connectortest.Serve(tb, x.mux())
	return x
}

// PageSize makes pages of at most n.
func (x *X) PageSize(n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.pageSize = n
}

// OnlySummoned makes X refuse public answers to posts that do not name the account, as it does to most since 2026.
func (x *X) OnlySummoned() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.summoned = true
}

// Fail lets the next calls of a path (its beginning will do) meet a fault; times 0 is all.
func (x *X) Fail(path string, f Fault, times int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.faults = append(x.faults, &fault{f, path, times})
}

// Heal ends all faults.
func (x *X) Heal() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.faults = nil
}

// Calls is how often a path was called (its beginning will do).
func (x *X) Calls(path string) (n int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for p, times := range x.calls {
		if strings.HasPrefix(p, path) {
			n += times
		}
	}
	return n
}

// Serve puts a file on X and gives its address.
func (x *X) Serve(name, kind string, data []byte) string {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.files[name] = file{kind, data}
	return x.URL + "/media/" + name
}

// Add makes X have a post, and gives it complete.
func (x *X) Add(p Post) Post {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.add(p)
}

func (x *X) add(p Post) Post {
	p.ID, p.At = x.fresh(p.ID, p.At)
	if p.Author.ID == "" {
		p.Author = Kate()
	}
	x.users[p.Author.ID] = p.Author
	if p.Conversation == "" {
		p.Conversation = p.ID
		if i := slices.IndexFunc(x.posts, func(q Post) bool { return q.ID == p.ReplyTo }); i >= 0 {
			p.Conversation, p.ReplyToUser = x.posts[i].Conversation, x.posts[i].Author.ID
		} else if p.ReplyTo != "" {
			p.Conversation = p.ReplyTo
		}
	}
	x.posts = append(x.posts, p)
	return p
}

// AddDirect makes X have a private message, and gives it complete.
func (x *X) AddDirect(d Direct) Direct {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.addDirect(d)
}

func (x *X) addDirect(d Direct) Direct {
	d.ID, d.At = x.fresh(d.ID, d.At)
	if d.From.ID == "" {
		d.From = Kate()
	}
	if d.To == "" {
		d.To = Self
	}
	x.users[d.From.ID] = d.From
	x.directs = append(x.directs, d)
	return d
}

// fresh gives an id as X makes them: by time.
func (x *X) fresh(id string, at time.Time) (string, time.Time) {
	if at.IsZero() {
		at = time.Now()
	}
	if id == "" {
		x.made++
		id = strconv.FormatInt((at.UnixMilli()-1288834974657)<<22+x.made, 10)
	}
	return id, at.UTC()
}

// Posts are those of the account, oldest first.
func (x *X) Posts() (own []Post) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, p := range x.posts {
		if p.Author.ID == Self {
			own = append(own, p)
		}
	}
	return own
}

// Directs are the private messages of the account, oldest first.
func (x *X) Directs() (own []Direct) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, d := range x.directs {
		if d.From.ID == Self {
			own = append(own, d)
		}
	}
	return own
}

// Uploaded is what was uploaded under an id.
func (x *X) Uploaded(id string) []byte {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.uploads[id]
}

// Settings are those of a connector of the account, as YAML on one line.
func (x *X) Settings(version string) string {
	return fmt.Sprintf("api: %s, consumer_key: %s, consumer_secret: %s, access_token: %s, access_token_secret: %s, api_url: %q",
		version, ConsumerKey, ConsumerSecret, AccessToken, AccessSecret, x.URL)
}

// meet gives the fault that a call meets.
func (x *X) meet(path string) *Fault {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.calls[path]++
	for i, f := range x.faults {
		if !strings.HasPrefix(path, f.path) {
			continue
		}
		if f.After > 0 {
			f.After--
			return nil
		}
		if f.times == 1 {
			x.faults = slices.Delete(x.faults, i, i+1)
		} else if f.times > 1 {
			f.times--
		}
		met := f.Fault
		return &met
	}
	return nil
}

// Limited is the fault of who calls too often, until at.
func Limited(at time.Time) Fault {
	return Fault{
		Status: http.StatusTooManyRequests, Body: `{"title":"Too Many Requests","detail":"Too Many Requests","type":"about:blank","status":429}`,
		Header: map[string]string{"x-rate-limit-limit": "15", "x-rate-limit-remaining": "0", "x-rate-limit-reset": strconv.FormatInt(at.Unix(), 10)},
	}
}
