package connectortest

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// A StandIn is the server of a stand-in for a vendor on this machine, to be embedded in it. It can suffer from every Trouble.
// Its methods may be called concurrently.
type StandIn struct {
	URL string
	*server
}

// Serve starts the server; it ends with the test, whoever still waits for an answer.
func Serve(tb testing.TB, calls http.Handler) StandIn {
	s := &server{calls: calls, stopped: make(chan struct{})}
	if err := s.listen("127.0.0.1:0"); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.stop)
	return StandIn{"http://" + s.at, s}
}

// Stopped is closed when the server ends.
func (s *server) Stopped() <-chan struct{} { return s.stopped }

// Hang gives no answer until whoever asked goes away.
func (s *server) Hang(r *http.Request) {
	select {
	case <-r.Context().Done():
	case <-s.stopped:
	}
}

// Break ends the connection of a call without an answer. It does not return.
func Break() { panic(http.ErrAbortHandler) }

// Lose does what a call asks for, and nobody gets the answer.
func Lose(do http.HandlerFunc, r *http.Request) { do(lost{http.Header{}}, r) }

type lost struct{ header http.Header }

func (l lost) Header() http.Header         { return l.header }
func (l lost) Write(b []byte) (int, error) { return len(b), nil }
func (l lost) WriteHeader(int)             {}
func (l lost) Flush()                      {}

// Answer writes JSON as the answer of a call.
func Answer(w http.ResponseWriter, status int, body any) {
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may go away
}

// AnswerText writes HTML as the answer of a call, as what is between us and a vendor does.
func AnswerText(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, "<html>trouble</html>")
}

// Post makes the request of a webhook as the vendor does, who waits for an answer for so long. Status 0 is none, and body says why.
func Post(r *http.Request, within time.Duration) (status int, body string) {
	r.RequestURI = "" // of one made for a recorder
	client := &http.Client{Timeout: within, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body) // what was read is all there is
	return res.StatusCode, string(b)
}
