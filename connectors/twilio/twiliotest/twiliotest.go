// Package twiliotest is a stand-in for Twilio on this machine: its REST API as far as loket uses it, and the sender of
// its webhooks, who signs and repeats as Twilio does. Tests tell it what goes wrong.
package twiliotest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // what Twilio signs with
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"loket/connectors/connectortest"
)

// What the account is called.
const (
	Account = "AC0123456789abcdef0123456789abcdef"
	Token   = "tokenoftheaccount0123456789abcdef"
	Number  = "+31201234567"
)

// A Server is the stand-in. Its methods may be called concurrently.
type Server struct {
	connectortest.StandIn
	tb testing.TB

	mu         sync.Mutex
	base       string // of loket's webhooks
	messages   []*Message
	calls      []*Call
	files      map[string]*File
	faults     []Fault
	asked      []string
	configured map[string]string
}

// A Message is one that was written to us, or by us.
type Message struct {
	SID, From, To, Body string
	Out                 bool
	Status              string
	Created             time.Time
	Media               []File
	Form                url.Values // what more the webhook says; of ours, what was posted
	Unlisted            int        // what asking for the list of its media answers, if not 200
}

// A File is one that came with a message, or a recording.
type File struct {
	SID, Type string
	Data      []byte
	Missing   int    // how many times it is not there yet
	Moved     string // where to instead of the file
	Length    int    // what Content-Length says, if it lies
}

// A Call is one that came in.
type Call struct {
	SID, From, To, Status string
	Started               time.Time
	Seconds               int
	Recording             *File
	RecordingStatus       string
}

// A Fault is what goes wrong with one sending of an answer.
type Fault struct {
	Status int               // of the answer; 0 breaks the connection
	Code   int               // of Twilio; 0 answers HTML
	Header map[string]string // of the answer
	Taken  bool              // the message is taken all the same
	Early  string            // the status that is called back before the answer; the answer is right
	Hang   bool              // no answer comes at all
	// Meanwhile is called when the message is taken and the answer is yet to come, which is right: a customer is faster.
	Meanwhile func(Message)
}

// Start starts the stand-in; it ends with the test.
func Start(tb testing.TB) *Server {
	s := &Server{tb: tb, files: map[string]*File{}, configured: map[string]string{}}
	mux := http.NewServeMux()
	const account = "/2010-04-01/Accounts/" + Account
	mux.HandleFunc("POST "+account+"/Messages.json", s.createMessage)
	mux.HandleFunc("GET "+account+"/Messages.json", s.listMessages)
	mux.HandleFunc("GET "+account+"/Messages/{sid}/Media.json", s.listMedia)
	mux.HandleFunc("GET "+account+"/Messages/{sid}/Media/{file}", s.getFile)
	mux.HandleFunc("GET "+account+"/Recordings/{file}", s.getFile)
	mux.HandleFunc("GET "+account+"/Calls.json", s.listCalls)
	mux.HandleFunc("GET "+account+"/Calls/{sid}", s.getCall)
	mux.HandleFunc("GET "+account+"/Calls/{sid}/Recordings.json", s.listRecordings)
	mux.HandleFunc("GET "+account+"/IncomingPhoneNumbers.json", s.listNumbers)
	mux.HandleFunc("GET /cdn/{file}", s.getCopy)
	s.StandIn = connectortest.Serve(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
		s.mu.Unlock()
		user, password, _ := r.BasicAuth()
		if !strings.HasPrefix(r.URL.Path, "/cdn/") && (user != Account || password != Token) {
			refuse(w, http.StatusUnauthorized, 20003)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	return s
}

// Point tells where loket's webhooks are: http://127.0.0.1:8080/in/phone.
func (s *Server) Point(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = base
}

// Fail lets the next sendings of answers go wrong, one for each fault.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Asked are the requests of the API so far.
func (s *Server) Asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

// Sent are the messages that were taken from us, oldest first.
func (s *Server) Sent() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	for _, m := range s.messages {
		if m.Out {
			out = append(out, *m)
		}
	}
	return out
}

// Configure sets what the console says of the number: sms_url, voice_url, status_callback.
func (s *Server) Configure(what map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.configured = what
}

// SID makes one of a kind: SM, CA, RE…
func SID(kind string) string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	return kind + hex.EncodeToString(b)
}

