package twiliotest

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"loket/connectors/connectortest"
)

// KeepCall puts a call in the list without webhooks. What is left empty is made up.
func (s *Server) KeepCall(c Call) *Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.SID == "" {
		c.SID = SID("CA")
	}
	if c.To == "" {
		c.To = Number
	}
	if c.Started.IsZero() {
		c.Started = time.Now()
	}
	if c.Status == "" {
		c.Status = "completed"
	}
	if f := c.Recording; f != nil {
		if f.SID == "" {
			f.SID = SID("RE")
		}
		if c.RecordingStatus == "" {
			c.RecordingStatus = "completed"
		}
		s.files[f.SID] = f
	}
	s.calls = append(s.calls, &c)
	return &c
}

// Ring lets a call come in, and gives loket's answer to it.
func (s *Server) Ring(c *Call, more url.Values) (status int, twiml string) {
	form := s.formOfCall(c, "ringing")
	for k, v := range more {
		form[k] = v
	}
	return s.Hook("/voice", form)
}

// HangUp ends a call: its status is told to loket.
func (s *Server) HangUp(c *Call) int {
	form := s.formOfCall(c, "completed")
	form.Set("CallDuration", fmt.Sprint(c.Seconds))
	status, _ := s.Hook("/call", form)
	return status
}

var callback = regexp.MustCompile(`recordingStatusCallback="([^"]*)"`)

// Recorded tells loket of the recording of a call, at the URL that its answer to the call named.
func (s *Server) Recorded(c *Call, twiml string) int {
	found := callback.FindStringSubmatch(twiml)
	if found == nil {
		s.tb.Errorf("no recordingStatusCallback in %s", twiml)
		return 0
	}
	at := strings.NewReplacer("&amp;", "&", "&#38;", "&", "&#34;", `"`, "&#39;", "'").Replace(found[1])
	form := url.Values{
		"AccountSid": {Account}, "CallSid": {c.SID}, "RecordingStatus": {c.RecordingStatus}, "RecordingChannels": {"1"}, "RecordingSource": {"RecordVerb"},
		"RecordingDuration": {fmt.Sprint(c.Seconds)},
	}
	if c.Recording != nil {
		form.Set("RecordingSid", c.Recording.SID)
		form.Set("RecordingUrl", s.URL+"/2010-04-01/Accounts/"+Account+"/Recordings/"+c.Recording.SID)
	}
	status, _ := s.post(at, form)
	return status
}

func (s *Server) formOfCall(c *Call, status string) url.Values {
	return url.Values{
		"CallSid": {c.SID}, "AccountSid": {Account}, "From": {c.From}, "To": {c.To}, "CallStatus": {status}, "Direction": {"inbound"}, "ApiVersion": {"2010-04-01"},
	}
}

func describeCall(c *Call) map[string]any {
	at := func(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }
	return map[string]any{
		"sid": c.SID, "from": c.From, "to": c.To, "status": c.Status, "direction": "inbound", "duration": fmt.Sprint(c.Seconds),
		"start_time": at(c.Started), "end_time": at(c.Started.Add(time.Duration(c.Seconds) * time.Second)), "date_created": at(c.Started),
	}
}

func (s *Server) listCalls(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	var all []any
	for i := range s.calls {
		if c := s.calls[len(s.calls)-1-i]; c.To == r.URL.Query().Get("To") {
			all = append(all, describeCall(c))
		}
	}
	s.mu.Unlock()
	paged(w, r, "calls", all)
}

func (s *Server) getCall(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.SID+".json" == r.PathValue("sid") {
			connectortest.Answer(w, http.StatusOK, describeCall(c))
			return
		}
	}
	refuse(w, http.StatusNotFound, 20404)
}

func (s *Server) listRecordings(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, c := range s.calls {
		if c.SID == r.PathValue("sid") && c.Recording != nil {
			list = append(list, map[string]any{"sid": c.Recording.SID, "call_sid": c.SID, "status": c.RecordingStatus, "duration": fmt.Sprint(c.Seconds)})
		}
	}
	connectortest.Answer(w, http.StatusOK, map[string]any{"recordings": list})
}

func (s *Server) listNumbers(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	if r.URL.Query().Get("PhoneNumber") == Number {
		n := map[string]any{"sid": "PN0123456789abcdef0123456789abcdef", "phone_number": Number}
		for k, v := range s.configured {
			n[k] = v
		}
		list = append(list, n)
	}
	connectortest.Answer(w, http.StatusOK, map[string]any{"incoming_phone_numbers": list})
}
