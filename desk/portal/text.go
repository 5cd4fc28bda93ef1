package portal

import (
	"fmt"
	"time"
)

// words is what the pages say, in one language.
type words struct {
	Lang, Language string

	Conversation, You, Us, Older, Refresh   string
	Pending, Away, Sent, Write, Text, Send  string
	New                                     string // a message has come
	NotSent, ProblemTitle, Nothing, Problem string
	Erased                                  string
	Read                                    string // one of us had it on screen
	Save, SaveText, SavedAt                 string // the transcript; when it was made, with one %s

	TextMissing, TooMany, NotNow, Unreadable, NoFiles, FilesAgain string
	TooLong, TooManyFiles                                         string // with one %d
	TooLarge                                                      string // with one %s, a size
	Files, Optional                                               string
	FilesHint                                                     string // with one %d and one %s, a size
	Clock                                                         string // with one %s, a time zone

	Rate, RateGood, RateBad, NotRatable string
	Rated                               map[Rating]string
	States                              map[State]string
	Promise, LatePromise                string // with one %s, a time such as Today
	NextTurn, OneBefore                 string
	ManyBefore                          string // with one %d
	Today, Tomorrow, Yesterday          string // with one %s, a clock
	OnDay                               string // with two %s, a day and a clock

	Months [12]string
}

func english() *words {
	return &words{
		Lang: "en", Language: "English",
		Conversation: "Your conversation", You: "You", Us: "Customer service",
		Older: "Older messages are not shown.", Refresh: "Look for new messages",
		Pending: "We have received your message; it will be visible here shortly.",
		Away:    "We cannot show the conversation at this moment. Please try again in a minute; you can write to us all the same.",
		Sent:    "Your message has been sent. It may take a moment to show here.",
		Write:   "Write back", Text: "Your message", Send: "Send",
		New:     "A new message has come.",
		NotSent: "Your message has not been sent yet", ProblemTitle: "Please check",
		Nothing: "There is nothing here. Is the address complete?", Problem: "Something is wrong",
		Erased: "This conversation is not here any more: it was erased. What you wrote last has not reached us.",
		Read:   "Read", Save: "Save the conversation", SaveText: "Save it as text", SavedAt: "As it stood on %s.",
		TextMissing: "Write your message here.", TooMany: "This was very often in a short time. Please wait a moment and try again.",
		TooLarge: "This is too large: everything together may be at most %s.", NotNow: "This does not work at this moment. Please try again in a few seconds.",
		Unreadable: "We could not read what was sent. Please try again.", NoFiles: "Files cannot be sent here.",
		Files: "Files", Optional: "optional", FilesHint: "At most %d files and %s together.", TooManyFiles: "These are too many files: at most %d.",
		FilesAgain: "Please choose your files again: a browser does not keep them.",
		TooLong:    "This is too long: at most %d characters.", Clock: "The times are those of %s.",
		States: map[State]string{
			Received: "We have your message.", Looking: "Somebody is looking at your message now.",
			Answered: "We have answered. If anything is left, write back below.", Closed: "This is finished for us. If it is not for you, write back below.",
		},
		Rate: "Did we help you?", RateGood: "Yes", RateBad: "No", NotRatable: "This can't be said now: it was said before, or your matter is open again.",
		Rated:    map[Rating]string{Good: "You said that we helped you. Thank you!", Bad: "You said that we did not help you. Thank you for telling us; if you write back below, somebody looks at it again."},
		NextTurn: "It is your turn next.", OneBefore: "One is before you.", ManyBefore: "%d are before you.",
		Promise: "We answer %s at the latest.", LatePromise: "We had promised an answer %s and are late: we are sorry. It has not been forgotten.",
		Today: "today at %s", Tomorrow: "tomorrow at %s", Yesterday: "yesterday at %s", OnDay: "on %s at %s",
		Months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	}
}

