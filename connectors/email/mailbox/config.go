package mailbox

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"loket/internal/field"
	"loket/internal/loopback"
	"loket/internal/secret"
)

// Config is one IMAP account and what is read of it.
type Config struct {
	// URL is the server and the account: imaps://user:password@imap.example.org, TLS from the first byte (port 993),
	// or imap://… (port 143), where STARTTLS is required. In user and password % is written %25, and / and @ may
	// stand as they are. ${file:mail.secret} may be the whole of it or its password.
	URL secret.String `yaml:"imap"`
	// User is the login name, when it is not in the URL.
	User string `yaml:"user"`
	// Password, when it is not in the URL.
	Password secret.String `yaml:"password"`
	// StartTLS of an imap:// account: required, or none, which is for a server on this machine.
	StartTLS string `yaml:"starttls"`
	// Insecure allows starttls: none with a server on another machine. Passwords and mail then pass readably.
	Insecure bool `yaml:"insecure"`
	// CA is a file with the certificates (PEM) that the server's must come from, or their text (${file:ca.pem}).
	// Left out, those that the system trusts.
	CA string `yaml:"ca"`
	// OAuth2 signs in with tokens instead of a password, as Gmail and Microsoft 365 want it.
	OAuth2 *OAuth2 `yaml:"oauth2"`

	// Folders are read for customers' mail, at most 8: each has a connection of its own.
	Folders []string `yaml:"folders"`
	// Junk is the folder of suspected spam. Named, its mail is read too and trusted less; nothing is changed in it.
	Junk string `yaml:"junk"`
	// Sent is the folder of what was sent with other programs. Named, answers given there are seen; nothing is
	// changed in it.
	Sent string `yaml:"sent"`
	// Done is what happens to a mail that was taken: keyword sets $LoketIngested (\Seen where the server takes no
	// keywords), seen marks it as read, move:FOLDER puts it there, none leaves it as it is. A mail that could not be
	// read is never marked nor moved.
	Done string `yaml:"done"`

	// Poll is how often folders are looked at, at least every 5m; with Idle only a safety net.
	Poll time.Duration `yaml:"poll"`
	// Idle lets the server say at once that mail has come (IMAP IDLE), where it can.
	Idle bool `yaml:"idle"`
	// First is how far back the very first run reads; 0 reads only what comes from then on. Later runs, after an
	// outage of whatever length, go on where the last one ended.
	First time.Duration `yaml:"first"`
	// MaxSize is how many bytes of one mail are read. Of a larger one the rest stays in the mailbox, and the task says so.
	MaxSize int64 `yaml:"max_size"`
	// Batch is how many mails are asked for at once.
	Batch int `yaml:"batch"`
}

// What Config may hold.
const (
	minPoll, maxPoll   = time.Second, time.Hour
	maxFirst           = 10 * 365 * 24 * time.Hour
	minSize, maxSize   = 64 << 10, 256 << 20
	maxFolders         = 8 // with junk and sent ten connections, as many as servers commonly allow one user
	maxBatch           = 500
	startTLSRequired   = "required"
	startTLSNone       = "none"
	doneKeyword        = "keyword"
	doneSeen           = "seen"
	doneNone           = "none"
	doneMove           = "move:"
	inbox              = "INBOX"
	maxNameLen         = 255
	hintPercentEncoded = "% is written %25"
)

// DefaultConfig has the defaults; only the account is missing.
func DefaultConfig() Config {
	return Config{
		StartTLS: startTLSRequired, Folders: []string{inbox}, Done: doneKeyword,
		Poll: time.Minute, Idle: true, First: 30 * 24 * time.Hour, MaxSize: 40 << 20, Batch: 50,
	}
}

