package twilio

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"loket/connectors/hook"
)

// voiceTexts are what callers hear, by language, and which languages are spoken in which country.
//
//go:embed voice.json
var voiceTexts []byte

// words are what callers hear in one language.
type words struct {
	Say      string // Twilio's name of the language
	Greeting string
	Closed   string
	Notice   string // that what they say is recorded; always said
	Thanks   string
}

// spoken are the languages that we speak, and those of countries that we may speak, the commonest first.
func spoken() (languages map[string]words, countries map[string][]string) {
	var all struct {
		Languages map[string]words
		Countries map[string][]string
	}
	if err := json.Unmarshal(voiceTexts, &all); err != nil {
		panic(err) // a test reads the file
	}
	return all.Languages, all.Countries
}

const spokenLanguages = "nl, en, de, fr"

// languageOf is the language for a caller: one of their country's if we speak it, else the first.
func (v Voice) languageOf(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err != nil {
		return v.Languages[0]
	}
	_, countries := spoken()
	country := phonenumbers.GetRegionCodeForNumber(n)
	there := countries[country]
	if there == nil && country != "" {
		there = []string{"en"}
	}
	for _, l := range there {
		if slices.Contains(v.Languages, l) {
			return l
		}
	}
	return v.Languages[0]
}

// takeVoice greets a caller and takes a message. Nothing is stored: what becomes of the call comes later.
func (t *Twilio) takeVoice(_ context.Context, e event) (twiml, error) {
	if !isSID(e.params.Get("CallSid"), "CA") {
		return "", hook.Missing("CallSid")
	}
	v := t.cfg.Voice
	if !v.Enabled {
		return `<Reject reason="rejected"/>`, nil
	}
	language := v.languageOf(e.params.Get("From"))
	languages, _ := spoken()
	w := languages[language]
	greeting := cmp.Or(v.Greeting[language], w.Greeting)
	if t.env.Open != nil && !t.env.Open(t.now()) {
		greeting = cmp.Or(v.Closed[language], w.Closed)
	}
	about := url.Values{"language": {language}} // comes back under Twilio's signature
	for param, name := range callFields() {
		if value := e.params.Get(param); value != "" {
			about.Set(name, value)
		}
	}
	record := fmt.Sprintf(`<Record maxLength="%d" playBeep="true" finishOnKey="#" timeout="5" trim="trim-silence" action=%s`+
		` recordingStatusCallback=%s recordingStatusCallbackEvent="completed absent"`,
		int(v.MaxLength.Seconds()), quoted(t.env.HookURL(pathVoiceEnd)+"?language="+language), quoted(t.env.HookURL(pathRecording)+"?"+about.Encode()+overrides()))
	if v.Transcribe {
		record += ` transcribe="true" transcribeCallback=` + quoted(t.env.HookURL(pathTranscript)+"?"+about.Encode()+overrides())
	}
	return say(w, greeting) + say(w, w.Notice) + twiml(record+"/>") + "<Hangup/>", nil
}

// callFields are what the webhooks about a recording lack of its call, and how we call it in their URLs.
func callFields() map[string]string {
	return map[string]string{"From": "from", "To": "to", "StirVerstat": "verstat", "CallerName": "name"}
}

// endVoice thanks a caller who has left a message.
func (t *Twilio) endVoice(_ context.Context, e event) (twiml, error) {
	languages, _ := spoken()
	w, ok := languages[e.query.Get("language")]
	if !ok {
		w = languages[t.cfg.Voice.Languages[0]]
	}
	return say(w, w.Thanks) + "<Hangup/>", nil
}

func say(w words, text string) twiml {
	return twiml(`<Say language="` + w.Say + `">` + escaped(text) + "</Say>")
}

func quoted(s string) string { return `"` + escaped(s) + `"` }

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
