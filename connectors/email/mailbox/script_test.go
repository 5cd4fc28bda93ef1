package mailbox

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A script is an IMAP server of a few lines that misbehaves where a test wants it to.
type script struct {
	addr string

	mu        sync.Mutex
	mails     map[uint32]string
	validity  uint32
	permanent string // PERMANENTFLAGS
	caps      string
	flags     map[uint32]string
	heard     []string // commands without their tags
	// greet is what it says first; empty is the usual.
	greet string
	// on sees each command first: true when it answered, or meant not to.
	on func(c *peer, tag, command string) bool
}

// A peer is one connection to the script.
type peer struct {
	*script
	n    int // of the connection, from 0
	conn net.Conn
	in   *bufio.Reader
}

func newScript(t *testing.T, mails ...string) *script {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{
		addr: l.Addr().String(), mails: map[uint32]string{}, flags: map[uint32]string{}, validity: 7,
		permanent: `\Seen \Deleted \*`, caps: "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=PLAIN SASL-IR",
	}
	for i, subject := range mails {
		s.mails[uint32(i+1)] = string(mailOf(subject))
	}
	var serving sync.WaitGroup
	var open sync.Map
	serving.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			open.Store(conn, true)
			serving.Go(func() {
				defer conn.Close()
				(&peer{script: s, n: n, conn: conn, in: bufio.NewReader(conn)}).serve()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		open.Range(func(conn, _ any) bool { _ = conn.(net.Conn).Close(); return true })
		serving.Wait()
	})
	return s
}

// over is the configuration of its account.
func (s *script) over() Config {
	c := over("imap://jan:secret@"+s.addr, "")
	c.StartTLS, c.Idle, c.First = "none", false, 10*365*24*time.Hour
	return c
}

// set changes fields before or while it serves.
func (s *script) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *script) add(uid uint32, subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mails[uid] = string(mailOf(subject))
}

func (s *script) remove(uid uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.mails, uid)
}

func (s *script) mail(uid uint32) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, ok := s.mails[uid]
	return raw, ok
}

// commands counts those that were given with that beginning.
func (s *script) commands(prefix string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.heard {
		if strings.HasPrefix(c, prefix) {
			n++
		}
	}
	return n
}

func (c *peer) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c.conn, format+"\r\n", args...)
}

func (c *peer) line() (string, bool) {
	line, err := c.in.ReadString('\n')
	return strings.TrimRight(line, "\r\n"), err == nil
}

func (c *peer) serve() {
	c.mu.Lock()
	greet := c.greet
	if greet == "" {
		greet = "* OK [CAPABILITY " + c.caps + "] hello"
	}
	c.mu.Unlock()
	c.say("%s", greet)
	for {
		line, ok := c.line()
		if !ok {
			return
		}
		tag, command, _ := strings.Cut(line, " ")
		c.mu.Lock()
		c.heard = append(c.heard, command)
		on := c.on
		c.mu.Unlock()
		if on != nil && on(c, tag, command) {
			continue
		}
		c.answer(tag, command)
	}
}

func (c *peer) answer(tag, command string) {
	words := strings.Fields(command)
	switch {
	case strings.HasPrefix(command, "CAPABILITY"):
		c.mu.Lock()
		c.say("* CAPABILITY %s", c.caps)
		c.mu.Unlock()
	case words[0] == "SELECT" || words[0] == "EXAMINE":
		c.mu.Lock()
		last := uint32(0)
		for uid := range c.mails {
			last = max(last, uid)
		}
		c.say("* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* OK [UIDNEXT %d] x\r\n* OK [PERMANENTFLAGS (%s)] x", len(c.mails), c.validity, last+1, c.permanent)
		c.mu.Unlock()
	case words[0] == "IDLE":
		c.say("+ idling")
		if _, ok := c.line(); !ok {
			return
		}
	case strings.HasPrefix(command, "UID SEARCH"):
		c.say("* SEARCH%s", c.found(command))
	case strings.HasPrefix(command, "UID FETCH"):
		for _, uid := range c.inSet(words[2]) {
			c.fetch(uid, command)
		}
	case strings.HasPrefix(command, "UID STORE"):
		c.mu.Lock()
		for _, uid := range c.uids(words[2]) {
			c.flags[uid] += words[len(words)-1]
		}
		c.mu.Unlock()
	}
	c.say("%s OK done", tag)
}

// fetch answers as a good server does.
func (c *peer) fetch(uid uint32, command string) {
	raw, ok := c.mail(uid)
	if !ok {
		return
	}
	if !strings.Contains(command, "BODY.PEEK") {
		c.say(`* %d FETCH (UID %d RFC822.SIZE %d INTERNALDATE "%s")`, uid, uid, len(raw), time.Now().Format("_2-Jan-2006 15:04:05 -0700"))
		return
	}
	name := sectionOf(command)
	if name == "BODY[HEADER]" {
		head, _, _ := strings.Cut(raw, "\r\n\r\n")
		raw = head + "\r\n\r\n"
	}
	c.say("* %d FETCH (UID %d %s {%d}\r\n%s)", uid, uid, name, len(raw), raw)
}

// sectionOf is how the section of a command is named in its answer.
func sectionOf(command string) string {
	_, section, _ := strings.Cut(command, "BODY.PEEK")
	section = strings.TrimSuffix(section, ")")
	if before, _, partial := strings.Cut(section, "<"); partial {
		section = before + "<0>"
	}
	return "BODY" + section
}

func (c *peer) found(command string) (list string) {
	_, rest, _ := strings.Cut(command, "UID SEARCH ")
	_, set, _ := strings.Cut(rest, "UID ")
	set, _, _ = strings.Cut(set, " ")
	for _, uid := range c.inSet(strings.Trim(set, "()")) {
		list += " " + strconv.Itoa(int(uid))
	}
	return list
}

func (c *peer) inSet(set string) []uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.uids(set)
}

// uids are those of the set that exist; "10:*" means the last one when there is none of that number.
func (c *peer) uids(set string) (in []uint32) {
	all := slices.Sorted(maps.Keys(c.mails))
	number := func(s string) uint32 {
		if s == "*" {
			return slices.Max(append(all, 0))
		}
		n, _ := strconv.ParseUint(s, 10, 32)
		return uint32(n)
	}
	for part := range strings.SplitSeq(set, ",") {
		from, to, isRange := strings.Cut(part, ":")
		low, high := number(from), number(from)
		if isRange {
			high = number(to)
		}
		if low > high {
			low, high = high, low
		}
		for _, uid := range all {
			if low <= uid && uid <= high {
				in = append(in, uid)
			}
		}
	}
	return in
}

// asks tells whether the command fetches the body of that mail, and whether together with others.
func (c *peer) asks(command string, uid uint32) bool {
	return strings.HasPrefix(command, "UID FETCH") && strings.Contains(command, "BODY.PEEK") &&
		slices.Contains(c.inSet(strings.Fields(command)[2]), uid)
}

// decoded is what a client said in base64.
func decoded(line string) string {
	b, _ := base64.StdEncoding.DecodeString(line)
	return string(b)
}
