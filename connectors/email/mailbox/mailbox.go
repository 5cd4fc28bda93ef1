// Package mailbox reads the mails of one IMAP account, each at least once, whatever the server, the network or a
// single mail do. It knows nothing of what a mail means: whoever gets it recognises one that comes twice.
//
// A folder has one connection and one goroutine that owns it (folder.go). What was read is a position of UIDs
// (position.go) that goes past a mail only when it was taken, so an outage of any length loses nothing. A mail that
// cannot be fetched holds up no other and is handed on with its problem in the end (suspect.go).
package mailbox

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// Take takes responsibility for one mail: nil = stored, error = it is read again later. It is called concurrently,
// for at most 32 mails at a time, and l is its own. ctx ends with Run, and after two minutes.
type Take func(ctx context.Context, l Fetched) error

// A Fetched is one mail as it lay in the mailbox.
type Fetched struct {
	Folder           string
	UID, UIDValidity uint32
	// Received is when it came into the mailbox (INTERNALDATE, UTC); zero when the server would not say.
	Received time.Time
	// Raw is the mail, or its first bytes: then Cut tells.
	Raw []byte
	// Size is how large the server says it is, in bytes; 0 when it did not say.
	Size int64
	Cut  bool
	// Junk and Sent tell that it lay in the folder configured as such.
	Junk, Sent bool
	// Problem is why it could not be fetched, empty when it could. Raw then is its header, or nothing, and the mail
	// lies in the mailbox as it did.
	Problem string
}

// A Cursor keeps positions, each a string under a key; connectors.Cursor is one.
type Cursor interface {
	Load(ctx context.Context, key string) (string, error) // "" when there is none
	Save(ctx context.Context, key, value string) error    // durable when it returns nil
}

// How much may be going on at once.
const (
	maxTakes    = 32
	maxInFlight = 64 << 20 // bytes of mail in memory; one larger mail goes alone
	takeTime    = 2 * time.Minute
)

// A Mailbox reads one account.
type Mailbox struct {
	cfg     Config
	account account
	roots   *x509.CertPool
	tokens  *Tokens
	cursor  Cursor
	take    Take
	log     *zap.Logger
	folders []*folder
	slots   *semaphore.Weighted
	bytes   *semaphore.Weighted
	room    int64       // what bytes holds
	refused atomic.Bool // the last sign-in was, and it was logged

	// What tests make shorter.
	stall, most           time.Duration                  // of a connection, see conn
	idleFor               time.Duration                  // one IDLE
	backoff               func(tries int) time.Duration  // before connecting, or fetching or handing over a mail, again
	slow                  func() time.Duration           // before signing in again after a refusal
	now                   func() time.Time               // for positions
	parkAfter, parkAnyway time.Duration                  // of suspects
	waiting               func(folder string, idle bool) // called when a folder has nothing to do; nil outside tests
}

// New makes the reader of the account in cfg, which was validated. It connects to nothing yet.
func New(cfg Config, cursor Cursor, take Take, log *zap.Logger) (*Mailbox, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	account, err := cfg.account()
	if err != nil {
		return nil, err
	}
	pool, err := roots(cfg.CA)
	if err != nil {
		return nil, fmt.Errorf("read ca: %w", err)
	}
	m := &Mailbox{
		cfg: cfg, account: account, roots: pool, cursor: cursor, take: take, log: log,
		slots: semaphore.NewWeighted(maxTakes), bytes: semaphore.NewWeighted(maxInFlight), room: maxInFlight,
		stall: time.Minute, most: 30 * time.Minute, idleFor: 5 * time.Minute,
		backoff: jitter, slow: func() time.Duration { return 5*time.Minute + rand.N(5*time.Minute) }, now: time.Now,
		parkAfter: parkAfter, parkAnyway: parkAnyway,
	}
	if cfg.OAuth2 != nil {
		m.tokens = NewTokens(*cfg.OAuth2, cursor)
	}
	for _, name := range cfg.Folders {
		m.folders = append(m.folders, newFolder(m, name, plain))
	}
	if cfg.Junk != "" {
		m.folders = append(m.folders, newFolder(m, cfg.Junk, junk))
	}
	if cfg.Sent != "" {
		m.folders = append(m.folders, newFolder(m, cfg.Sent, sent))
	}
	return m, nil
}

// Run reads until ctx is done, then returns nil with nothing left running. It connects again after every trouble,
// for ever; an error means that only another configuration can help. It is called once.
func (m *Mailbox) Run(ctx context.Context) error {
	g, gctx := errgroup.WithContext(ctx)
	for _, f := range m.folders {
		g.Go(func() error { return f.run(gctx) })
	}
	return g.Wait()
}

// Tokens gives the account's access tokens, for sending with the same account; nil when it signs in by password.
func (m *Mailbox) Tokens() *Tokens { return m.tokens }

// jitter is a random part of a time that doubles from 1 s to 5 min with the tries before it.
func jitter(tries int) time.Duration {
	most := 5 * time.Minute
	if tries < 9 {
		most = min(most, time.Second<<tries)
	}
	return 10*time.Millisecond + rand.N(most)
}

// cursorKey is where the position of a folder is kept. The user stands in it as a hash: another account begins anew,
// the same one on another server is renumbered.
func (m *Mailbox) cursorKey(folder string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(m.account.user)))
	return "imap/" + hex.EncodeToString(sum[:4]) + "/" + folderKey(folder)
}

// told is an error in words for logs and status: no address, no secret. Servers like to repeat the user's name.
func (m *Mailbox) told(err error) string {
	if err == nil {
		return ""
	}
	user := strings.ToLower(m.account.user)
	words := strings.Fields(err.Error())
	for i, w := range words {
		bare := strings.Trim(strings.ToLower(w), `.,:;"'()<>[]`)
		if strings.ContainsRune(w, '@') || bare == user || len(user) > 3 && strings.Contains(bare, user) {
			words[i] = "…"
		}
	}
	return strings.Join(words, " ")
}
