package telegramtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"loket/connectors/connectortest"
)

func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	sent := read(r)
	sent.Method = method
	fault := s.fault(method)
	if fault != nil && !fault.Taken {
		refuse(w, *fault)
		return
	}
	switch method {
	case "getUpdates":
		s.getUpdates(w, r, sent.Form)
	case "getMe":
		answer(w, map[string]any{"id": 424242, "is_bot": true, "first_name": "Example", "username": "example_bot"})
	case "getWebhookInfo":
		s.mu.Lock()
		defer s.mu.Unlock()
		answer(w, map[string]any{"url": s.hook, "pending_update_count": len(s.pending)})
	case "getFile":
		s.getFile(w, sent.Form.Get("file_id"))
	case "sendMessage", "sendPhoto", "sendDocument":
		id := s.take(sent)
		if fault != nil {
			refuse(w, *fault)
			return
		}
		answer(w, map[string]any{"message_id": id, "date": time.Now().Unix()})
	default:
		refuse(w, Fault{Status: http.StatusNotFound, Description: "Not Found: method not found"})
	}
}

// fault counts a call, and gives what is to go wrong with it.
func (s *Server) fault(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, method)
	faults := s.faults[method]
	if len(faults) == 0 {
		return nil
	}
	s.faults[method] = faults[1:]
	return &faults[0]
}

func (s *Server) take(sent Sent) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent.ID = 9000 + len(s.sent)
	s.sent = append(s.sent, sent)
	return sent.ID
}

func read(r *http.Request) Sent {
	_ = r.ParseMultipartForm(1 << 20) // a form of another kind is read, too
	s := Sent{Form: r.Form}
	if r.MultipartForm == nil {
		return s
	}
	for _, files := range r.MultipartForm.File {
		s.File = files[0].Filename
		if f, err := files[0].Open(); err == nil {
			b, _ := io.ReadAll(f) // it is in memory
			s.Data = string(b)
			f.Close()
		}
	}
	return s
}

// getUpdates confirms what comes before the offset and waits for what comes from there.
func (s *Server) getUpdates(w http.ResponseWriter, r *http.Request, form url.Values) {
	var offset, timeout int
	_, _ = fmt.Sscan(form.Get("offset"), &offset) // 0 without one
	_, _ = fmt.Sscan(form.Get("timeout"), &timeout)
	ended := time.After(time.Duration(timeout) * time.Second)
	for {
		list, more, conflict := s.from(offset)
		switch {
		case conflict:
			refuse(w, Fault{Status: http.StatusConflict, Description: "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"})
			return
		case len(list) > 0:
			answer(w, list)
			return
		}
		select {
		case <-more:
		case <-ended:
			answer(w, list)
			return
		case <-r.Context().Done():
			return
		case <-s.Stopped():
			return
		}
	}
}

func (s *Server) from(offset int) (list []json.RawMessage, more chan struct{}, conflict bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = slices.DeleteFunc(s.pending, func(u Update) bool { return u.ID < offset })
	list = []json.RawMessage{}
	for _, u := range s.pending {
		list = append(list, u.JSON)
	}
	return list, s.more, s.hook != ""
}

func (s *Server) getFile(w http.ResponseWriter, id string) {
	s.mu.Lock()
	data, ok := s.files[id]
	s.mu.Unlock()
	switch {
	case !ok:
		refuse(w, Fault{Status: http.StatusBadRequest, Description: "Bad Request: wrong file_id or the file is temporarily unavailable"})
	case len(data) > 20<<20:
		refuse(w, Fault{Status: http.StatusBadRequest, Description: "Bad Request: file is too big"})
	default:
		answer(w, map[string]any{"file_id": id, "file_size": len(data), "file_path": "files/" + id})
	}
}

func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	switch f := s.fault("file"); {
	case f != nil && f.Hang:
		s.Hang(r)
		return
	case f != nil:
		refuse(w, *f)
		return
	}
	s.mu.Lock()
	data := s.files[r.PathValue("name")]
	s.mu.Unlock()
	_, _ = io.WriteString(w, data) // who asked may go away
}

func answer(w http.ResponseWriter, result any) {
	connectortest.Answer(w, http.StatusOK, map[string]any{"ok": true, "result": result})
}

func refuse(w http.ResponseWriter, f Fault) {
	if f.Status == 0 {
		connectortest.Break()
	}
	if f.Description == "" {
		connectortest.AnswerText(w, f.Status)
		return
	}
	said := map[string]any{"ok": false, "error_code": f.Status, "description": f.Description}
	if f.RetryAfter > 0 {
		said["parameters"] = map[string]any{"retry_after": f.RetryAfter}
	}
	connectortest.Answer(w, f.Status, said)
}
