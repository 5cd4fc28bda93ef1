package mailbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// A conn is one connection, owned by one goroutine. It is all that this package knows of the IMAP library, whose
// traps end here: every wait is watched, what was asked for is counted when it comes, and a FETCH response that the
// library cannot match to its command is caught (see stray.go).
type conn struct {
	imap    *imapclient.Client
	wire    *wire
	caps    imap.CapSet
	stall   time.Duration // without a byte for so long the connection counts as dead
	most    time.Duration // and no command takes longer
	wake    chan struct{} // the server told that something changed
	strays  strays
	release func() bool
}

// A box is what the server said of the folder that was opened.
type box struct {
	validity uint32
	next     uint32 // UID of the next mail
	guessed  bool   // next is behind the last mail there is, because the server did not say
	flags    []string
}

func newConn(w *wire, stall, most time.Duration) *conn {
	return &conn{wire: w, stall: stall, most: most, wake: make(chan struct{}, 1), release: func() bool { return true }}
}

// close ends the connection and waits until nothing of it is left.
func (c *conn) close() {
	c.release()
	c.wire.abort()
	if c.imap != nil {
		_ = c.imap.Close()
	}
	c.strays.wait()
}

// watch guards one exchange; the function it gives ends the guard.
func (c *conn) watch() (stop func()) { return c.wire.watch(c.stall, c.most) }

// cut tells that the network or the server ended the connection at err, not an answer that could not be understood.
// The library tells an end in order (TLS) by its text only.
func (c *conn) cut(err error) bool {
	return !errors.Is(err, errAbsurd) && (c.wire.broken.Load() || err != nil && strings.Contains(err.Error(), io.EOF.Error()))
}

// alive tells whether commands can still be given.
func (c *conn) alive() bool {
	select {
	case <-c.imap.Closed():
		return false
	default:
		return !c.wire.broken.Load()
	}
}

// handler hears what the server says unasked. It runs in the goroutine that reads, so it must not wait.
func (c *conn) handler() *imapclient.UnilateralDataHandler {
	return &imapclient.UnilateralDataHandler{
		Mailbox: func(data *imapclient.UnilateralDataMailbox) {
			if data.NumMessages != nil {
				c.nudge()
			}
		},
		Fetch: c.strays.take,
	}
}

func (c *conn) nudge() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// open selects a folder.
func (c *conn) open(folder string, readOnly bool) (box, error) {
	defer c.watch()()
	data, err := c.imap.Select(folder, &imap.SelectOptions{ReadOnly: readOnly}).Wait()
	if err != nil {
		return box{}, fmt.Errorf("open folder: %w", err)
	}
	b := box{validity: data.UIDValidity, next: uint32(data.UIDNext)}
	for _, f := range data.PermanentFlags {
		b.flags = append(b.flags, string(f))
	}
	if b.validity == 0 {
		return box{}, errors.New("open folder: the server gives no UIDVALIDITY, so positions cannot be kept")
	}
	return b, nil
}

// canMove tells whether mails can be moved without touching what others have marked as deleted.
func (c *conn) canMove() bool { return c.caps.Has(imap.CapMove) || c.caps.Has(imap.CapUIDPlus) }

func (c *conn) canIdle() bool { return c.caps.Has(imap.CapIdle) }

// noop makes the server tell what is new.
func (c *conn) noop() error {
	defer c.watch()()
	if err := c.imap.Noop().Wait(); err != nil {
		return fmt.Errorf("noop: %w", err)
	}
	return nil
}

// A query is which mails to look for: from ≤ UID ≤ to, to 0 for no end; not older than the day of since; without
// the keyword unless it is empty. Mails marked as deleted are never meant.
type query struct {
	from, to uint32
	since    time.Time
	without  string
}

// maxFound is how many mails one search gives; the next one finds the rest.
const maxFound = 100_000

// search gives UIDs in ascending order, the first of them when there are very many.
func (c *conn) search(q query) ([]uint32, error) {
	defer c.watch()()
	criteria := &imap.SearchCriteria{
		UID:     []imap.UIDSet{{{Start: imap.UID(q.from), Stop: imap.UID(q.to)}}},
		Since:   q.since,
		NotFlag: []imap.Flag{imap.FlagDeleted},
	}
	if q.without != "" {
		criteria.NotFlag = append(criteria.NotFlag, imap.Flag(q.without))
	}
	data, err := c.imap.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	set, _ := data.All.(imap.UIDSet)
	return q.within(set), nil
}

// within are the first UIDs of set that the query means: for "10:*" a server also gives the last mail when there is
// none of that number.
func (q query) within(set imap.UIDSet) (uids []uint32) {
	ranges := slices.SortedFunc(slices.Values(set), func(a, b imap.UIDRange) int { return cmp.Compare(a.Start, b.Start) })
	for _, r := range ranges {
		// In 64 bits, so that the last UID of all has one after it.
		for uid := max(uint64(r.Start), uint64(q.from)); uid <= uint64(r.Stop) && (q.to == 0 || uid <= uint64(q.to)); uid++ {
			if len(uids) == maxFound {
				return uids
			}
			if n := len(uids); n == 0 || uint64(uids[n-1]) < uid {
				uids = append(uids, uint32(uid))
			}
		}
	}
	return uids
}

// mark adds a flag to mails.
func (c *conn) mark(uids []uint32, flag string) error {
	defer c.watch()()
	store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.Flag(flag)}}
	if err := c.imap.Store(setOf(uids), store, nil).Close(); err != nil {
		return fmt.Errorf("mark mails: %w", err)
	}
	return nil
}

// move puts mails into another folder. canMove must hold. Where the server has no MOVE the steps are taken one by one:
// the library would send all three at once, and delete what it could not copy.
func (c *conn) move(uids []uint32, folder string) error {
	defer c.watch()()
	set := setOf(uids)
	if c.caps.Has(imap.CapMove) {
		if _, err := c.imap.Move(set, folder).Wait(); err != nil {
			return fmt.Errorf("move mails: %w", err)
		}
		return nil
	}
	if _, err := c.imap.Copy(set, folder).Wait(); err != nil {
		return fmt.Errorf("copy mails: %w", err)
	}
	deleted := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}
	if err := c.imap.Store(set, deleted, nil).Close(); err != nil {
		return fmt.Errorf("delete copied mails: %w", err)
	}
	if err := c.imap.UIDExpunge(set).Close(); err != nil {
		return fmt.Errorf("expunge copied mails: %w", err)
	}
	return nil
}

// answered tells that the server understood and said no: the connection is good.
func answered(err error) bool {
	var answer *imap.Error
	return errors.As(err, &answer)
}

// idle waits until the server tells of a change, until is closed, most has passed or the connection ends.
func (c *conn) idle(ctx context.Context, until <-chan struct{}, most time.Duration) error {
	stop := c.watch()
	cmd, err := c.imap.Idle()
	stop()
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-c.wake:
	case <-until:
	case <-timer.C:
	case <-c.imap.Closed():
	case <-ctx.Done():
	}
	defer c.watch()()
	closeErr := cmd.Close()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	if closeErr != nil {
		return fmt.Errorf("idle: %w", closeErr)
	}
	return nil
}

func setOf(uids []uint32) imap.UIDSet {
	var set imap.UIDSet
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	return set
}
