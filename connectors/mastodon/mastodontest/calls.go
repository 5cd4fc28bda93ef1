package mastodontest

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"loket/connectors/connectortest"
)

// list gives a page, newest first: min_id goes forward from an id, max_id backward.
func (s *Server) list(w http.ResponseWriter, r *http.Request, all []object) {
	query := r.URL.Query()
	limit, _ := strconv.Atoi(query.Get("limit")) // 0 without one
	if s.notice(r) && query.Get("include_filtered") != "true" {
		all = slices.DeleteFunc(all, func(n object) bool { return n["filtered"] == true })
	}
	least, most := query.Get("min_id"), query.Get("max_id")
	page := []object{}
	for _, one := range all {
		id := fmt.Sprint(one["id"])
		if later(id, least) > 0 && (most == "" || later(id, most) < 0) {
			page = append(page, one)
		}
	}
	if len(page) > limit && least != "" {
		page = page[:limit]
	} else if len(page) > limit {
		page = page[len(page)-limit:]
	}
	slices.Reverse(page)
	connectortest.Answer(w, http.StatusOK, page)
}

// notice notes how far notifications were asked for.
func (s *Server) notice(r *http.Request) bool {
	if r.URL.Path != "/api/v1/notifications" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if least := r.URL.Query().Get("min_id"); later(least, s.newest) > 0 {
		s.newest = least
	}
	return true
}

func (s *Server) one(w http.ResponseWriter, r *http.Request) {
	if p := s.Post(r.PathValue("id")); p != nil {
		connectortest.Answer(w, http.StatusOK, p)
		return
	}
	refuse(w, Fault{Status: http.StatusNotFound, Says: "Record not found"})
}

// post posts a status, once with the same key.
func (s *Server) post(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm() // what is wrong is not there
	s.mu.Lock()
	defer s.mu.Unlock()
	key, f := r.Header.Get("Idempotency-Key"), r.PostForm
	id, known := s.keys[key]
	if !known || key == "" {
		p := object{"content": "<p>" + linked(f.Get("status")) + "</p>", "visibility": f.Get("visibility"), "spoiler_text": f.Get("spoiler_text"), "account": Us(),
			"application": object{"name": App}, "url": "https://" + Domain + "/@care/x", "mentions": s.mentioned(f.Get("status"))}
		if parent := s.find(f.Get("in_reply_to_id")); parent != nil {
			p["in_reply_to_id"], p["in_reply_to_account_id"] = parent["id"], parent["account"].(object)["id"]
		}
		id = s.add(p)
		s.keys[key] = id
		s.forms = append(s.forms, f)
	}
	connectortest.Answer(w, http.StatusOK, s.find(id))
}

// mentioned are the accounts that a text names; we know Kate alone.
func (s *Server) mentioned(text string) []object {
	if strings.Contains(strings.ToLower(text), "@kate@other.example") {
		return []object{Kate()}
	}
	return []object{}
}

func linked(text string) string {
	return strings.ReplaceAll(html.EscapeString(text), "@Kate@other.example", `<span class="h-card"><a href="https://other.example/@Kate" class="u-url mention">@<span>Kate</span></a></span>`)
}

func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	f, header, err := r.FormFile("file")
	if err != nil {
		refuse(w, Fault{Status: http.StatusUnprocessableEntity, Says: "Validation failed: File can't be blank"})
		return
	}
	b, _ := io.ReadAll(f) // it is in memory
	s.Keep(header.Filename, string(b))
	connectortest.Answer(w, http.StatusOK, object{"id": header.Filename})
}

func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	for {
		w.(http.Flusher).Flush()
		s.mu.Lock()
		more, cut := s.more, s.cut
		s.mu.Unlock()
		select {
		case <-more:
			fmt.Fprint(w, "event: notification\ndata: {\"type\":\"mention\"}\n\n:thump\n")
		case <-cut:
			return
		case <-r.Context().Done():
			return
		case <-s.Stopped():
			return
		}
	}
}
