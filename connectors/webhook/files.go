package webhook

import (
	"strconv"

	"loket/connectors/fetch"
	"loket/internal/message"
)

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
