// Package folder is the channel of letters: scanned ones, mails in files and messages in JSON that are put into a directory, and
// answers that are put into another, for whoever prints and posts them.
//
// look.go finds what is written whole, take.go takes one file in, letter.go and pdf.go read it, move.go puts it away; out.go is
// the way out.
package folder

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"time"

	"loket/connectors"
	"loket/connectors/hook"
	"loket/connectors/poll"
	"loket/internal/field"
)

// Config is the settings of a folder.
type Config struct {
	// Directory is where files are put that are to come in. What was taken goes to done/ in it, what can't be to failed/.
	Directory string `yaml:"directory"`
	// Out is where answers are put, a file each. Left out, answers are posted by hand.
	Out string `yaml:"out"`
	// Channel is what customers call it: letter.
	Channel string `yaml:"channel"`
	// Mailbox is the connector of the mailbox that mails (.eml) were sent to, by which they are answered. Left out, they are
	// answered as letters are.
	Mailbox string `yaml:"mailbox"`
	// NeedsSidecar leaves x.pdf lying until x.json stands beside it.
	NeedsSidecar bool `yaml:"needs_sidecar"`
	// Settle is how long a file must not have changed until it is taken for whole, Every how often the directory is looked at.
	Settle time.Duration `yaml:"settle"`
	Every  time.Duration `yaml:"every"`
	// MaxBytes is the largest file that is taken.
	MaxBytes int64 `yaml:"max_bytes"`
	// PDFText is the program that gives the text of a PDF, by name or path; "" reads none. It need not be there.
	PDFText string `yaml:"pdftotext"`
}

// Type is the folder's entry in the list of connector types. Run is single: two who look would take the same file.
func Type() connectors.Type {
	return connectors.Type{
		Name: "folder", Single: true,
		NewConfig: func() any {
			return &Config{Channel: "letter", Settle: 5 * time.Second, Every: 2 * time.Second, MaxBytes: 50 << 20, PDFText: "pdftotext"}
		},
		New: func(cfg any, env connectors.Env) (connectors.Connector, error) { return New(*cfg.(*Config), env), nil },
	}
}

// ResolvePaths makes the directories relative to dir.
func (c *Config) ResolvePaths(dir string) {
	for _, p := range []*string{&c.Directory, &c.Out} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
}

const name = `[a-z0-9][a-z0-9_-]{0,39}`

// Validate gives all mistakes at once. Whether the directories are there is seen when they are looked at.
func (c *Config) Validate() error {
	bad := []error{
		field.Missing("directory", c.Directory == "", ": where files are put that are to come in"),
		field.Matches("channel", c.Channel, name, "must be a word in small letters such as letter"),
		field.Matches("mailbox", c.Mailbox, "("+name+")?", "must be the name of a connector"),
		field.Within("settle", c.Settle, 0, time.Hour),
		field.Within("every", c.Every, 10*time.Millisecond, time.Hour),
		field.Between("max_bytes", c.MaxBytes, 1<<10, 1<<30),
	}
	if c.Out != "" && filepath.Clean(c.Out) == filepath.Clean(c.Directory) {
		bad = append(bad, field.Errorf("out", "must be another directory: what is put there would come in"))
	}
	return errors.Join(bad...)
}

// A Folder is the connector. Its methods may be called concurrently, and before, during and after Run.
type Folder struct {
	*hook.Counters
	*poll.Loop
	cfg     Config
	env     connectors.Env
	program string              // that gives the text of a PDF; "" when there is none
	seen    map[string]*sighted // by name; of Run alone
	coming  map[string]bool     // beginnings of the names of what is not there whole; of Run alone
	now     func() time.Time
}

// New makes the connector of a configuration that Validate found right. It looks at nothing yet.
func New(cfg Config, env connectors.Env) *Folder {
	f := &Folder{cfg: cfg, env: env, seen: map[string]*sighted{}, now: time.Now, Counters: hook.NewCounters(hook.Counts{
		Name: "folder", Vendor: "a folder", Connector: env.Name, Events: []string{eventLetter, eventMail, eventMessage}, Ways: []string{"directory"},
		Reasons: []string{badKind, badContent, badSidecar, hook.TooLarge}, Log: env.Log,
	})}
	f.program, _ = exec.LookPath(cfg.PDFText) // it need not be there
	f.Loop = poll.New(poll.Options{
		Pass: f.pass, Every: cfg.Every, First: min(time.Second, cfg.Every), Longest: time.Minute, Log: env.Log,
		Failed: "the folder can't be read or written", Again: "the folder can be read and written again",
	})
	return f
}

// Run looks at the directory until ctx is done.
func (f *Folder) Run(ctx context.Context) error { return f.Serve(ctx) }

var _ = []any{
	connectors.Connector((*Folder)(nil)), connectors.Sender((*Folder)(nil)), connectors.Checker((*Folder)(nil)), connectors.Finder((*Folder)(nil)),
	connectors.Troubled((*Folder)(nil)), connectors.Metered((*Folder)(nil)),
}
