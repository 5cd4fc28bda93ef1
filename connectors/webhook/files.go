package webhook

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"loket/connectors/fetch"
	"loket/internal/message"
)

// waitsUntil is until when a message that comes again and again waits for its files: for fileWait since it came first. The shorter
// of two memories is asked first, so that who dies between them lets it wait once more, and does not end the waiting.
func (w *Webhook) waitsUntil(ctx context.Context, id string) (time.Time, error) {
	over, err := w.env.Cursor.Once(ctx, "waits:"+id, fileWait)
	if err != nil {
		return time.Time{}, fmt.Errorf("remember since when it waits: %w", err)
	}
	if over {
		isNew, err := w.env.Cursor.Once(ctx, "came:"+id, fileKnown)
		if err != nil {
			return time.Time{}, fmt.Errorf("remember that it came: %w", err)
		}
		if !isNew {
			return time.Time{}, nil
		}
	}
	return time.Now().Add(fileWait), nil
}

// filesOf gives the files that an item names: addresses, or objects with url, and name, type. What is none of these, and what is too
// many, leaves a mark.
func filesOf(r *reader, e *expression, m *message.Message) (files []fetch.File) {
	list, err := e.list(r.of)
	if err != nil && r.err == nil {
		r.err = unread("attachments", err)
	}
	if len(list) > maxFiles {
		m.Mark(MarkNoFile)
		list = list[:maxFiles]
	}
	for i, item := range list {
		f := fetch.File{Blob: m.ID + "/" + strconv.Itoa(i+1), Name: "file"}
		switch item := item.(type) {
		case string:
			f.URL = item
		case map[string]any:
			f.URL, _ = item["url"].(string)
			f.Type, _ = item["type"].(string)
			if name, _ := item["name"].(string); name != "" {
				f.Name = message.CleanFileName(name)
			}
		}
		if item == nil || item == "" {
			continue
		}
		if f.URL == "" {
			m.Mark(MarkNoFile)
			continue
		}
		files = append(files, f)
	}
	return files
}
