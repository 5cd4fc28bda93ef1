package folder

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"loket/connectors/email"
	"loket/connectors/hook"
	"loket/internal/message"
)

// What is counted of what comes in, and of what does not.
const (
	eventLetter  = "letter"
	eventMail    = "mail"
	eventMessage = "message"

	badKind    = "kind"
	badContent = "content"
	badSidecar = "sidecar"
)

// A refusal is why a file is put aside until somebody sees to it: its text is for who put it there.
type refusal struct{ reason, text string }

func (r *refusal) Error() string { return r.text }

func refuse(reason, format string, args ...any) error {
	return &refusal{reason, fmt.Sprintf(format, args...)}
}

// errChanging says that a file changed while it was read: it is looked at again.
var errChanging = errors.New("the file changes")

// take takes responsibility for a file and puts it away, or puts aside what can't be taken; an error leaves it where it is.
// The message of a file that was not put away is known by its id when it is taken again.
func (f *Folder) take(ctx context.Context, s *sighted) error {
	event, err := f.accept(ctx, s)
	var bad *refusal
	switch {
	case errors.As(err, &bad):
		f.Refused(bad.reason, nil)
		return f.putAside(s, bad.text)
	case errors.Is(err, errChanging), errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return err
	case event == "":
		return nil
	}
	f.Took(event, "directory")
	return f.putAway(s)
}

// accept gives what was accepted, "" when it is left for later.
func (f *Folder) accept(ctx context.Context, s *sighted) (event string, err error) {
	if !s.info.Mode().IsRegular() {
		return "", refuse(badKind, "This is no file but a link or something special. Put the file itself here.")
	}
	if s.info.Size() > f.cfg.MaxBytes {
		return "", refuse(hook.TooLarge, "The file is larger than %d bytes, which max_bytes allows.", f.cfg.MaxBytes)
	}
	file, err := open(s)
	if err != nil {
		return "", err
	}
	defer file.Close()
	told, err := f.told(s)
	if err != nil {
		return "", err
	}
	switch {
	case s.isJSON():
		return f.acceptJSON(ctx, s, file)
	case strings.EqualFold(filepath.Ext(s.name), ".eml"):
		return eventMail, f.acceptMail(ctx, s, file, told)
	}
	return f.acceptScan(ctx, s, file, told)
}

// open opens what was seen, and nothing that was put in its place since.
func open(s *sighted) (*os.File, error) {
	file, err := os.OpenFile(s.path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, os.ErrPermission) {
		return nil, refuse(badContent, "The file can't be read: permission denied.")
	}
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !s.same(info) {
		file.Close()
		return nil, errChanging
	}
	return file, nil
}

// read gives what is in a file that does not change meanwhile.
func read(s *sighted, file io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(file, s.info.Size()+1))
	if err == nil && int64(len(b)) != s.info.Size() {
		err = errChanging
	}
	return b, err
}

// acceptJSON takes a message. What says nothing is a sidecar, and waits for its file.
func (f *Folder) acceptJSON(ctx context.Context, s *sighted, file io.Reader) (event string, err error) {
	content, err := read(s, file)
	if err != nil {
		return "", err
	}
	told, err := readLetter(content, f.env.Region, f.now())
	switch {
	case err != nil:
		return "", refuse(badContent, "%s", err)
	case told.Text == "" && f.now().Sub(s.since) < orphaned:
		return "", nil
	case told.Text == "":
		return "", refuse(badSidecar, "There is no file beside it that it tells of, and it has no text of its own.")
	}
	digest := sha256.Sum256(content)
	return eventMessage, f.env.Accept(ctx, f.message(s, digest[:], told))
}

// acceptScan takes a letter: a PDF or a picture. One whose end is missing is still being copied, unless it does not grow for long.
func (f *Folder) acceptScan(ctx context.Context, s *sighted, file *os.File, told letter) (event string, err error) {
	head, tail, err := ends(file, s.info.Size())
	if err != nil {
		return "", err
	}
	kind, err := kindOf(s.name, head)
	if err != nil {
		return "", err
	}
	cut := isCut(kind, head, tail, s.info.Size())
	if cut && f.now().Sub(s.since) < orphaned {
		return "", nil
	}
	h := sha256.New()
	if n, err := io.Copy(h, io.LimitReader(file, s.info.Size()+1)); err != nil {
		return "", err
	} else if n != s.info.Size() {
		return "", errChanging
	}
	m := f.message(s, h.Sum(nil), told)
	if kind == "application/pdf" && m.Text == "" {
		if m.Text, err = f.pdfText(ctx, file); err != nil {
			m.Mark(MarkNoText)
		}
	}
	if cut {
		m.Mark(MarkCut)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	stored, h2 := m.ID+"/1", sha256.New()
	size, err := f.env.Blobs.Put(ctx, stored, io.TeeReader(file, h2))
	switch {
	case err != nil:
		return "", fmt.Errorf("store the file: %w", plain(err))
	case !bytes.Equal(h.Sum(nil), h2.Sum(nil)):
		return "", errChanging
	}
	m.Attachments = []message.Attachment{{Name: message.CleanFileName(s.name), Type: kind, Size: size, Blob: stored}}
	return eventLetter, f.env.Accept(ctx, m)
}

// acceptMail takes a mail as the mailbox would have, but for its sender, who is a claim.
func (f *Folder) acceptMail(ctx context.Context, s *sighted, file io.Reader, told letter) error {
	content, err := read(s, file)
	if err != nil {
		return err
	}
	if err := email.CheckMail(content); err != nil {
		return refuse(badContent, "The file %s.", err)
	}
	return email.ReadFile(content, told.received(f.now()), nil, func(l email.Incoming) error {
		m := l.Message
		m.Connector, m.Received = f.env.Name, told.received(f.now())
		if f.cfg.Mailbox != "" {
			m.Connector = f.cfg.Mailbox
		}
		for _, part := range l.Files {
			if _, err := f.env.Blobs.Put(ctx, part.Blob, bytes.NewReader(part.Data)); err != nil {
				return fmt.Errorf("store a file of the mail: %w", plain(err))
			}
		}
		return f.env.Accept(ctx, m)
	})
}

// plain is an error of our store, which is no trouble of the directory.
func plain(err error) error { return errors.New(err.Error()) }

// message is that of a file. It is the same for the same file, whatever is told of it.
func (f *Folder) message(s *sighted, digest []byte, told letter) *message.Message {
	m := &message.Message{
		ID:        message.NewID([]byte("folder"), []byte(f.env.Name), []byte(s.name), digest),
		Connector: f.env.Name, Channel: f.cfg.Channel, Received: told.received(f.now()),
	}
	m.Own = m.ID // so that its answer tells what it answers
	told.describe(m, message.CleanFileName(stem(s.name)))
	return m
}

// received is when it came, now unless it is told.
func (l *letter) received(now time.Time) time.Time {
	if l.at.IsZero() {
		return now.UTC()
	}
	return l.at
}
