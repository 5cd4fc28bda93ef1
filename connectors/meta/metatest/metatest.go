// Package metatest is a stand-in for Meta on this machine: the Graph API as far as loket uses it, and webhooks, signed as Meta signs
// them. Tests tell it what goes wrong.
package metatest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// What the app and what belongs to it is called, and what proves who is who.
const (
	App    = "424242424242"
	Secret = "0123456789abcdef0123456789abcdef"
	Verify = "a-word_that-was_made-up"
	Token  = "EAAtoken_of_a_system_user_1234"

	NumberID = "106540352242922"
	Number   = "+31201234567"
	Account  = "102290129340398"

	Page            = "1122334455"
	Instagram       = "17841400000000001"
	Kate            = "5551234567890" // who writes to the Page
	KateOnInstagram = "8881234567890"
)

// A Fault is what goes wrong with one call.
type Fault struct {
	Status  int    // of the answer; 0 breaks the connection
	Code    int    // of the error; 0 answers HTML
	Subcode int    // of the error
	Header  string // X-Business-Use-Case-Usage
	// Transient has Meta say that the error passes.
	Transient bool
	Taken     bool // what was sent is taken all the same
	Hang      bool // no answer comes
	// Meanwhile is done after it was taken and before the answer; nil is nothing.
	Meanwhile func(Sent)
}

// A Sent message is one that was taken from us.
type Sent struct {
	Path string // below the version: 1065…/messages
	ID   string
	Body map[string]any // as it came
	File string         // uploaded
}

// A Server is the stand-in. Its methods may be called concurrently.
type Server struct {
	connectortest.StandIn

	mu     sync.Mutex
	hook   string
	sent   []Sent
	files  map[string]string // by id
	faults map[string][]Fault
	asked  []string
	usage  string
	gets   map[string]any // what is answered to GET, by path
	lists  map[string]Listing
}

// Start starts the stand-in; it ends with the test.
func Start(tb testing.TB) *Server {
	s := &Server{files: map[string]string{}, faults: map[string][]Fault{}, lists: map[string]Listing{}, gets: map[string]any{
		NumberID:                       fields{"display_phone_number": "+31 20 123 4567", "verified_name": "Example", "quality_rating": "GREEN"},
		Account + "/subscribed_apps":   fields{"data": []any{fields{"whatsapp_business_api_data": fields{"id": App}}}},
		Account + "/message_templates": fields{"data": []any{}},
		Page:                           fields{"name": "Example", "instagram_business_account": fields{"id": Instagram}},
		Page + "/subscribed_apps":      fields{"data": []any{fields{"id": App, "subscribed_fields": []any{"messages", "feed"}}}},
		Page + "/conversations":        fields{"data": []any{}},
		Page + "/conversations?platform=instagram": fields{"data": []any{}},
		Page + "/feed":       fields{"data": []any{}},
		Instagram + "/media": fields{"data": []any{}},
	}}
	mux := http.NewServeMux()
	mux.HandleFunc("/v24.0/{path...}", s.call)
	mux.HandleFunc("GET /whatsapp_business/attachments/{id}", s.file)
	mux.HandleFunc("GET /cdn/{id}", s.file)
	s.StandIn = connectortest.Serve(tb, mux)
	return s
}

// Point sets where webhooks go, such as http://127.0.0.1:8080/in/meta/.
func (s *Server) Point(hook string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// Fail lets the next calls go wrong whose path ends so, one for each fault: messages, media, comments; "file" is the fetching of files.
func (s *Server) Fail(what string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults[what] = append(s.faults[what], faults...)
}

// Keep puts a file at Meta, to be had by its id.
func (s *Server) Keep(id, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id] = data
}

// Answer lets a GET of a path have an answer, such as 1022…/message_templates, or of a later page of it, …/message_templates?after=cursor; the
// conversations of Instagram are those of …/conversations?platform=instagram.
func (s *Server) Answer(path string, with any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gets[path] = with
}

// Use lets all answers say how much of what is allowed is used, in percent, as X-App-Usage.
func (s *Server) Use(header string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage = header
}