func dutch() *words {
	return &words{
		Lang: "nl", Language: "Nederlands",
		Conversation: "Uw gesprek", You: "U", Us: "Klantenservice",
		Older: "Oudere berichten staan hier niet.", Refresh: "Kijk of er nieuwe berichten zijn",
		Pending: "We hebben uw bericht ontvangen; het is hier straks te zien.",
		Away:    "We kunnen het gesprek op dit moment niet tonen. Probeer het over een minuut opnieuw; u kunt ons wel schrijven.",
		Sent:    "Uw bericht is verstuurd. Het kan even duren tot het hier staat.",
		Write:   "Schrijf terug", Text: "Uw bericht", Send: "Versturen",
		New:     "Er is een nieuw bericht.",
		NotSent: "Uw bericht is nog niet verstuurd", ProblemTitle: "Kijk het na",
		Nothing: "Hier is niets. Is het adres volledig?", Problem: "Er klopt iets niet",
		Erased: "Dit gesprek is er niet meer: het is gewist. Wat u het laatst schreef heeft ons niet bereikt.",
		Read:   "Gelezen", Save: "Bewaar het gesprek", SaveText: "Bewaar het als tekst", SavedAt: "Zoals het er op %s stond.",
		TextMissing: "Schrijf hier uw bericht.", TooMany: "Dit was wel heel vaak in korte tijd. Wacht even en probeer het opnieuw.",
		TooLarge: "Dit is te groot: alles samen mag hoogstens %s zijn.", NotNow: "Dit lukt op dit moment niet. Probeer het over een paar tellen opnieuw.",
		Unreadable: "We konden niet lezen wat er verstuurd werd. Probeer het opnieuw.", NoFiles: "Bestanden kunnen hier niet verstuurd worden.",
		Files: "Bestanden", Optional: "niet verplicht", FilesHint: "Hoogstens %d bestanden en samen %s.", TooManyFiles: "Dit zijn te veel bestanden: hoogstens %d.",
		FilesAgain: "Kies uw bestanden opnieuw: een browser bewaart ze niet.",
		TooLong:    "Dit is te lang: hoogstens %d tekens.", Clock: "De tijden zijn die van %s.",
		States: map[State]string{
			Received: "We hebben uw bericht.", Looking: "Iemand bekijkt nu uw bericht.",
			Answered: "We hebben geantwoord. Is er nog iets? Schrijf dan hieronder terug.", Closed: "Voor ons is dit afgerond. Voor u niet? Schrijf dan hieronder terug.",
		},
		Rate: "Hebben we u geholpen?", RateGood: "Ja", RateBad: "Nee", NotRatable: "Dit kan nu niet: u zei het al eerder, of uw zaak is weer open.",
		Rated:    map[Rating]string{Good: "U zei dat we u geholpen hebben. Dank u wel!", Bad: "U zei dat we u niet geholpen hebben. Dank u dat u het zegt; schrijft u hieronder terug, dan kijkt iemand er opnieuw naar."},
		NextTurn: "U bent zo aan de beurt.", OneBefore: "Er is één wachtende voor u.", ManyBefore: "Er zijn %d wachtenden voor u.",
		Promise: "We antwoorden uiterlijk %s.", LatePromise: "We hadden een antwoord beloofd uiterlijk %s en zijn te laat: het spijt ons. Het is niet vergeten.",
		Today: "vandaag om %s", Tomorrow: "morgen om %s", Yesterday: "gisteren om %s", OnDay: "op %s om %s",
		Months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
	}
}

func (w *words) tooManyFiles(most int64) string {
	if most == 0 {
		return w.NoFiles
	}
	return fmt.Sprintf(w.TooManyFiles, most)
}

// when is an instant as people read it.
func (w *words) when(t time.Time) string {
	return fmt.Sprintf("%d %s %d, %02d:%02d", t.Day(), w.Months[t.Month()-1], t.Year(), t.Hour(), t.Minute())
}
