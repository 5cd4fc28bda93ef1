package twilio

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/connectors/hook"
	"loket/internal/message"
	"loket/internal/problem"
)

// mediaLife is how long Twilio can fetch a file: a message waits there for four hours at most.
const mediaLife = 12 * time.Hour

// A link is what the URL of a file says. It is signed, so nobody can make one.
type link struct {
	Blob    string `json:"b"`
	Type    string `json:"t"`
	Name    string `json:"n"`
	Expires int64  `json:"e"` // Unix seconds
}

// mediaURL is where Twilio fetches a file of an answer.
func (t *Twilio) mediaURL(a message.Attachment) string {
	b, err := json.Marshal(link{a.Blob, a.Type, a.Name, t.now().Add(mediaLife).Unix()})
	if err != nil {
		panic(err) // strings and a number always encode
	}
	content := base64.RawURLEncoding.EncodeToString(b)
	return t.env.HookURL(pathMedia) + content + "." + base64.RawURLEncoding.EncodeToString(sealOf(t.tokens[0], content))
}

func sealOf(token, content string) []byte {
	key := sha256.Sum256([]byte("loket twilio media\x00" + token))
	mac := hmac.New(sha256.New, key[:])
	_, _ = mac.Write([]byte(content)) // never fails
	return mac.Sum(nil)
}

// open reads the end of a URL that we gave out.
func (t *Twilio) open(token string) (l link, ok bool) {
	content, seal, _ := strings.Cut(token, ".")
	given, err := base64.RawURLEncoding.DecodeString(seal)
	if err != nil {
		return link{}, false
	}
	for _, secret := range t.tokens {
		if !hmac.Equal(sealOf(secret, content), given) {
			continue
		}
		b, err := base64.RawURLEncoding.DecodeString(content)
		return l, err == nil && json.Unmarshal(b, &l) == nil && t.now().Unix() <= l.Expires
	}
	return link{}, false
}

// serveMedia gives a file to whoever has its URL, which is Twilio.
func (t *Twilio) serveMedia(w http.ResponseWriter, r *http.Request, token string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		problem.New(http.StatusMethodNotAllowed, "the method must be GET or HEAD").Write(w)
		return
	}
	l, ok := t.open(token)
	if !ok {
		t.counts.Refused(hook.Unknown, nil)
		problem.New(http.StatusNotFound, "there is nothing here").Write(w)
		return
	}
	file, _, err := t.env.Blobs.Get(r.Context(), l.Blob)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		problem.New(http.StatusNotFound, "there is nothing here").Write(w)
		return
	case err != nil:
		t.env.Log.Warn("file of an answer not opened", zap.Error(err))
		(&problem.Problem{Status: http.StatusServiceUnavailable, Detail: "cannot read it now", Wait: 5 * time.Second}).Write(w)
		return
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", l.Type)
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	if d := mime.FormatMediaType("inline", map[string]string{"filename": l.Name}); d != "" {
		h.Set("Content-Disposition", d)
	}
	http.ServeContent(w, r, "", time.Time{}, file)
}
