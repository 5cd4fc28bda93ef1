package connectortest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"go.uber.org/zap/zapcore"
)

// heard keeps an error that the connector returned, to be looked througtr.
func (tr *trial) heard(err error) {
	if err == nil {
		return
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.errs = append(tr.errs, err)
}

// leaks looks for secrets in everything that was logged, returned and can be printed, and gives the places where
// it finds one. It does not repeat what it finds.
func (tr *trial) leaks() (places []string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	look := func(where, text string, secrets []string) {
		for i, s := range secrets {
			if holds(text, s) {
				places = append(places, fmt.Sprintf("%s tells number %d of what it must not", where, i))
			}
		}
	}
	for _, entry := range tr.Logged.All() {
		line := entryText(entry.Entry, entry.Context)
		look("log line", line, tr.fixture.Secrets)
		if entry.Level > zapcore.DebugLevel {
			look("log line above debug", line, tr.fixture.Private)
		}
	}
	for _, err := range tr.errs {
		look("error", fmt.Sprintf("%+v", err), tr.fixture.Secrets)
		look("error", fmt.Sprintf("%+v", err), tr.fixture.Private)
	}
	look("printed configuration", fmt.Sprintf("%v %+v %#v %s", tr.config, tr.config, tr.config, jsonText(tr.config)), tr.fixture.Secrets)
	return places
}

func entryText(e zapcore.Entry, fields []zapcore.Field) string {
	b, err := zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg", LineEnding: "\n"}).EncodeEntry(e, fields)
	if err != nil {
		return fmt.Sprintf("%s %+v", e.Message, fields)
	}
	return b.String()
}

// holds looks for a secret as it is and in the spellings it travels in.
func holds(text, secret string) bool {
	if secret == "" {
		return false
	}
	for _, spelling := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), strings.Trim(jsonText(secret), `"`),
	} {
		if strings.Contains(text, spelling) {
			return true
		}
	}
	return false
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(b)
}