// Validate gives all mistakes at once. None repeats a password.
func (c *Config) Validate() error {
	var bad []error
	bad = append(bad, c.checkAccount()...)
	bad = append(bad, c.checkFolders()...)
	bad = append(bad, c.checkDone()...)
	bad = append(bad, field.Within("poll", c.Poll, minPoll, maxPoll), field.Within("first", c.First, 0, maxFirst))
	if c.MaxSize < minSize || c.MaxSize > maxSize {
		bad = append(bad, field.Errorf("max_size", "must be from %d to %d bytes, not %d", int64(minSize), int64(maxSize), c.MaxSize))
	}
	return errors.Join(append(bad, field.Between("batch", c.Batch, 1, maxBatch))...)
}

func (c *Config) checkAccount() (bad []error) {
	a, err := c.account()
	if err != nil {
		bad = append(bad, err)
	}
	if c.StartTLS != startTLSRequired && c.StartTLS != startTLSNone {
		bad = append(bad, field.Errorf("starttls", "must be %s or %s, not %q", startTLSRequired, startTLSNone, c.StartTLS))
	} else if err == nil && a.plain && !c.Insecure && !loopback.Host(a.host) {
		bad = append(bad, field.Errorf("starttls", "none sends passwords readably: it is for a server on this machine, or needs insecure: true"))
	}
	if _, caErr := roots(c.CA); caErr != nil {
		bad = append(bad, field.Errorf("ca", "must be certificates in PEM, or a file of them: %v", caErr))
	}
	if c.OAuth2 != nil {
		if oauthErr := c.OAuth2.Validate(); oauthErr != nil {
			bad = append(bad, field.Under("oauth2", oauthErr))
		}
		if err == nil && !a.password.IsZero() {
			bad = append(bad, field.Errorf("oauth2", "and a password are given: take one away"))
		}
	} else if err == nil && a.password.IsZero() {
		bad = append(bad, field.Errorf("password", "must be given, here or in the URL, or oauth2"))
	}
	return bad
}

func (c *Config) checkFolders() (bad []error) {
	if len(c.Folders) == 0 {
		bad = append(bad, field.Errorf("folders", "must name at least one, such as %s", inbox))
	}
	if len(c.Folders) > maxFolders {
		bad = append(bad, field.Errorf("folders", "must be at most %d, not %d", maxFolders, len(c.Folders)))
	}
	seen := map[string]string{}
	check := func(path, name string) {
		key := folderKey(name)
		if err := checkFolderName(name); err != nil {
			bad = append(bad, field.Errorf(path, "%v", err))
		} else if before := seen[key]; before != "" {
			bad = append(bad, field.Errorf(path, "is the same folder as %s: %q", before, name))
		} else {
			seen[key] = path
		}
	}
	for i, name := range c.Folders {
		check(field.At("folders", i), name)
	}
	if c.Junk != "" {
		check("junk", c.Junk)
	}
	if c.Sent != "" {
		check("sent", c.Sent)
	}
	if target, ok := c.moveTo(); ok && target != "" && seen[folderKey(target)] != "" {
		bad = append(bad, field.Errorf("done", "moves mail to %q, which is read itself (%s)", target, seen[folderKey(target)]))
	}
	return bad
}

func (c *Config) checkDone() []error {
	if target, ok := c.moveTo(); ok {
		if err := checkFolderName(target); err != nil {
			return []error{field.Errorf("done", "%v", err)}
		}
		return nil
	}
	switch c.Done {
	case doneKeyword, doneSeen, doneNone:
		return nil
	}
	return []error{field.Errorf("done", "must be keyword, seen, move:FOLDER or none, not %q", c.Done)}
}

// moveTo is the folder that done: move:FOLDER names.
func (c *Config) moveTo() (string, bool) { return strings.CutPrefix(c.Done, doneMove) }

func checkFolderName(name string) error {
	switch {
	case name == "":
		return errors.New("must be the name of a folder, not empty")
	case len(name) > maxNameLen:
		return fmt.Errorf("must be at most %d bytes long", maxNameLen)
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '*' }):
		return fmt.Errorf("must be the name of a folder, without * and control characters, not %q", name)
	}
	return nil
}

// folderKey is equal for names of the same folder: only INBOX is written in any case (RFC 9051 §5.1).
func folderKey(name string) string {
	if strings.EqualFold(name, inbox) {
		return inbox
	}
	return name
}
