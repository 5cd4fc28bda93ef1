package twilio_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.uber.org/zap"

	"loket/connectors"
	"loket/connectors/twilio"
	"loket/connectors/twilio/twiliotest"
	"loket/internal/message"
	"loket/internal/secret"
)

// FuzzWebhook gives the connector anything, signed and unsigned: it never panics, stores nothing unsigned, and what it
// accepts is a message that the daemon can keep.
func FuzzWebhook(f *testing.F) {
	sid := "SM0123456789abcdef0123456789abcdef"
	for _, seed := range []string{
		"MessageSid=" + sid + "&From=%2B31612345678&To=%2B31201234567&Body=hi&NumMedia=0&AccountSid=" + twiliotest.Account,
		"MessageSid=" + sid + "&From=whatsapp%3ANL.45&To=whatsapp%3A%2B31201234567&Latitude=1e9&Longitude=NaN&Label=%ff&NumMedia=-1",
		"MessageSid=" + sid + "&From=KPN&NumMedia=9999999999&MediaUrl0=http%3A%2F%2F127.0.0.1%2F&MediaContentType0=%3B",
		"MessageSid=" + sid + "&MessageStatus=failed&ErrorCode=30003&EventType=READ",
		"CallSid=CA0123456789abcdef0123456789abcdef&From=anonymous&To=%2B31201234567&CallStatus=ringing&StirVerstat=TN-Validation-Failed-C",
		"CallSid=CA0123456789abcdef0123456789abcdef&RecordingSid=RE1&RecordingStatus=absent&TranscriptionSid=TR1&TranscriptionText=%00",
		`{"MessageSid":"` + sid + `","From":1,"Body":null}`, "%", "a=1&a=2&&=", strings.Repeat("a", 300<<10),
	} {
		for _, path := range []string{"/message", "/status", "/voice", "/voice/end", "/recording", "/transcription", "/media/x.y", "/"} {
			f.Add(path, "application/x-www-form-urlencoded", "", seed, true)
		}
	}
	f.Add("/message", "application/json", "bodySHA256=x", "{}", true)
	f.Add("/message", "", "MessageSid="+sid+"&From=x", "", false)
	cfg := twilio.Type().NewConfig().(*twilio.Config)
	cfg.AccountSID, cfg.AuthToken, cfg.Number, cfg.WhatsApp, cfg.APIURL = twiliotest.Account, secret.New(twiliotest.Token), twiliotest.Number, twiliotest.Number, "http://127.0.0.1:1"
	f.Fuzz(func(t *testing.T, path, contentType, query, body string, sign bool) {
		at := url.URL{Scheme: "https", Host: "loket.example", Path: "/in/phone/" + strings.TrimLeft(path, "/"), RawQuery: query}
		if utf8.RuneCountInString(path) > 200 || strings.ContainsAny(query, "#\r\n") {
			return
		}
		var accepted []*message.Message
		c, err := twilio.New(*cfg, connectors.Env{
			Name: "phone", PublicURL: "https://loket.example", Log: zap.NewNop(), Cursor: noCursor{}, Blobs: noBlobs{}, Seal: func(_, text string) string { return text + "-sealed" },
			Accept: func(_ context.Context, m *message.Message) error { accepted = append(accepted, m); return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Hurry()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.URL = &url.URL{Path: strings.TrimPrefix(at.Path, "/in/phone"), RawQuery: query}
		r.Header.Set("Content-Type", contentType)
		if sign {
			form, _ := url.ParseQuery(body) // what can't be read is signed as far as it goes
			r.Header.Set("X-Twilio-Signature", twiliotest.Signature(twiliotest.Token, at.String(), form))
		}
		w := httptest.NewRecorder()
		c.ServeHTTP(w, r)
		if kind := w.Header().Get("Content-Type"); strings.HasPrefix(kind, "text/plain") && w.Body.Len() > 0 {
			t.Errorf("answered as %s: Twilio would send that to the customer", kind)
		}
		if !sign && len(accepted) > 0 {
			t.Error("something unsigned is stored")
		}
		if len(accepted) > 0 && w.Code != http.StatusOK {
			t.Errorf("stored, and answered %d", w.Code)
		}
		for _, m := range accepted {
			if !message.ValidID(m.ID) || m.Connector != "phone" || m.Received.IsZero() || m.Kind == message.Said && m.Channel == "" {
				t.Errorf("message %+v", m)
			}
			for _, s := range append([]string{m.Text, m.Name, m.Subject, m.Channel}, m.Marks...) {
				if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
					t.Errorf("%q is no text", s)
				}
			}
		}
	})
}

type noCursor struct{ connectors.Cursor }

func (noCursor) Load(context.Context, string) (string, error)              { return "", nil }
func (noCursor) Save(context.Context, string, string) error                { return nil }
func (noCursor) Once(context.Context, string, time.Duration) (bool, error) { return true, nil }

type noBlobs struct{}

func (noBlobs) Put(context.Context, string, io.Reader) (int64, error) { return 0, errors.New("no") }
func (noBlobs) Get(context.Context, string) (io.ReadSeekCloser, int64, error) {
	return nil, 0, errors.New("no")
}
