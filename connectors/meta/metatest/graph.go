package metatest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"loket/connectors/connectortest"
)

// Seconds is a time as WhatsApp writes it.
func Seconds(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }

// Sum is the SHA-256 of what is in a file.
func Sum(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:])
}

// call answers a call of the Graph API. Who shows no token, or does not prove to have the app's secret, is refused.
func (s *Server) call(w http.ResponseWriter, r *http.Request) {
	path := r.PathValue("path")
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !strings.HasPrefix(token, Token) || r.URL.Query().Get("appsecret_proof") != strings.TrimPrefix(Sign(Secret, []byte(token)), "sha256=") {
		refuse(w, Fault{Status: http.StatusUnauthorized, Code: 190})
		return
	}
	var fault *Fault
	if s.count(path); r.Method != http.MethodGet || !strings.HasSuffix(path, "comments") { // which is a list, too
		fault = s.fault(path)
	}
	switch {
	case fault != nil && fault.Hang:
		s.Hang(r)
		return
	case fault != nil && !fault.Taken && fault.Meanwhile == nil:
		refuse(w, *fault)
		return
	}
	s.mu.Lock()
	if s.usage != "" {
		w.Header().Set("X-App-Usage", s.usage)
	}
	s.mu.Unlock()
	if r.Method == http.MethodGet {
		s.get(w, path, r.URL.Query())
		return
	}
	sent := s.take(path, r)
	if fault != nil && fault.Meanwhile != nil {
		fault.Meanwhile(sent)
	}
	if fault != nil && fault.Taken {
		refuse(w, *fault)
		return
	}
	answer := map[string]any{"id": sent.ID, "success": true}
	switch {
	case sent.Body["messaging_product"] != nil && strings.HasSuffix(path, "/messages"):
		answer = map[string]any{"messaging_product": "whatsapp", "messages": []any{map[string]any{"id": sent.ID}}}
	case strings.HasSuffix(path, "/messages"):
		answer = map[string]any{"recipient_id": "1001", "message_id": sent.ID}
	}
	connectortest.Answer(w, http.StatusOK, answer)
}

func (s *Server) count(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, path)
}

// fault is what is to go wrong with a call.
func (s *Server) fault(path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for what, faults := range s.faults {
		if strings.HasSuffix(path, what) && len(faults) > 0 {
			s.faults[what] = faults[1:]
			return &faults[0]
		}
	}
	return nil
}

func (s *Server) take(path string, r *http.Request) Sent {
	sent := Sent{Path: path, Body: map[string]any{}}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		if f, head, err := r.FormFile("file"); err == nil {
			b, _ := io.ReadAll(f) // it is in memory
			sent.File = head.Filename + " " + string(b)
		}
		for name, values := range r.Form {
			sent.Body[name] = values[0]
		}
	} else {
		if r.Header.Get("Content-Type") == "application/json" {
			_ = json.NewDecoder(r.Body).Decode(&sent.Body) // what is none is empty
		} else if r.ParseForm() == nil {
			for name, values := range r.PostForm {
				sent.Body[name] = values[0]
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sent.ID = fmt.Sprintf("m_%d", 9000+len(s.sent))
	if sent.Body["messaging_product"] != nil {
		sent.ID = fmt.Sprintf("wamid.%d", 9000+len(s.sent))
	}
	s.sent = append(s.sent, sent)
	return sent
}

func (s *Server) get(w http.ResponseWriter, path string, query url.Values) {
	if query.Get("platform") == "instagram" {
		path += "?platform=instagram"
	}
	s.mu.Lock()
	list, isList := s.lists[path]
	if after := query.Get("after"); after != "" && !isList {
		path += "?after=" + after
	}
	answer, known := s.gets[path]
	data, isFile := s.files[path]
	s.mu.Unlock()
	switch {
	case isList:
		connectortest.Answer(w, http.StatusOK, list.page(query.Get("after"), query.Get("limit"), query.Get("fields")))
	case known:
		connectortest.Answer(w, http.StatusOK, answer)
	case isFile:
		connectortest.Answer(w, http.StatusOK, map[string]any{
			"url": s.URL + "/whatsapp_business/attachments/" + path, "sha256": Sum(data), "file_size": len(data), "id": path,
		})
	default:
		refuse(w, Fault{Status: http.StatusBadRequest, Code: 100, Subcode: 33})
	}
}

// file gives a file to who has the token, or to anybody where it is public.
func (s *Server) file(w http.ResponseWriter, r *http.Request) {
	switch f := s.fault("file"); {
	case f != nil && f.Hang:
		s.Hang(r)
		return
	case f != nil:
		refuse(w, *f)
		return
	}
	private := strings.HasPrefix(r.URL.Path, "/whatsapp_business/")
	if has := r.Header.Get("Authorization") != ""; has != private {
		refuse(w, Fault{Status: http.StatusUnauthorized, Code: 190})
		return
	}
	s.mu.Lock()
	data, ok := s.files[r.PathValue("id")]
	s.mu.Unlock()
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = io.WriteString(w, data) // who asked may go away
}

func refuse(w http.ResponseWriter, f Fault) {
	if f.Header != "" {
		w.Header().Set("X-Business-Use-Case-Usage", f.Header)
	}
	switch {
	case f.Status == 0:
		connectortest.Break()
	case f.Code == 0:
		connectortest.AnswerText(w, f.Status)
	default:
		connectortest.Answer(w, f.Status, map[string]any{"error": map[string]any{
			"message": "(#" + strconv.Itoa(f.Code) + ") to +31612345678", "type": "OAuthException", "code": f.Code, "is_transient": f.Transient, "error_subcode": f.Subcode, "fbtrace_id": "A1",
		}})
	}
}