// Sent are what was taken from us, oldest first, without uploads.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.sent), func(m Sent) bool { return strings.HasSuffix(m.Path, "/media") })
}

// Uploads are the files that were taken from us.
func (s *Server) Uploads() (files []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.sent {
		if strings.HasSuffix(m.Path, "/media") {
			files = append(files, m.File)
		}
	}
	return files
}

// Asked counts the calls whose path ends so.
func (s *Server) Asked(what string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, path := range s.asked {
		if strings.HasSuffix(path, what) {
			n++
		}
	}
	return n
}

// Sign is the signature of a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// Request is a webhook as Meta posts it.
func Request(at string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, at, strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Hub-Signature-256", Sign(Secret, body))
	return r
}

// Deliver posts a webhook and gives the status of its answer; 0 is none.
func (s *Server) Deliver(body []byte) int {
	s.mu.Lock()
	r := Request(s.hook, body)
	s.mu.Unlock()
	status, _ := connectortest.Post(r, 20*time.Second)
	return status
}

type fields = map[string]any

// Encode writes JSON as Meta does: what is not ASCII is escaped.
func Encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what tests write can be
	}
	var out strings.Builder
	for _, r := range string(b) {
		if r < 0x80 {
			out.WriteRune(r)
			continue
		}
		quoted := []rune{r}
		if r > 0xffff {
			r -= 0x10000
			quoted = []rune{0xd800 + r>>10, 0xdc00 + r&0x3ff}
		}
		for _, q := range quoted {
			out.WriteString(`\u` + hex.EncodeToString([]byte{byte(q >> 8), byte(q)}))
		}
	}
	return []byte(out.String())
}

// Batch is a webhook with entries of an object.
func Batch(object string, entries ...any) []byte {
	return Encode(fields{"object": object, "entry": entries})
}

// WhatsApp is an entry of a number: what stands in value, by its name, messages or statuses.
func WhatsApp(what string, items ...any) any {
	return WhatsAppOf(NumberID, fields{what: items})
}

// WhatsAppOf is an entry of a number with a value, to which what says whose it is gets added.
func WhatsAppOf(numberID string, value map[string]any) any {
	v := fields{"messaging_product": "whatsapp", "metadata": fields{"display_phone_number": strings.TrimPrefix(Number, "+"), "phone_number_id": numberID}}
	for k, one := range value {
		v[k] = one
	}
	if v["contacts"] == nil {
		v["contacts"] = []any{fields{"wa_id": "31612345678", "profile": fields{"name": "Kate Jansen"}}}
	}
	return fields{"id": Account, "changes": []any{fields{"field": "messages", "value": v}}}
}

// Said is a message by WhatsApp; more adds to it, or replaces what is there, or takes it away with nil.
func Said(id string, more map[string]any) map[string]any {
	m := fields{"from": "31612345678", "id": "wamid." + id, "timestamp": Seconds(time.Now()), "type": "text"}
	for k, v := range more {
		if m[k] = v; v == nil {
			delete(m, k)
		}
	}
	return m
}

// Text is a message by WhatsApp that says something.
func Text(id, text string) map[string]any { return Said(id, fields{"text": fields{"body": text}}) }

// Messaging is an entry of private things at a Page or an Instagram account.
func Messaging(id string, events ...any) any {
	return fields{"id": id, "time": time.Now().UnixMilli(), "messaging": events}
}

// Private is something that from does in private with to, such as message.
func Private(from, to, what string, content map[string]any) any {
	return fields{"sender": fields{"id": from}, "recipient": fields{"id": to}, "timestamp": time.Now().UnixMilli(), what: content}
}

// Comment is an entry of a comment of Kate's at the Page; more adds to it, or replaces what is there.
func Comment(id, text string, more map[string]any) any {
	v := fields{
		"item": "comment", "verb": "add", "from": fields{"id": Kate, "name": "Kate Jansen"}, "post_id": Page + "_900", "comment_id": id,
		"parent_id": Page + "_900", "message": text, "created_time": time.Now().Unix(),
	}
	for k, one := range more {
		v[k] = one
	}
	return fields{"id": Page, "time": time.Now().Unix(), "changes": []any{fields{"field": "feed", "value": v}}}
}
