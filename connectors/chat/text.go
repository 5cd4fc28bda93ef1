package chat

import (
	"fmt"
	"net/http"
	"time"

	"loket/connectors/notify"
)

// words is what the chat says, in one language.
type words struct {
	Lang string

	Title, Greeting, Said   string
	Text, Send, Close       string
	Whole, Forget           string
	Sending, Offline        string
	NotSent, Later, TooLong string
	SignedIn                string // with one %s, a name
	Save, SaveText          string // the transcript
	Mail, Mailed            string // with one %s, an address
	Transcript              string // the subject of the mail
	Over                    string // the conversation was erased

	Closed, OnDay    string // with one %s: when we open; with two %s: a day and a clock
	Days             [7]string
	Months           [12]string
	Files, FilesGone string
	Types            string // one of us is writing

	Leave, LeaveHint, LeaveTold    string
	Name, Email, Phone, Keep, Kept string
	AddressIs                      string // with one %s
	Us, Subject, Link, LinkShort   string // see notify.Words
	Answer                         string
}

// told is what visitors are told elsewhere.
func told(language string) notify.Words {
	w := wordsIn(language)
	return notify.Words{Us: w.Us, Subject: w.Subject, Link: w.Link, LinkShort: w.LinkShort, Answer: w.Answer}
}

// spoken lists the languages there are words for.
func spoken() []string { return []string{"nl", "en"} }

// wordsIn gives the words of a language of spoken.
func wordsIn(language string) *words {
	if language == "nl" {
		return dutch()
	}
	return english()
}

// problem tells a visitor why a message was not taken.
func (w *words) problem(status int) string {
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return w.Later
	case http.StatusRequestEntityTooLarge:
		return w.TooLong
	}
	return w.NotSent
}

// closed says until when nobody is there.
func (w *words) closed(opens, now time.Time) string {
	day := w.Days[opens.Weekday()]
	if opens.Sub(now) > 6*24*time.Hour {
		day = fmt.Sprintf("%d %s", opens.Day(), w.Months[opens.Month()-1])
	}
	return fmt.Sprintf(w.Closed, fmt.Sprintf(w.OnDay, day, opens.Format("15:04")))
}

func english() *words {
	return &words{
		Lang: "en", Title: "Chat with us", Greeting: "How can we help you?", Said: "The conversation",
		Text: "Your message", Send: "Send", Close: "Close the chat",
		Whole: "Continue on another device", Forget: "End the chat on this device",
		Sending: "is being sent …", Offline: "There is no connection at this moment. What you write is kept and sent as soon as there is one.",
		NotSent: "This could not be sent.", Later: "This does not work at this moment. Please try again in a moment.", TooLong: "This is too long.",
		SignedIn: "You are signed in as %s.", Save: "Save the conversation", SaveText: "Save it as text",
		Mail: "Send it to %s", Mailed: "It has been sent to %s.", Transcript: "Your conversation in the chat",
		Over:   "The conversation that was here has been erased. What you write now begins a new one.",
		Closed: "We are closed until %s. Write to us all the same, and leave your address: we answer then.", OnDay: "%s at %s",
		Days:   [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		Months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		Files:  "Add files", FilesGone: "Please choose your files again: a browser does not keep them.", Types: "Somebody is writing to you …",
		Leave: "Leave your address", LeaveHint: "So that we can reach you when you are not here any more.",
		LeaveTold: "When you have left before we answer, you get a message there.",
		Name:      "Your name", Email: "E-mail address", Phone: "Telephone number", Keep: "Save", Kept: "Saved.",
		AddressIs: "You can reach me at %s.",
		Us:        "Customer service", Subject: "You have an answer in the chat",
		Link:      "%s has answered you in the chat. You can read it here, and write back:\n\n%s\n\nYou get this because this address was given in our chat. If that was not you, there is nothing to do.",
		LinkShort: "%s: you have an answer in the chat. %s",
		Answer:    "%s answered in the chat, when you were not there any more:\n\n%s\n\nAnswer this message, or go on in the chat:\n\n%s",
	}
}

func dutch() *words {
	return &words{
		Lang: "nl", Title: "Chat met ons", Greeting: "Waarmee kunnen we u helpen?", Said: "Het gesprek",
		Text: "Uw bericht", Send: "Versturen", Close: "Sluit de chat",
		Whole: "Ga verder op een ander apparaat", Forget: "Beëindig de chat op dit apparaat",
		Sending: "wordt verstuurd …", Offline: "Er is op dit moment geen verbinding. Wat u schrijft blijft bewaard en wordt verstuurd zodra het kan.",
		NotSent: "Dit kon niet verstuurd worden.", Later: "Dit lukt op dit moment niet. Probeer het zo opnieuw.", TooLong: "Dit is te lang.",
		SignedIn: "U bent ingelogd als %s.", Save: "Bewaar het gesprek", SaveText: "Bewaar het als tekst",
		Mail: "Stuur het naar %s", Mailed: "Het is verstuurd naar %s.", Transcript: "Uw gesprek in de chat",
		Over:   "Het gesprek dat hier stond is gewist. Met wat u nu schrijft begint een nieuw gesprek.",
		Closed: "We zijn gesloten tot %s. Schrijf ons toch, en laat uw adres achter: dan antwoorden we.", OnDay: "%s om %s",
		Days:   [7]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"},
		Months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
		Files:  "Voeg bestanden toe", FilesGone: "Kies uw bestanden opnieuw: een browser bewaart ze niet.", Types: "Iemand schrijft u …",
		Leave: "Laat uw adres achter", LeaveHint: "Zodat we u kunnen bereiken als u hier niet meer bent.",
		LeaveTold: "Bent u al weg als we antwoorden? Dan krijgt u daar bericht.",
		Name:      "Uw naam", Email: "E-mailadres", Phone: "Telefoonnummer", Keep: "Bewaren", Kept: "Bewaard.",
		AddressIs: "U kunt mij bereiken op %s.",
		Us:        "Klantenservice", Subject: "U hebt een antwoord in de chat",
		Link:      "%s heeft u geantwoord in de chat. U leest het hier, en kunt er terugschrijven:\n\n%s\n\nU krijgt dit bericht omdat dit adres in onze chat is ingevuld. Was u dat niet? Dan hoeft u niets te doen.",
		LinkShort: "%s: u hebt een antwoord in de chat. %s",
		Answer:    "%s antwoordde in de chat, toen u er niet meer was:\n\n%s\n\nAntwoord op dit bericht, of ga verder in de chat:\n\n%s",
	}
}
