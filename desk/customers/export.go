package customers

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
	"loket/router/queue"
	"loket/router/thread"
)

// The forms of an archive about a customer.
const (
	FormatZIP  = "zip"  // everything, files too
	FormatJSON = "json" // one object; of a very long thread the newest messages, and no files
)

// Export writes everything there is about a customer as one archive: what the registry knows, and the tasks that are
// surely his with what was said in them, however many. What others said who claimed to be him is theirs, and left out.
// format "" is FormatZIP. begin is called once, when nothing speaks against it any more; it gives where to write. It
// needs the role manager, of every team that has such a task.
func (s *Service) Export(ctx context.Context, by access.Actor, ref, format string, begin func() io.Writer) error {
	if err := by.Require(access.RoleManager); err != nil {
		return err
	}
	if format != "" && format != FormatZIP && format != FormatJSON {
		return field.Errorf("format", "must be zip or json, not %q", format)
	}
	c, err := s.registered(ctx, ref)
	if err != nil {
		return err
	}
	if err := s.allVisible(ctx, by, c.Identifiers(), func(t *queue.Task) bool { return theirs(c, t) || c.OfAnother(t.From, created(t)) }); err != nil {
		return err
	}
	known, err := s.registry.Archive(ctx, c.ID)
	if err != nil {
		return err
	}
	s.log.Info("customer exported", zap.String("customer", c.ID), zap.String("token", by.Name), zap.String("agent", by.Agent))
	e := &exporting{Service: s, by: by, customer: c, known: known}
	if format == FormatJSON {
		err = e.object(ctx, begin())
	} else {
		err = e.archive(ctx, begin())
	}
	if err != nil {
		return fmt.Errorf("export customer %s: %w", c.ID, err)
	}
	return nil
}

// exporting is one export under way.
type exporting struct {
	*Service
	by       access.Actor
	customer *identity.Customer
	known    *identity.Archive
	files    []exportedFile
	written  map[string]bool // messages
}

// exportedFile is a file of a message, with the id by which the message names it.
type exportedFile struct {
	id string
	message.Attachment
}

// tasks calls f with every task that is surely the customer's, the newest first. One is in memory at a time.
func (e *exporting) tasks(ctx context.Context, f func(*queue.Task) error) error {
	return e.everyTask(ctx, e.customer.Identifiers(), func(t *queue.Task) error {
		if !theirs(e.customer, t) && !e.customer.OfAnother(t.From, created(t)) {
			return nil
		}
		if err := e.by.Sees(t.Team); err != nil { // it came since we looked: a part must not pass for the whole
			return err
		}
		return f(t)
	})
}

// archive writes a ZIP: customer.json, a task a line, a message a line, and the files.
func (e *exporting) archive(ctx context.Context, w io.Writer) error {
	z := zip.NewWriter(w)
	for _, part := range []struct {
		name  string
		write func(context.Context, *json.Encoder) error
	}{
		{"customer.json", func(_ context.Context, out *json.Encoder) error { out.SetIndent("", "  "); return out.Encode(e.known) }},
		{"tasks.ndjson", e.taskLines},
		{"messages.ndjson", e.messageLines},
	} {
		out, err := e.entry(z, part.name)
		if err != nil {
			return err
		}
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		if err := part.write(ctx, lines); err != nil {
			return err
		}
	}
	for _, f := range e.files {
		if err := e.file(ctx, z, f); err != nil {
			return err
		}
	}
	return z.Close()
}

func (e *exporting) entry(z *zip.Writer, name string) (io.Writer, error) {
	return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: e.now().UTC().Truncate(time.Second)})
}

// taskLines writes the tasks without what was said in them.
func (e *exporting) taskLines(ctx context.Context, out *json.Encoder) error {
	return e.tasks(ctx, func(t *queue.Task) error {
		if !theirs(e.customer, t) {
			return nil
		}
		v, err := e.desk.Outline(ctx, e.by, t)
		if err != nil {
			return err
		}
		return out.Encode(v)
	})
}

// An exportedMessage is a message and the number of its task.
type exportedMessage struct {
	Task string `json:"task"`
	desk.Message
}

