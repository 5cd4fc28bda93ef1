// Package connectors says what a channel must do. Each folder below it serves one.
package connectors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"loket/internal/message"
	"loket/internal/page"
)

// A Connector serves one channel of the configuration. One that receives over HTTP is also an
// http.Handler; it is mounted at /in/<name>/ of the public listener, with that prefix removed.
type Connector interface {
	// Run serves until ctx is done, then returns nil with everything it started stopped.
	// It rides out trouble that may pass; an error means that only new configuration can help.
	// It is called once. HTTP requests may arrive before, during and after it.
	Run(ctx context.Context) error
}

// A Sender is a Connector whose channel can carry replies.
type Sender interface {
	// Send hands m to the channel. It is tried again unless the error is marked Permanent;
	// InDoubt means the channel may have taken it.
	Send(ctx context.Context, m *message.Message) (Receipt, error)
}

// A Finder is a Sender that can look whether an in-doubt message arrived. Found false means that
// sending again cannot make two of it.
type Finder interface {
	Find(ctx context.Context, m *message.Message) (Receipt, bool, error)
}

// A Checker is a Sender that knows, before a reply is taken, that the channel would refuse it:
// too long, window closed. It does no I/O.
type Checker interface {
	Check(m *message.Message) error
}

// A Reacher is a Sender that can begin a conversation: with an address that nobody wrote from here before.
type Reacher interface {
	// Reaches gives the channel, as customers call it, on which a message to the address would go; "" when it can't
	// go from here. It does no I/O.
	Reaches(to message.Identifier) string
}

// A Copier is a Sender whose channel carries one message to several people: those of m.To, and those of m.Cc, who get a copy.
type Copier interface {
	// Ours tells whether what goes to an address comes back to ourselves. It does no I/O.
	Ours(address message.Identifier) bool
}

// A Referrer is a Sender that knows before it sends a message what answers to it may refer to. They may come before the
// channel has said that it took the message.
type Referrer interface {
	// References gives ids that the channel will know m by, and keys by which the connector tells the conversation with
	// whom m is for. Before m is handed over they are made to lead to its thread, wherever they led before. What only the
	// channel knows comes with the Receipt. It does no I/O.
	References(m *message.Message) []string
}

// A Troubled connector can say what it suffers from and rides out: a server that does not answer, a password that is
// refused. It is asked at any time.
type Troubled interface {
	// Trouble is nil while all is well. It holds no address and no secret.
	Trouble() error
}

// A Guide is a Connector that knows what must be set at the provider of its channel. Setup gives it in lines for an
// operator, with what is set there as far as the provider tells; an error says that this could not be asked, the lines
// are right all the same. It needs of Env only the name, the public URL and the log.
type Guide interface {
	Setup(ctx context.Context) ([]string, error)
}

// A Rehearser is a Connector whose settings say what becomes of a request: it tells beforehand.
type Rehearser interface {
	// Rehearse gives the messages that a request would become: of its body, or of the whole of it with its headers. It does no
	// I/O and stores nothing; attachments have no content. What cannot be read is an error beside what could.
	Rehearse(payload []byte, received time.Time) ([]*message.Message, error)
}

// A ReplyRehearser is a Sender whose settings say how a message goes out: it tells beforehand.
type ReplyRehearser interface {
	// RehearseReply gives the call by which m would go, in lines, with *** for what is secret. It does no I/O.
	RehearseReply(m *message.Message) ([]string, error)
}

// A Measurer is a Sender whose channel cuts long texts into several messages that each cost.
type Measurer interface {
	// Measure says in words for people how the text of m goes out, "" when m goes whole. It does no I/O.
	Measure(m *message.Message) string
}

// A Windower is a Sender whose channel takes a free text only for some time after the customer wrote.
type Windower interface {
	// Window gives the time in which the channel takes m, an answer, as a free text; false where it always does. It does no I/O.
	Window(m *message.Message) (Window, bool)
}

// A Window is until when a channel takes free texts from us.
type Window struct {
	Until     time.Time  // zero when the customer never wrote there
	Templates []Template // what it takes afterwards, too
}

// A Template is a text that a channel takes at any time.
type Template struct {
	Begin string // what an answer that uses it begins with: #delay
	Text  string // what the customer reads, with places to fill in; "" when it is not known here
}

