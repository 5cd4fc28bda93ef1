package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/connectors"
	"loket/connectors/vendor"
	"loket/internal/message"
)

// blobs is a store that can be away.
type blobs struct {
	sync.Mutex
	of   map[string][]byte
	away error
}

func (b *blobs) Put(_ context.Context, name string, r io.Reader) (int64, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	b.Lock()
	defer b.Unlock()
	if b.away != nil {
		return 0, b.away
	}
	b.of[name] = data
	return int64(len(data)), nil
}

func (b *blobs) Get(_ context.Context, name string) (io.ReadSeekCloser, int64, error) {
	b.Lock()
	defer b.Unlock()
	data, ok := b.of[name]
	if !ok {
		return nil, 0, fs.ErrNotExist
	}
	return struct {
		*bytes.Reader
		io.Closer
	}{bytes.NewReader(data), io.NopCloser(nil)}, int64(len(data)), nil
}

const jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF\x00"

// A vendorFiles is a vendor's server of files, which notes who asks with which credentials.
type vendorFiles struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
}

func serve(t *testing.T, handle http.HandlerFunc) *vendorFiles {
	v := &vendorFiles{}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		v.asked = append(v.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Authorization")+r.Header.Get("Referer")))
		v.mu.Unlock()
		handle(w, r)
	}))
	t.Cleanup(v.Close)
	return v
}

func client(t *testing.T, o Options) (*Client, *blobs) {
	b := &blobs{of: map[string][]byte{}}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 20
	}
	c := New(o, b)
	t.Cleanup(c.Close)
	return c, b
}

func TestFileIsStoredAndDescribed(t *testing.T) {
	v := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/jpg")
		if strings.HasPrefix(r.URL.Path, "/page") {
			_, _ = io.WriteString(w, "<!DOCTYPE html><script>x</script>")
			return
		}
		_, _ = io.WriteString(w, jpeg)
	})
	for _, test := range []struct {
		name  string
		file  File
		sniff bool
		want  Result
	}{
		{"said by its host", File{URL: "/a", Name: "a", Blob: "m/1"}, false, Result{Attachment: message.Attachment{Name: "a.jpg", Type: "image/jpeg", Blob: "m/1"}}},
		{"said by the vendor", File{URL: "/a", Type: "image/x-own", Name: "a.own", Blob: "m/1"}, false, Result{Attachment: message.Attachment{Name: "a.own", Type: "image/x-own", Blob: "m/1"}}},
		{"sniffed", File{URL: "/a", Type: "image/x-own", Name: "a", Blob: "m/1"}, true, Result{Attachment: message.Attachment{Name: "a.jpg", Type: "image/jpeg", Blob: "m/1"}}},
		{"a page that says it is a picture", File{URL: "/page", Name: "a", Blob: "m/1"}, false, Result{Attachment: message.Attachment{Name: "a.html", Type: "text/html", Blob: "m/1"}, Disguised: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, b := client(t, Options{Sources: []Source{{Origins: []string{v.URL}}}, Sniff: test.sniff})
			test.file.URL = v.URL + test.file.URL
			for _, when := range []string{"first", "again"} {
				got := c.Fetch(t.Context(), test.file)
				test.want.Size = int64(len(b.of["m/1"]))
				want := test.want
				if when == "again" && test.file.Type == "" { // the host is not asked a second time
					want.Type, want.Disguised = message.Sniff(b.of["m/1"]), false
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s: Fetch (-want +got):\n%s", when, diff)
				}
			}
		})
	}
	if len(v.asked) != 4 {
		t.Errorf("asked %q: want each file once", v.asked)
	}
}

func TestOnlySourcesAreAsked(t *testing.T) {
	c, _ := client(t, Options{Sources: []Source{
		{Origins: []string{"https://api.files.example", "https://api.*.files.example"}, Path: "/2010/AC1/", Sign: func(http.RoundTripper) http.RoundTripper {
			return roundTrip(func(*http.Request) (*http.Response, error) { panic("asked with credentials") })
		}},
		{Origins: []string{"http://plain.example", "http://127.0.0.1:1"}},
	}})
	for _, at := range []string{
		"http://api.files.example/2010/AC1/x", "https://example.org/2010/AC1/x", "https://api.files.example.org/2010/AC1/x", "https://api.files.example@example.org/2010/AC1/x",
		"https://kate:pw@api.files.example/2010/AC1/x", "https://api.files.example:8443/2010/AC1/x", "https://api.files.example/2010/AC2/x", "https://api.files.example/2010/AC1/../AC2/x",
		"https://api.files.example/2010/AC1/%2e%2e/AC2/x", "https://api.a.b.files.example/2010/AC1/x", "https://api..files.example/2010/AC1/x", "https://xapi.files.example/2010/AC1/x",
		"http://plain.example/x", "http://127.0.0.1:2/x", "https://127.0.0.1:1/x", "https://127.0.0.1/a", "https://[::1]/a", "file:///etc/passwd", "//api.files.example/2010/AC1/x", "https://", "", "://",
		"https://api.files.example.\x00/2010/AC1/x",
	} {
		r := c.Fetch(t.Context(), File{URL: at, Blob: "m/1"})
		if !errors.Is(r.Err, ErrForeign) || !connectors.IsPermanent(r.Err) || at != "" && strings.Contains(r.Err.Error(), "example") {
			t.Errorf("Fetch(%q) = %v, want ErrForeign for good, without the address", at, r.Err)
		}
	}
}

