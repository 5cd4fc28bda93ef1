package limit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// request is one of a client, whose body r gives.
func request(address, kind string, r io.Reader) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(r))
	req.RemoteAddr = address
	req.Header.Set("Content-Type", kind)
	return req
}

func TestOneClientHasAShareOfTheBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := NewBodies()
		for range AtOnce { // that do not come
			silent, w := io.Pipe()
			defer w.Close()
			r := request("192.0.2.1:1", "", silent)
			done := all.Open(httptest.NewRecorder(), r)
			go func() { _, _ = io.ReadAll(r.Body); done() }()
		}
		synctest.Wait()
		read := func(address string) (string, error) {
			r := request(address, "", strings.NewReader("hello"))
			defer all.Open(httptest.NewRecorder(), r)()
			b, err := io.ReadAll(r.Body)
			return string(b), err
		}
		begun := time.Now()
		if got, err := read("192.0.2.2:1"); got != "hello" || err != nil || time.Since(begun) != 0 {
			t.Errorf("another client = %q, %v after %s; want its body at once", got, err, time.Since(begun))
		}
		if _, err := read("192.0.2.1:2"); !errors.Is(err, ErrBusy) || time.Since(begun) != slack {
			t.Errorf("one more of the same = %v after %s; want ErrBusy after %s", err, time.Since(begun), slack)
		}
	})
}

func TestNextBodyOfAClientWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := NewBodies()
		for range AtOnce {
			r := request("192.0.2.1:1", "", io.MultiReader(later{time.Second}, strings.NewReader("x")))
			done := all.Open(httptest.NewRecorder(), r)
			go func() { _, _ = io.ReadAll(r.Body); done() }()
		}
		synctest.Wait()
		r := request("192.0.2.1:1", "", strings.NewReader("hello"))
		defer all.Open(httptest.NewRecorder(), r)()
		begun := time.Now()
		if b, err := io.ReadAll(r.Body); string(b) != "hello" || err != nil || time.Since(begun) != time.Second {
			t.Errorf("read %q, %v after %s; want it when another is over", b, err, time.Since(begun))
		}
		synctest.Wait()
		if len(all.of) != 1 || all.open != 1 {
			t.Errorf("%d clients with %d bodies are remembered, want the one", len(all.of), all.open)
		}
	})
}

// later gives nothing, after a while.
type later struct{ time.Duration }

func (l later) Read([]byte) (int, error) {
	time.Sleep(l.Duration)
	return 0, io.EOF
}

func TestBytesInMemoryAreBounded(t *testing.T) {
	const piece = 8 << 20
	for _, test := range []struct {
		name, kind string
		addresses  int
		bodies     int
		refused    bool
	}{
		{"one client", "application/json", 1, 8, true},
		{"many clients", "application/json", 40, 20, true},
		{"one client, files to disk", "multipart/form-data; boundary=b", 1, 8, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			all, busy := NewBodies(), 0
			var taken int64
			for i := range test.bodies {
				r := request(fmt.Sprintf("192.0.2.%d:1", i%test.addresses), test.kind, io.LimitReader(zeros{}, piece))
				done := all.Open(httptest.NewRecorder(), r)
				defer done()
				n, err := io.Copy(io.Discard, r.Body)
				taken += n
				if errors.Is(err, ErrBusy) {
					busy++
				}
			}
			if (busy > 0) != test.refused || test.refused && taken > total+20*small {
				t.Errorf("%d bodies refused, %d bytes taken, want refused: %v", busy, taken, test.refused)
			}
			// What is small comes in all the same.
			r := request("198.51.100.1:1", "application/json", strings.NewReader(strings.Repeat("x", small)))
			defer all.Open(httptest.NewRecorder(), r)()
			if b, err := io.ReadAll(r.Body); len(b) != small || err != nil {
				t.Errorf("a small body = %d bytes, %v; want it", len(b), err)
			}
		})
	}
	all := NewBodies()
	r := request("192.0.2.1:1", "application/json", io.LimitReader(zeros{}, 2*share))
	done := all.Open(httptest.NewRecorder(), r)
	if n, err := io.Copy(io.Discard, r.Body); n != 2*share || err != nil {
		t.Errorf("the only body = %d bytes, %v; want it however large", n, err)
	}
	done()
	if all.held != 0 || all.open != 0 || len(all.of) != 0 {
		t.Errorf("%d bytes of %d bodies of %d clients are held when all is over", all.held, all.open, len(all.of))
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

// front serves a handler behind Bodies and gives a line to it.
func front(t *testing.T, handle http.HandlerFunc) net.Conn {
	t.Helper()
	all := NewBodies()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer all.Open(w, r)()
		handle(w, r)
	}))
	t.Cleanup(srv.Close)
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestSlowBodyEnds(t *testing.T) {
	ended := make(chan error, 1)
	c := front(t, func(_ http.ResponseWriter, r *http.Request) {
		Hurry(r, 50*time.Millisecond)
		_, err := io.ReadAll(r.Body)
		ended <- err
	})
	if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhello"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, ErrSlow) {
		t.Errorf("the body ended with %v, want ErrSlow", err)
	}
}

