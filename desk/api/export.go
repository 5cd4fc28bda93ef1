package api

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
	"loket/desk/customers"
	"loket/internal/field"
	"loket/router/queue"
)

// The forms of an archive about a customer.
const (
	formatZIP  = "zip"  // everything, files too
	formatJSON = "json" // one object; of a very long thread the newest messages, and no files
)

// exportCustomer answers with everything there is about a customer, as it is read. What breaks off ends the connection, so
// that nobody takes a part for the whole.
func exportCustomer(c *call) error {
	id, format := c.customerPath(), c.query().Get("format")
	if err := c.asked().Require(access.RoleManager); err != nil { // who may not is not told what else is wrong
		return err
	}
	write, kind, ending := writeZIP, "application/zip", ".zip"
	switch format {
	case "", formatZIP:
	case formatJSON:
		write, kind, ending = writeObject, "application/json", ".json"
	default:
		return field.Errorf("format", "must be zip or json, not %q", format)
	}
	e, err := c.customers.Export(c.ctx(), c.asked(), id)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "customer-" + id + ending}))
	if err := write(c.ctx(), patient{c}, e); err != nil {
		c.log.Error("export broke off", zap.String("customer", id), zap.Error(err))
		panic(http.ErrAbortHandler)
	}
	return nil
}

// patient writes an answer that may take long, as long as it gets on.
type patient struct{ *call }

func (p patient) Write(b []byte) (int, error) {
	p.mayTake(stall)
	return p.w.Write(b)
}

// WriteArchive writes an export as GET /customers/{customer}/export gives it: customer.json, tasks.ndjson, messages.ndjson and the files,
// packed by zip.
func WriteArchive(ctx context.Context, w io.Writer, e *customers.Export) error {
	return writeZIP(ctx, w, e)
}

// writeZIP writes customer.json, a task a line, a message a line, and the files.
func writeZIP(ctx context.Context, w io.Writer, e *customers.Export) error {
	z := zip.NewWriter(w)
	entry := func(name string) (io.Writer, error) {
		return z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: e.Known.Exported.UTC().Truncate(time.Second)})
	}
	for _, part := range []struct {
		name  string
		write func(*json.Encoder) error
	}{
		{"customer.json", func(out *json.Encoder) error { out.SetIndent("", "  "); return out.Encode(archiveOf(e.Known)) }},
		{"tasks.ndjson", func(out *json.Encoder) error {
			return e.Outlines(ctx, func(t *desk.Task) error { return out.Encode(taskOf(t)) })
		}},
		{"messages.ndjson", func(out *json.Encoder) error {
			return e.Messages(ctx, func(task int64, m desk.Message) error {
				return out.Encode(exportedMessage{queue.FormatNumber(task), messageOf(m)})
			})
		}},
	} {
		out, err := entry(part.name)
		if err != nil {
			return err
		}
		lines := json.NewEncoder(out)
		lines.SetEscapeHTML(false)
		if err := part.write(lines); err != nil {
			return err
		}
	}
	err := e.Files(ctx, func(name string, from io.Reader) error {
		out, err := entry("attachments/" + name)
		if err != nil {
			return err
		}
		_, err = io.Copy(out, from)
		return err
	})
	if err != nil {
		return err
	}
	return z.Close()
}

// An exportedMessage is a message and the number of its task.
type exportedMessage struct {
	Task string `json:"task"`
	Message
}

// writeObject writes one JSON object, a task at a time.
func writeObject(ctx context.Context, w io.Writer, e *customers.Export) error {
	head, err := json.Marshal(archiveOf(e.Known))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, `{"registry":%s,"tasks":[`, head); err != nil {
		return err
	}
	comma := ""
	err = e.Tasks(ctx, func(t *desk.Task) error {
		text, err := json.Marshal(taskOf(t))
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
