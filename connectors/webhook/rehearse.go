package webhook

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"loket/internal/message"
)

// Rehearse is connectors.Rehearser: what would become of a request. The payload is a body, or a whole request with its headers.
func (w *Webhook) Rehearse(content []byte, received time.Time) (all []*message.Message, err error) {
	r, _ := http.NewRequest(http.MethodPost, "/", nil)
	if whole, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(content))); err == nil {
		_, body, found := bytes.Cut(content, []byte("\r\n\r\n"))
		if !found {
			_, body, _ = bytes.Cut(content, []byte("\n\n"))
		}
		r, content = whole, w.raw(whole, body)
	}
	p, err := read(r, content)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	of := w.request(r, p, content)
	items, err := itemsOf(w.rules.each, of)
	if err != nil {
		return nil, fmt.Errorf("message.each: %w", err)
	}
	for _, item := range items {
		of.Item = item
		if is, err := w.rules.when.yes(of, true); err != nil || !is {
			if err != nil {
				return all, fmt.Errorf("message.when: %w", err)
			}
			continue
		}
		m, files, err := w.message(of)
		if err != nil {
			return all, err
		}
		m.Received = received
		for _, f := range files {
			m.Attachments = append(m.Attachments, message.Attachment{Name: f.Name, Type: f.Type})
		}
		all = append(all, m)
	}
	return all, nil
}

// RehearseReply is connectors.ReplyRehearser: the call by which an answer would go, without the secrets in it.
func (a *answering) RehearseReply(m *message.Message) ([]string, error) {
	if err := a.Check(m); err != nil {
		return nil, err
	}
	secrets := map[string]string{}
	for name := range a.cfg.Reply.Secrets {
		secrets[name] = masked
	}
	req, err := a.request(context.Background(), m, secrets)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	lines := []string{req.Method + " " + req.URL.String()}
	for _, name := range slices.Sorted(maps.Keys(req.Header)) {
		value := req.Header.Get(name)
		if t, ours := a.rules.call.header(name); ours && !slices.ContainsFunc(t, func(p part) bool { return p.expression != nil }) {
			value = masked // it may be a secret
		}
		lines = append(lines, name+": "+value)
	}
	return append(lines, "", strings.TrimRight(string(content), "\n")), nil
}

const masked = "***"

func (k *call) header(name string) (template, bool) {
	for n, t := range k.headers {
		if strings.EqualFold(n, name) {
			return t, true
		}
	}
	return nil, false
}
