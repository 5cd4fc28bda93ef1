package twiliotest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"loket/connectors/connectortest"
)

// createMessage takes an answer of ours, or does what a fault says.
func (s *Server) createMessage(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, 20001)
		return
	}
	form := r.PostForm
	s.mu.Lock()
	var f *Fault
	if len(s.faults) > 0 {
		f, s.faults = &s.faults[0], s.faults[1:]
	}
	s.mu.Unlock()
	if code := wrongWith(form); code != 0 {
		refuse(w, http.StatusBadRequest, code)
		return
	}
	var m *Message
	if f == nil || f.Taken || f.Early != "" || f.Meanwhile != nil {
		m = s.take(form)
	}
	switch {
	case f == nil:
	case f.Hang:
		s.Hang(r)
		return
	case f.Early != "":
		s.Report(*m, f.Early, 0)
	case f.Meanwhile != nil:
		f.Meanwhile(*m)
	case f.Status == 0:
		connectortest.Break()
	default:
		for k, v := range f.Header {
			w.Header().Set(k, v)
		}
		if f.Code != 0 {
			refuse(w, f.Status, f.Code)
			return
		}
		connectortest.AnswerText(w, f.Status)
		return
	}
	connectortest.Answer(w, http.StatusCreated, describe(m))
}

func wrongWith(form url.Values) int {
	switch {
	case form.Get("To") == "":
		return 21604
	case form.Get("From") == "" && form.Get("MessagingServiceSid") == "":
		return 21603
	case form.Get("Body") == "" && form.Get("MediaUrl") == "" && form.Get("ContentSid") == "":
		return 21602
	}
	return 0
}

func (s *Server) take(form url.Values) *Message {
	m := &Message{SID: SID("SM"), From: form.Get("From"), To: form.Get("To"), Body: form.Get("Body"), Out: true, Status: "queued", Created: time.Now(), Form: form}
	for range form["MediaUrl"] {
		m.Media = append(m.Media, File{SID: SID("ME")})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	return m
}

// describe is a message as the API gives it.
func describe(m *Message) map[string]any {
	at := m.Created.UTC().Format(time.RFC1123Z)
	direction := "inbound"
	if m.Out {
		direction = "outbound-api"
	}
	d := map[string]any{
		"sid": m.SID, "account_sid": Account, "from": m.From, "to": m.To, "body": m.Body, "direction": direction, "status": m.Status,
		"num_media": fmt.Sprint(len(m.Media)), "num_segments": "1", "date_created": at, "date_sent": at, "error_code": nil,
		"uri": "/2010-04-01/Accounts/" + Account + "/Messages/" + m.SID + ".json",
	}
	if m.Out && m.Status == "queued" {
		d["date_sent"] = nil
	}
	return d
}

// perPage is small, so that tests turn pages.
const perPage = 3

// listMessages gives them newest first, as Twilio does, and filters by the day only.
func (s *Server) listMessages(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	day := time.Time{}
	if after := q.Get("DateSent>"); after != "" {
		if t, err := time.Parse(time.RFC3339, after); err == nil {
			day = t.UTC().Truncate(24 * time.Hour)
		}
	}
	s.mu.Lock()
	var all []any
	for i := range s.messages {
		m := s.messages[len(s.messages)-1-i]
		if to := q.Get("To"); to != "" && m.To != to {
			continue
		}
		if from := q.Get("From"); from != "" && m.From != from {
			continue
		}
		if !m.Created.Before(day) {
			all = append(all, describe(m))
		}
	}
	s.mu.Unlock()
	paged(w, r, "messages", all)
}

func paged(w http.ResponseWriter, r *http.Request, name string, all []any) {
	page, _ := strconv.Atoi(r.URL.Query().Get("Page")) // none is the first
	start := min(page*perPage, len(all))
	end := min(start+perPage, len(all))
	out := map[string]any{name: append([]any{}, all[start:end]...), "page": page, "page_size": perPage, "next_page_uri": nil}
	if end < len(all) {
		q := r.URL.Query()
		q.Set("Page", fmt.Sprint(page+1))
		q.Set("PageToken", "PA"+fmt.Sprint(end))
		out["next_page_uri"] = r.URL.Path + "?" + q.Encode()
	}
	connectortest.Answer(w, http.StatusOK, out)
}

func (s *Server) listMedia(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, m := range s.messages {
		if m.SID != r.PathValue("sid") {
			continue
		}
		if m.Unlisted != 0 {
			refuse(w, m.Unlisted, 20404)
			return
		}
		for _, f := range m.Media {
			list = append(list, map[string]any{
				"sid": f.SID, "content_type": f.Type, "uri": strings.TrimSuffix(r.URL.Path, ".json") + "/" + f.SID + ".json",
			})
		}
	}
	connectortest.Answer(w, http.StatusOK, map[string]any{"media_list": list})
}

// getFile sends on to a copy elsewhere, as Twilio does.
func (s *Server) getFile(w http.ResponseWriter, r *http.Request) {
	sid := strings.TrimSuffix(r.PathValue("file"), ".mp3")
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.files[sid]
	switch {
	case f == nil:
		refuse(w, http.StatusNotFound, 20404)
	case f.Missing > 0:
		f.Missing--
		refuse(w, http.StatusNotFound, 20404)
	case f.Moved != "":
		http.Redirect(w, r, f.Moved, http.StatusTemporaryRedirect)
	default:
		http.Redirect(w, r, "/cdn/"+sid, http.StatusTemporaryRedirect)
	}
}

func (s *Server) getCopy(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	f := s.files[r.PathValue("file")]
	s.mu.Unlock()
	if _, _, has := r.BasicAuth(); has {
		s.tb.Error("the password went to where the files lie")
	}
	if f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", f.Type)
	if f.Length != 0 {
		w.Header().Set("Content-Length", fmt.Sprint(f.Length))
	}
	_, _ = w.Write(f.Data)
}