func (e *exporting) messageLines(ctx context.Context, out *json.Encoder) error {
	e.written = map[string]bool{}
	return e.tasks(ctx, func(t *queue.Task) error {
		numbers, err := e.numbers(ctx, t)
		if err != nil {
			return err
		}
		for _, id := range t.Threads {
			err := e.threads.Each(ctx, id, func(in thread.Entry) error {
				number, ok := numbers[in.Task]
				if !ok || e.written[in.Message.ID] || !e.hasPart(t, in.Message) {
					return nil
				}
				e.written[in.Message.ID] = true
				for _, a := range in.Message.Attachments {
					e.files = append(e.files, exportedFile{desk.FileID(in.Task, a.Blob), a})
				}
				return out.Encode(exportedMessage{queue.FormatNumber(number), desk.Said(in.Task, in)})
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// numbers are those of the tasks in which what is said in the threads of a task is about its matter: its own, that of the one
// it goes on in, and of those that go on in it.
func (e *exporting) numbers(ctx context.Context, t *queue.Task) (map[string]int64, error) {
	numbers := map[string]int64{t.ID: t.Number}
	for _, p := range t.Merged {
		numbers[p.ID] = p.Number
	}
	if t.Into.ID == "" {
		return numbers, nil
	}
	stays, err := e.queue.Standing(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	numbers[stays.ID] = stays.Number
	return numbers, nil
}

// hasPart tells whether a message of a task is the customer's to have: of a task of theirs, all but what was said by or to
// whoever had their address before or since; of a task that one of those began, what the customer said, and was told.
func (e *exporting) hasPart(t *queue.Task, m *message.Message) bool {
	who := m.From
	if m.Direction == message.Out {
		who = m.To
	}
	if theirs(e.customer, t) {
		return !e.customer.OfAnother(who, m.Received)
	}
	return slices.ContainsFunc(who, func(x message.Identifier) bool {
		if m.Direction == message.Out {
			x.Level = max(x.Level, message.Attested) // it was told whoever has the address
		}
		return e.customer.Wrote([]message.Identifier{x}, m.Received)
	})
}

// file writes an attachment under its id, which a message names, and its own name. One that is not kept any more is
// left out.
func (e *exporting) file(ctx context.Context, z *zip.Writer, a exportedFile) error {
	r, err := e.desk.File(ctx, a.Blob)
	if errors.Is(err, desk.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	defer r.Close()
	out, err := e.entry(z, path.Join("attachments", a.id+"-"+message.CleanFileName(a.Name)))
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return err
}

// keepPart leaves of a task as it is shown what the customer has part in, with what they were told in the one it goes on in.
func (e *exporting) keepPart(ctx context.Context, t *queue.Task, v *desk.Task) error {
	parts := map[string]bool{}
	numbers, err := e.numbers(ctx, t)
	if err != nil {
		return err
	}
	for _, id := range t.Threads {
		entries, _, err := e.threads.Newest(ctx, id, desk.MaxShown, desk.MaxShownBytes)
		if err != nil {
			return err
		}
		for _, in := range entries {
			parts[in.Message.ID] = e.hasPart(t, in.Message)
			if _, ok := numbers[in.Task]; ok && !t.Holds(in.Task) {
				v.Messages = append(v.Messages, desk.Said(in.Task, in))
			}
		}
	}
	v.Messages = slices.DeleteFunc(v.Messages, func(m desk.Message) bool {
		part, known := parts[m.ID]
		return known && !part || !known && !theirs(e.customer, t)
	})
	if !theirs(e.customer, t) {
		said := v.Messages
		*v = *e.desk.Card(t)
		v.Messages, v.From, v.Subject, v.Name = said, []string{}, "", "" // the rest is whose task it is
		v.Customer = desk.Customer{Assurance: identity.NoAssurance, Candidates: []desk.Candidate{}, ClaimsToBe: []desk.Candidate{}, Conflicts: []desk.Conflict{}}
		v.Links, v.LinkIDs, v.Notes, v.Drafts, v.History = []string{}, []string{}, []desk.Note{}, []desk.Draft{}, []desk.TaskStep{}
	}
	return nil
}

// object writes one JSON object.
func (e *exporting) object(ctx context.Context, w io.Writer) error {
	head, err := json.Marshal(e.known)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, `{"registry":%s,"tasks":[`, head); err != nil {
		return err
	}
	comma := ""
	err = e.tasks(ctx, func(t *queue.Task) error {
		v, err := e.desk.Show(ctx, e.by, t, "")
		if err != nil {
			return err
		}
		if err := e.keepPart(ctx, t, v); err != nil || len(v.Messages) == 0 && !theirs(e.customer, t) {
			return err
		}
		text, err := json.Marshal(v)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%s\n%s", comma, text)
		comma = ","
		return err
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "]}\n")
	return err
}
