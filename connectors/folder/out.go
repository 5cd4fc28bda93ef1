package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/connectors"
	"loket/internal/message"
)

// errByHand is what an answer is refused with where nobody fetches them.
var errByHand = connectors.Refuse("an answer to a letter is posted by hand here: post it, then note it with loket answered --by letter")

// Check says in words for people why an answer can't be put into the directory.
func (f *Folder) Check(m *message.Message) error {
	switch {
	case f.cfg.Out == "":
		return errByHand
	case len(m.Attachments) > 0:
		return connectors.Refuse("a letter goes out as one text without files: print them and add them by hand")
	case strings.TrimSpace(m.Text) == "":
		return connectors.Refuse("there is nothing to send")
	}
	return nil
}

// Send puts an answer into the directory: whole or not at all, and once, however often it is called.
func (f *Folder) Send(_ context.Context, m *message.Message) (connectors.Receipt, error) {
	if err := f.Check(m); err != nil {
		return connectors.Receipt{}, connectors.Permanent(err)
	}
	if err := f.put(m); err != nil {
		return connectors.Receipt{}, fmt.Errorf("put the answer into the directory: %w", withoutPath(err))
	}
	return f.receipt(m), nil
}

func (f *Folder) receipt(m *message.Message) connectors.Receipt {
	return connectors.Receipt{ID: m.ID, State: connectors.Sent}
}

// put writes the part, notes that it is about to be given its name, and gives it: whichever of these are there tells how far a
// process came that died, though somebody may have taken the answer meanwhile.
func (f *Folder) put(m *message.Message) error {
	part, noted := f.part(m), f.noted(m)
	if exists(noted) && !exists(part) { // it was put out before, and may have been fetched
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(noted), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = file.WriteString(page(m))
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.WriteFile(noted, nil, 0o600)
	}
	if err == nil {
		err = sync(filepath.Dir(noted)) // before the name, which it tells of
	}
	if err == nil {
		err = os.Rename(part, filepath.Join(f.cfg.Out, m.ID+".txt"))
	}
	if err == nil {
		err = sync(f.cfg.Out)
	}
	return err
}

func (f *Folder) part(m *message.Message) string  { return filepath.Join(f.cfg.Out, "."+m.ID+".part") }
func (f *Folder) noted(m *message.Message) string { return filepath.Join(f.cfg.Out, ".sent", m.ID) }

// Find tells whether an answer was put into the directory, be it taken from there since.
func (f *Folder) Find(_ context.Context, m *message.Message) (connectors.Receipt, bool, error) {
	f.forget()
	found := exists(f.noted(m)) && !exists(f.part(m))
	return f.receipt(m), found, nil
}

// notedFor is how long it is known that an answer was put out; doubts come within minutes.
const notedFor = 30 * 24 * time.Hour

// forget drops the notes of answers that nobody asks about any more.
func (f *Folder) forget() {
	entries, _ := os.ReadDir(filepath.Join(f.cfg.Out, ".sent")) // next time
	for _, e := range entries {
		if info, err := e.Info(); err == nil && f.now().Sub(info.ModTime()) > notedFor {
			_ = os.Remove(filepath.Join(f.cfg.Out, ".sent", e.Name()))
		}
	}
}

// page is an answer as it is printed: to whom, about what, and the text.
func page(m *message.Message) string {
	var b strings.Builder
	if m.Earlier != nil && m.Earlier.Name != "" {
		fmt.Fprintf(&b, "To: %s\n", message.CleanLine(m.Earlier.Name))
	}
	for _, to := range m.To {
		fmt.Fprintf(&b, "To: %s\n", to)
	}
	fmt.Fprintf(&b, "Subject: %s\n\n%s\n", message.CleanLine(m.Subject), strings.TrimRight(m.Text, "\n"))
	return b.String()
}

// sync makes what has a name in a directory outlive the power.
func sync(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ofDisk tells whether an error is one of a file or directory.
func ofDisk(err error) bool {
	var disk *os.PathError
	var moving *os.LinkError
	return errors.As(err, &disk) || errors.As(err, &moving)
}

func withoutPath(err error) error {
	var disk *os.PathError
	var moving *os.LinkError
	switch {
	case errors.As(err, &disk):
		return disk.Err
	case errors.As(err, &moving):
		return moving.Err
	}
	return err
}
