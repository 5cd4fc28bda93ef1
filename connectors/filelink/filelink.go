// Package filelink gives files of answers to vendors who fetch them: at addresses that nobody can make, and that end.
package filelink

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/internal/message"
	"loket/internal/problem"
)

// Links are those of one connector. They are an http.Handler for what lies below Path. Their methods may be called
// concurrently.
type Links struct {
	Env  connectors.Env
	Path string        // where the connector has them: /media/
	Life time.Duration // of a link: as long as the vendor may take to fetch
	Now  func() time.Time
	// Unknown is told of addresses that are none of ours.
	Unknown func()
}

// A link is what an address says.
type link struct {
	Blob    string `json:"b"`
	Type    string `json:"t"`
	Name    string `json:"n"`
	Expires int64  `json:"e"` // Unix seconds
}

// purpose is what links are sealed for.
const purpose = "file link"

// URL is where the vendor fetches a file of an answer.
func (l *Links) URL(a message.Attachment) string {
	b, err := json.Marshal(link{a.Blob, a.Type, a.Name, l.Now().Add(l.Life).Unix()})
	if err != nil {
		panic(err) // strings and a number always encode
	}
	content := base64.RawURLEncoding.EncodeToString(b)
	return l.Env.HookURL(l.Path) + content + "." + l.Env.Seal(purpose, content)
}

// open reads the end of an address that we gave out.
func (l *Links) open(token string) (to link, ok bool) {
	content, seal, _ := strings.Cut(token, ".")
	if !hmac.Equal([]byte(l.Env.Seal(purpose, content)), []byte(seal)) {
		return link{}, false
	}
	b, err := base64.RawURLEncoding.DecodeString(content)
	return to, err == nil && json.Unmarshal(b, &to) == nil && l.Now().Unix() <= to.Expires
}

// ServeHTTP gives a file to whoever has its address, which is the vendor.
func (l *Links) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		problem.New(http.StatusMethodNotAllowed, "the method must be GET or HEAD").Write(w)
		return
	}
	to, ok := l.open(strings.TrimPrefix(r.URL.Path, l.Path))
	if !ok {
		l.Unknown()
		problem.New(http.StatusNotFound, "there is nothing here").Write(w)
		return
	}
	file, _, err := l.Env.Blobs.Get(r.Context(), to.Blob)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		problem.New(http.StatusNotFound, "there is nothing here").Write(w)
		return
	case err != nil:
		l.Env.Log.Warn("file of an answer not opened", zap.Error(err))
		(&problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot read it now", Wait: 5 * time.Second}).Write(w)
		return
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", to.Type)
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	if d := mime.FormatMediaType("inline", map[string]string{"filename": to.Name}); d != "" {
		h.Set("Content-Disposition", d)
	}
	http.ServeContent(w, r, "", time.Time{}, file)
}
