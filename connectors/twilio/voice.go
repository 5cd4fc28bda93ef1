package twilio

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"loket/connectors/hook"
)

// words are what callers hear in one language.
type words struct {
	say      string // Twilio's name of the language
	greeting string
	closed   string
	notice   string // that what they say is recorded; always said
	thanks   string
}

// spoken gives the words of a language. The bool is false for those that we do not speak.
func spoken(language string) (words, bool) {
	w, ok := map[string]words{
		"nl": {
			"nl-NL", "Welkom. Er is nu niemand vrij om op te nemen.", "Welkom. Wij zijn nu gesloten.",
			"Spreek na de toon uw bericht in. Het wordt opgenomen, zodat wij u kunnen antwoorden. Sluit af met een hekje, of hang op.",
			"Dank u wel. Wij nemen contact met u op.",
		},
		"en": {
			"en-GB", "Welcome. Nobody is free to take your call.", "Welcome. We are closed now.",
			"Please leave a message after the tone. It is recorded, so that we can answer you. End with the hash key, or hang up.",
			"Thank you. We will be in touch.",
		},
		"de": {
			"de-DE", "Willkommen. Im Moment ist niemand frei.", "Willkommen. Wir haben jetzt geschlossen.",
			"Bitte sprechen Sie nach dem Ton. Ihre Nachricht wird aufgezeichnet, damit wir Ihnen antworten können. Beenden Sie mit der Rautetaste, oder legen Sie auf.",
			"Vielen Dank. Wir melden uns bei Ihnen.",
		},
		"fr": {
			"fr-FR", "Bienvenue. Personne n'est libre pour vous répondre.", "Bienvenue. Nous sommes fermés.",
			"Laissez un message après le bip. Il est enregistré pour que nous puissions vous répondre. Terminez par dièse, ou raccrochez.",
			"Merci. Nous vous recontacterons.",
		},
	}[language]
	return w, ok
}

func spokenLanguages() string { return "nl, en, de, fr" }

// languageOf is the language for a caller: that of his country if it is one of ours, else the first.
func (v Voice) languageOf(number string) string {
	n, err := phonenumbers.Parse(number, "")
	if err == nil {
		for _, l := range languagesOf(phonenumbers.GetRegionCodeForNumber(n)) {
			if slices.Contains(v.Languages, l) {
				return l
			}
		}
	}
	return v.Languages[0]
}

// languagesOf are those of a country that we may speak, the commonest first; English elsewhere.
func languagesOf(region string) []string {
	switch region {
	case "NL", "SR":
		return []string{"nl", "en"}
	case "BE":
		return []string{"nl", "fr", "en"}
	case "DE", "AT", "LI":
		return []string{"de", "en"}
	case "CH":
		return []string{"de", "fr", "en"}
	case "FR", "MC", "SN", "CI":
		return []string{"fr", "en"}
	case "LU":
		return []string{"fr", "de", "en"}
	case "":
		return nil
	}
	return []string{"en"}
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
	w, _ := spoken(language)
	greeting := w.greeting
	if own := v.Greeting[language]; own != "" {
		greeting = own
	}
	if t.env.Open != nil && !t.env.Open(t.now()) {
		greeting = w.closed
		if own := v.Closed[language]; own != "" {
			greeting = own
		}
	}
	about := url.Values{"language": {language}} // comes back under Twilio's signature
	for param, name := range callFields() {
		if value := e.params.Get(param); value != "" {
			about.Set(name, value)
		}
	}
	record := fmt.Sprintf(`<Record maxLength="%d" playBeep="true" finishOnKey="#" timeout="5" trim="trim-silence" action=%s`+
		` recordingStatusCallback=%s recordingStatusCallbackEvent="completed absent"`,
		int(v.MaxLength.Seconds()), quoted(t.base()+pathVoiceEnd+"?language="+language), quoted(t.base()+pathRecording+"?"+about.Encode()+overrides()))
	if v.Transcribe {
		record += ` transcribe="true" transcribeCallback=` + quoted(t.base()+pathTranscript+"?"+about.Encode()+overrides())
	}
	return say(w, greeting) + say(w, w.notice) + twiml(record+"/>") + "<Hangup/>", nil
}

// callFields are what the webhooks about a recording lack of its call, and how we call it in their URLs.
func callFields() map[string]string {
	return map[string]string{"From": "from", "To": "to", "StirVerstat": "verstat", "CallerName": "name"}
}

// endVoice thanks a caller who has left a message.
func (t *Twilio) endVoice(_ context.Context, e event) (twiml, error) {
	w, ok := spoken(e.query.Get("language"))
	if !ok {
		w, _ = spoken(t.cfg.Voice.Languages[0])
	}
	return say(w, w.thanks) + "<Hangup/>", nil
}

func say(w words, text string) twiml {
	return twiml(`<Say language="` + w.say + `">` + escaped(text) + "</Say>")
}

func quoted(s string) string { return `"` + escaped(s) + `"` }

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