// Credentials go where they belong, whatever way an answer sends us.
func TestCredentialsGoToTheirSourceAlone(t *testing.T) {
	cdn := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, jpeg) })
	v := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/own/elsewhere":
			http.Redirect(w, r, cdn.URL+"/file", http.StatusTemporaryRedirect)
		case "/own/away":
			http.Redirect(w, r, "/other/file", http.StatusFound)
		default:
			_, _ = io.WriteString(w, jpeg)
		}
	})
	sources := []Source{{Origins: []string{v.URL}, Path: "/own/", Sign: vendor.Bearer("s3cret")}, {Origins: []string{cdn.URL}}}
	c, _ := client(t, Options{Sources: sources, Redirects: true})
	for i, path := range []string{"/own/file", "/own/elsewhere", "/own/away"} {
		if r := c.Fetch(t.Context(), File{URL: v.URL + path, Blob: fmt.Sprint("m/", i)}); r.Err != nil {
			t.Errorf("%s: %v", path, r.Err)
		}
	}
	got := append(append([]string{}, v.asked...), cdn.asked...)
	want := []string{"/own/file Bearer s3cret", "/own/elsewhere Bearer s3cret", "/own/away Bearer s3cret", "/other/file", "/file"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	c, _ = client(t, Options{Sources: sources})
	if r := c.Fetch(t.Context(), File{URL: v.URL + "/own/elsewhere", Blob: "m/9"}); r.Err == nil || len(cdn.asked) != 1 {
		t.Errorf("a redirect that is not followed = %v, and %q were asked", r.Err, cdn.asked)
	}
}

func TestRedirectsKeepToPublicHosts(t *testing.T) {
	secret := serve(t, func(http.ResponseWriter, *http.Request) {})
	port := secret.URL[strings.LastIndexByte(secret.URL, ':'):]
	for _, to := range []string{
		"https://127.0.0.1" + port, "https://localhost" + port, "https://[::1]" + port, "https://[::ffff:127.0.0.1]" + port, "http://127.0.0.1" + port, "http://example.org/x",
		"https://10.0.0.1/x", "https://169.254.169.254/latest", "https://[64:ff9b::a9fe:a9fe]/latest", "https://100.64.0.1/", "https://[fe80::1]/", "https://224.0.0.1/", "https://0.0.0.0" + port,
		"file:///etc/passwd", "https://kate:pw@example.org/", "loop",
	} {
		v := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if to == "loop" {
				http.Redirect(w, r, "/again", http.StatusFound)
				return
			}
			http.Redirect(w, r, to, http.StatusFound)
		})
		c, b := client(t, Options{Sources: []Source{{Origins: []string{v.URL}}}, Redirects: true})
		r := c.Fetch(t.Context(), File{URL: v.URL + "/a", Blob: "m/1"})
		if r.Err == nil || len(b.of) > 0 || to != "file:///etc/passwd" && !connectors.IsPermanent(r.Err) {
			t.Errorf("sent on to %s: %v, %d stored; want a refusal for good", to, r.Err, len(b.of))
		}
	}
	if len(secret.asked) > 0 {
		t.Errorf("another service of this machine was asked: %q", secret.asked)
	}
}