// Keep puts a message in the list without a webhook, as if that got lost. What is left empty is made up.
func (s *Server) Keep(m Message) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.SID == "" {
		m.SID = SID("SM")
	}
	if m.To == "" {
		m.To = Number
	}
	if m.Created.IsZero() {
		m.Created = time.Now()
	}
	m.Status = "received"
	for i := range m.Media {
		f := &m.Media[i]
		if f.SID == "" {
			f.SID = SID("ME")
		}
		s.files[f.SID] = f
	}
	s.messages = append(s.messages, &m)
	return m
}

// Receive lets somebody write to us: the message is listed, and its webhook is sent until loket takes it, three times
// more at most. It gives the last answer's status.
func (s *Server) Receive(m Message) (Message, int) {
	m = s.Keep(m)
	return m, s.Deliver(m)
}

// Deliver sends the webhook of a message, again if need be.
func (s *Server) Deliver(m Message) int {
	status := 0
	for range 4 {
		if status, _ = s.Hook("/message", s.FormOf(m)); status < 500 && status != 0 {
			break
		}
	}
	return status
}

// FormOf is what the webhook of a message says.
func (s *Server) FormOf(m Message) url.Values {
	form := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "SmsMessageSid": {m.SID}, "AccountSid": {Account}, "ApiVersion": {"2010-04-01"},
		"From": {m.From}, "To": {m.To}, "Body": {m.Body}, "NumMedia": {fmt.Sprint(len(m.Media))}, "NumSegments": {"1"}, "SmsStatus": {"received"},
		"ToolsAddedLater": {"unknown to everybody"},
	}
	for i, f := range m.Media {
		form.Set(fmt.Sprintf("MediaUrl%d", i), s.URL+"/2010-04-01/Accounts/"+Account+"/Messages/"+m.SID+"/Media/"+f.SID)
		form.Set(fmt.Sprintf("MediaContentType%d", i), f.Type)
	}
	for k, v := range m.Form {
		form[k] = v
	}
	return form
}

// Hook posts a signed webhook to a path of loket's. Status 0 is no answer.
func (s *Server) Hook(path string, form url.Values) (status int, body string) {
	s.mu.Lock()
	base := s.base
	s.mu.Unlock()
	return s.post(base+path, form)
}

func (s *Server) post(at string, form url.Values) (int, string) {
	at, _, _ = strings.Cut(at, "#")
	return connectortest.Post(Request(at, form), 15*time.Second)
}

// Request is a signed webhook to a whole URL, as a server gets it.
func Request(at string, form url.Values) *http.Request {
	req := httptest.NewRequest(http.MethodPost, at, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	req.Header.Set("X-Twilio-Signature", Signature(Token, at, form))
	req.Header.Set("I-Twilio-Idempotency-Token", hex.EncodeToString([]byte(at))[:12])
	return req
}

// Signature is what Twilio sends in X-Twilio-Signature for a form that it posts to a URL.
func Signature(token, at string, form url.Values) string {
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	mac := hmac.New(sha1.New, []byte(token))
	_, _ = io.WriteString(mac, at)
	for _, k := range keys {
		_, _ = io.WriteString(mac, k+form.Get(k))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Report calls back what became of an answer of ours.
func (s *Server) Report(m Message, status string, code int) int {
	form := url.Values{
		"MessageSid": {m.SID}, "SmsSid": {m.SID}, "MessageStatus": {status}, "SmsStatus": {status}, "To": {m.To}, "From": {m.From},
		"AccountSid": {Account}, "ApiVersion": {"2010-04-01"},
	}
	if code != 0 {
		form.Set("ErrorCode", fmt.Sprint(code))
	}
	got, _ := s.post(m.Form.Get("StatusCallback"), form)
	return got
}

func refuse(w http.ResponseWriter, status, code int) {
	connectortest.Answer(w, status, map[string]any{"code": code, "message": "refused, with +31612345678 in it", "status": status})
}