// Who waits for an answer is not cut off by the time that the body had.
func TestHandlerMayTakeLongerThanItsBody(t *testing.T) {
	c := front(t, func(w http.ResponseWriter, r *http.Request) {
		Hurry(r, 50*time.Millisecond)
		if _, err := io.ReadAll(r.Body); err != nil {
			t.Errorf("read: %v", err)
		}
		select {
		case <-r.Context().Done():
			t.Error("the request ended while it was dealt with")
		case <-time.After(200 * time.Millisecond):
		}
		_, _ = io.WriteString(w, "done")
	})
	for range 2 { // the line goes on
		if _, err := io.WriteString(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"); err != nil {
			t.Fatal(err)
		}
		b := make([]byte, 1000)
		if n, err := c.Read(b); err != nil || !bytes.HasSuffix(b[:n], []byte("done")) {
			t.Fatalf("answer %q, %v", b[:n], err)
		}
	}
}

// A program that sends all before it listens hears why its body was not wanted.
func TestAnswerIsHeardThoughTheBodyWasNotRead(t *testing.T) {
	c := front(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) })
	const size = 8 << 20
	if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", size, strings.Repeat("x", size)); err != nil {
		t.Fatalf("send: %v", err)
	}
	b := make([]byte, 1000)
	if n, err := c.Read(b); err != nil || !bytes.HasPrefix(b[:n], []byte("HTTP/1.1 403")) {
		t.Errorf("answer %q, %v; want 403", b[:n], err)
	}
}

func TestRequestWithoutABodyIsLeftAlone(t *testing.T) {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	all := NewBodies()
	all.Open(httptest.NewRecorder(), r)()
	if r.Body != http.NoBody || all.open != 0 {
		t.Errorf("body %v, %d open", r.Body, all.open)
	}
}

// line is a connection that knows deadlines, on which nothing more comes after some bytes.
type line struct {
	*httptest.ResponseRecorder
	left     int
	deadline time.Time
}

func (l *line) SetReadDeadline(t time.Time) error { l.deadline = t; return nil }

func (l *line) Read(b []byte) (int, error) {
	if n := min(len(b), l.left); n > 0 {
		l.left -= n
		return n, nil
	}
	time.Sleep(time.Until(l.deadline))
	return 0, os.ErrDeadlineExceeded
}

func TestRefusedBodyThatStopsComingHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &line{ResponseRecorder: httptest.NewRecorder(), left: 20 << 20}
		r := request("192.0.2.1:1", "application/json", l)
		done := NewBodies().Open(l, r)
		if _, err := io.CopyN(io.Discard, r.Body, 16<<20); err != nil { // it is refused here
			t.Fatal(err)
		}
		begun := time.Now()
		done()
		if took, most := time.Since(begun), slack+time.Duration(4<<20/rate)*time.Second; l.left > 0 || took > most {
			t.Errorf("reading the rest away took %s, want at most %s", took, most)
		}
	})
}