func TestWhatCannotBeHad(t *testing.T) {
	full := errors.New("the disk is full")
	for _, test := range []struct {
		name      string
		handle    http.HandlerFunc
		away      error
		want      error
		permanent bool
	}{
		{"says that it is too large", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "5000") }, nil, ErrTooLarge, true},
		{"is too large without saying so", func(w http.ResponseWriter, _ *http.Request) {
			for range 20 {
				_, _ = w.Write(make([]byte, 100))
				w.(http.Flusher).Flush()
			}
		}, nil, ErrTooLarge, true},
		{"is gone", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) }, nil, ErrGone, true},
		{"is not there", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, nil, nil, false},
		{"breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "900")
			_, _ = w.Write(make([]byte, 10))
		}, nil, io.ErrUnexpectedEOF, false},
		{"is not stored", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, full, ErrNotStored, false},
		{"does not come in time", func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, nil, context.DeadlineExceeded, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v := serve(t, test.handle)
			c, b := client(t, Options{Sources: []Source{{Origins: []string{v.URL}}}, MaxBytes: 1000, Within: 2 * time.Second})
			if errors.Is(test.want, context.DeadlineExceeded) {
				c.o.Within = 50 * time.Millisecond
			}
			b.away = test.away
			r := c.Fetch(t.Context(), File{URL: v.URL + "/s3cret", Blob: "m/1"})
			if r.Err == nil || test.want != nil && !errors.Is(r.Err, test.want) || connectors.IsPermanent(r.Err) != test.permanent {
				t.Errorf("Fetch = %v (permanent %v), want %v (%v)", r.Err, connectors.IsPermanent(r.Err), test.want, test.permanent)
			}
			if errors.Is(r.Err, ErrNotStored) != (test.away != nil) || len(b.of) > 0 || strings.Contains(r.Err.Error(), "s3cret") {
				t.Errorf("Fetch = %v, stored %d", r.Err, len(b.of))
			}
		})
	}
}

func TestFilesThatAreLateAreAskedForAgain(t *testing.T) {
	tries := map[string]int{}
	var mu sync.Mutex
	v := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if tries[r.URL.Path]++; r.URL.Path == "/never" || r.URL.Path == "/late" && tries["/late"] < 3 {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, "hello")
	})
	c, _ := client(t, Options{Sources: []Source{{Origins: []string{v.URL}}}, Pauses: []time.Duration{0, 0}, Missing: "missing"})
	var files []File
	for i, path := range []string{v.URL + "/never", v.URL + "/late", "https://foreign.example/", v.URL + "/there", "https://foreign.example/"} {
		files = append(files, File{URL: path, Type: "text/plain", Name: fmt.Sprint(i), Blob: fmt.Sprint("m/", i)})
	}
	m := &message.Message{}
	gone, late := c.Attach(t.Context(), m, files)
	want := &message.Message{Marks: []string{"missing"}, Attachments: []message.Attachment{
		{Name: "1.txt", Type: "text/plain", Size: 5, Blob: "m/1"}, {Name: "3.txt", Type: "text/plain", Size: 5, Blob: "m/3"},
	}}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("the message (-want +got):\n%s", diff)
	}
	if len(gone) != 2 || len(late) != 1 || late[0].Blob != "m/0" || tries["/never"] != 3 {
		t.Errorf("gone %v, late %v after %v", gone, late, tries)
	}
}

// A vendor that brings a message again is asked to, for a while, when its file can't be had now.
func TestMessagesAreHeldBackForTheirFiles(t *testing.T) {
	there := false
	v := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if !there {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, "hello")
	})
	var gaveUp []error
	c, b := client(t, Options{
		Sources: []Source{{Origins: []string{v.URL}}}, MaxBytes: 10, Missing: "missing", GaveUp: func(err error) { gaveUp = append(gaveUp, err) },
	})
	located := errors.New("nobody knows where")
	locate := func(_ context.Context) (string, error) { return v.URL + "/there", located }
	file := []File{{Locate: locate, Type: "text/plain", Name: "a", Blob: "m/0"}}
	later, before := time.Now().Add(time.Hour), time.Now().Add(-time.Hour)
	try := func(files []File, until time.Time) (*message.Message, error) {
		gaveUp = nil
		m := &message.Message{}
		return m, c.AttachUntil(t.Context(), m, files, until)
	}
	if m, err := try(file, later); !errors.Is(err, located) || len(gaveUp) > 0 {
		t.Errorf("a file that nobody can locate now: %+v, %v", m, err)
	}
	if m, err := try(file, before); err != nil || !slices.Equal(m.Marks, []string{"missing"}) || len(gaveUp) != 1 {
		t.Errorf("a file that nobody could locate: %+v, %v, gave up %v", m, err, gaveUp)
	}
	located = nil
	if m, err := try(file, later); err == nil {
		t.Errorf("a file that is not there yet: %+v", m)
	}
	there, b.away = true, errors.New("the disk is full")
	if m, err := try(file, before); !errors.Is(err, ErrNotStored) {
		t.Errorf("a store that is away: %+v, %v", m, err)
	}
	b.away = nil
	if m, err := try(file, later); err != nil || len(m.Attachments) != 1 || len(m.Marks) > 0 {
		t.Errorf("a file that is there: %+v, %v", m, err)
	}
	asked := len(v.asked)
	if m, err := try([]File{{URL: v.URL + "/large", Name: "b", Blob: "m/1", Size: 11}}, later); err != nil || !slices.Equal(m.Marks, []string{"missing"}) || len(v.asked) != asked {
		t.Errorf("a file that is too large: %+v, %v, asked %v", m, err, v.asked)
	}
}