// An Uploader is a Connector whose customers send files from a form. The pages of threads keep to its bounds, too.
type Uploader interface {
	// MaxUpload is how large what a customer sends may be, files included, and how many files it may have.
	MaxUpload() (bytes int64, files int)
}

// A Reminded connector asks by Env.RemindAt to be reminded of something.
type Reminded interface {
	// Remind is called with the key when its instant, due, has come, by one process at a time, and again after a minute when it gave an error
	// or the process died: doing it again must be harmless. again is when to come with it once more, not before a minute; zero when it is done.
	Remind(ctx context.Context, key string, due time.Time) (again time.Time, err error)
}

// A Metered connector counts what comes from its channel and what is turned away.
type Metered interface {
	// Metrics is collected with those of the daemon. Each of its metrics has a label connector, the name of Env.
	Metrics() prometheus.Collector
}

// A FileReader is a Connector of a channel whose messages people also have as files: mails.
type FileReader interface {
	// ReadFile makes of one message in a file what the channel would have made of it. It does no I/O and may be called
	// concurrently. A file that holds no such message is an error.
	ReadFile(data []byte, received time.Time) (Filed, error)
}

// Filed is a message that was read from a file.
type Filed struct {
	Message *message.Message
	Files   map[string][]byte // by the names of blobs that the message gives them; to be stored before it is accepted
	ToUs    bool              // it was sent to the connector's own address
}

// A Receipt is what the channel answered when it took a message.
type Receipt struct {
	ID    string // the channel's own id; may be empty
	State State  // Sent, or Delivered where taking it is delivering it
	// Missed are copies that the channel refused for good, while it took the message for the others.
	Missed []Missed
}

// Missed is a copy of a message that does not arrive.
type Missed struct {
	To     message.Identifier
	Reason string
}

// State is how far a message of ours came. It only moves forward.
type State string

// What a channel may report.
const (
	Sent      State = "sent"
	Delivered State = "delivered"
	Read      State = "read"
	Failed    State = "failed"
)

// Accept takes responsibility for an inbound message: nil = stored, acknowledge it;
// error = leave it to be read again. Accepting the same message twice is harmless.
// It may be called concurrently. m is not to be changed afterwards.
type Accept func(ctx context.Context, m *message.Message) error

// Env is what the daemon gives a connector.
type Env struct {
	Name      string
	Accept    Accept
	Cursor    Cursor
	Blobs     Blobs
	Log       *zap.Logger
	Region    string // default region for phone numbers, ISO 3166
	PublicURL string // where the public listener is reached, without a slash at its end
	// ThreadURL is the customer's page of a thread.
	ThreadURL func(thread string) string
	Tokens    Tokens
	// Began tells whether client, an address, is who begins the conversation thread, or began it lately: whoever asks first,
	// as long as there is none. After an error nobody knows. The client is kept as a keyed hash, for two weeks.
	Began func(ctx context.Context, thread, client string) (bool, error)
	// Seal is a MAC of text, with the daemon's key and for one purpose of this connector: for other purposes and connectors
	// it is worth nothing. A text that a stranger chose is not sealed.
	Seal func(purpose, text string) string
	// Reaches tells whether another connector can begin a conversation with an address, and Tell has it send a message by which something
	// is told, once, without keeping it: To and what is said must be given. An address whose holder refused to be written to is not, and
	// that is no error.
	Reaches func(connector string, to message.Identifier) bool
	Tell    func(ctx context.Context, connector string, m *message.Message) error
	// RemindAt has a Reminded connector reminded of key, which is nobody's data, at an instant; it is durable when it returns nil.
	RemindAt func(ctx context.Context, key string, at time.Time) error
	// Said gives a message of a thread. What is not there any more is an error that is ErrGone; others may pass.
	Said func(ctx context.Context, thread, id string) (*message.Message, error)
	// Ended tells whether a conversation was erased: what is written to it reaches nobody. After an error nobody knows.
	Ended func(ctx context.Context, thread string) (bool, error)
	// Transcript writes down in a language, as text, what the customer of a thread may see of it. An error may pass.
	Transcript func(ctx context.Context, thread, language string) (string, error)
	// Look is that of pages for customers; nil is a plain one.
	Look *page.Look
	// Open tells whether the office is open at an instant, Opens when it opens next, where its times are read; false when it is open, or never
	// opens.
	Open  func(time.Time) bool
	Opens func(time.Time) (time.Time, bool)
}

// HookURL is where the vendor of the channel reaches a path, which begins with a slash, of a connector that is an
// http.Handler.
func (e Env) HookURL(path string) string {
	return strings.TrimSuffix(e.PublicURL, "/") + "/in/" + e.Name + path
}

// Cursor keeps the small things a connector must remember: mailbox positions, tokens.
type Cursor interface {
	Load(ctx context.Context, key string) (string, error) // "" when there is none
	Save(ctx context.Context, key, value string) error    // durable when it returns nil
	// Once tells whether key is asked for the first time within keep, in whatever process: for what must not be done
	// twice. After an error nobody knows.
	Once(ctx context.Context, key string, keep time.Duration) (first bool, err error)
	// First keeps value under key for keep, unless something is kept there: it gives what was, "" when nothing was. After an error nobody
	// knows.
	First(ctx context.Context, key, value string, keep time.Duration) (kept string, err error)
	// Note keeps value under key for keep, in the place of what was kept there.
	Note(ctx context.Context, key, value string, keep time.Duration) error
	// Kept is what Note, Once or First keeps under key; found is false when nothing is.
	Kept(ctx context.Context, key string) (value string, found bool, err error)
}

// Blobs keeps attachments and raw originals. Putting the same name twice is harmless.
type Blobs interface {
	// Put stores what r gives under name, which begins with the message's id, and tells its size.
	// It is durable when Put returns nil; on an error nothing is left.
	Put(ctx context.Context, name string, r io.Reader) (int64, error)
	// Get opens what is stored under name and tells its size. The caller closes it. What is not there is an error
	// that is fs.ErrNotExist; others may pass.
	Get(ctx context.Context, name string) (io.ReadSeekCloser, int64, error)
}

// Tokens make and check the token of a thread. Whoever shows one was written to from that thread: nobody else can
// have it. They need no store and may be called concurrently.
type Tokens interface {
	Token(thread string) string
	Thread(token string) (string, error)
}

// ErrGone says that something is not there any more.
var ErrGone = errors.New("is not there any more")

// A Type makes connectors of one kind.
type Type struct {
	Name string
	// Single connectors run in one process at a time when several share a store.
	Single bool
	// NewConfig gives a pointer to a Config with its defaults, for the settings to be read into.
	// A Config with a Validate() error method has it called, and before that, when it names files, its
	// ResolvePaths(dir string), which makes paths relative to the directory of the configuration absolute.
	NewConfig func() any
	New       func(cfg any, env Env) (Connector, error)
}

// Refuse makes the error by which a channel says in words for people why it does not take an answer. The format is a constant: pages have
// their own words for each, and take the values out of it, of which a text ends where the format goes on.
func Refuse(format string, values ...any) error { return fmt.Errorf(format, values...) }

// Permanent marks err as one that trying again cannot help.
func Permanent(err error) error { return &marked{err, true, false, 0} }

// InDoubt marks err as one after which the channel may have taken the message all the same.
func InDoubt(err error) error { return &marked{err, false, true, 0} }

// After marks err as one that should not be tried again before d has passed (Retry-After).
func After(d time.Duration, err error) error { return &marked{err, false, false, d} }

// IsPermanent tells whether err was marked Permanent.
func IsPermanent(err error) bool {
	var m *marked
	return errors.As(err, &m) && m.permanent
}

// IsInDoubt tells whether err was marked InDoubt.
func IsInDoubt(err error) bool {
	var m *marked
	return errors.As(err, &m) && m.inDoubt
}

// RetryAfter is how long the channel asked to wait; 0 when it did not say.
func RetryAfter(err error) time.Duration {
	var m *marked
	if errors.As(err, &m) {
		return m.after
	}
	return 0
}

type marked struct {
	err       error
	permanent bool
	inDoubt   bool
	after     time.Duration
}

func (m *marked) Error() string { return m.err.Error() }
func (m *marked) Unwrap() error { return m.err }
