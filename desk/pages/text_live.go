package pages

import "strings"

// liveWords are what the pages say of what happens while somebody looks.
type liveWords struct {
	NotLive                string // with one %s, a time
	SignInOver, NotSaved   string
	OneChange, ManyChanges string // the latter with one %d
	Looks, Writes          string // with one %s, a name
	CustomerWrites         string
	Keys, Palette          string
	CalledBy               map[string]string // why somebody is called
	KeyList                string            // a key, two spaces and what it does, one a line
}

func liveEnglish() liveWords {
	return liveWords{
		NotLive: "No connection since %s. What you see may be old.", SignInOver: "You are not signed in any more. What you wrote stays.", NotSaved: "Nothing was sent: loket does not answer. What you wrote stays here; try again.",
		OneChange: "1 change", ManyChanges: "%d changes",
		Looks: "%s looks along", Writes: "%s is writing", CustomerWrites: "the customer is writing",
		CalledBy: map[string]string{calledByName: "You are named in a note", calledByAnswer: "A customer wrote in a task of yours", calledByTask: "A task came in"},
		Keys:     "Keys", Palette: "Find what to do, or a task", KeyList: `
j k  next and previous row
o Enter  open the row
n  take next
r  answer
m  note
w  let it wait
x  transfer
.  show the changes that wait
z  take back the answer that goes out
g d  to the desk
g f  to the figures
g o  to operations
g m  to myself
/  search
Ctrl+K  find what to do
Ctrl+Enter  send
Ctrl+Shift+Enter  send and close
Esc  leave the field
?  these keys`,
	}
}

func liveDutch() liveWords {
	return liveWords{
		NotLive: "Geen verbinding sinds %s. Wat u ziet kan verouderd zijn.", SignInOver: "U bent niet meer aangemeld. Wat u schreef blijft staan.", NotSaved: "Er is niets verstuurd: loket antwoordt niet. Wat u schreef staat hier nog; probeer het opnieuw.",
		OneChange: "1 wijziging", ManyChanges: "%d wijzigingen",
		Looks: "%s kijkt mee", Writes: "%s schrijft", CustomerWrites: "de klant schrijft",
		CalledBy: map[string]string{calledByName: "U wordt in een notitie genoemd", calledByAnswer: "Een klant schreef in een taak van u", calledByTask: "Er kwam een taak binnen"},
		Keys:     "Toetsen", Palette: "Zoek wat u wilt doen, of een taak", KeyList: `
j k  volgende en vorige rij
o Enter  de rij openen
n  volgende oppakken
r  antwoorden
m  notitie
w  laten rusten
x  doorzetten
.  de wachtende wijzigingen tonen
z  het antwoord terughalen dat zo weggaat
g d  naar de balie
g f  naar de cijfers
g o  naar het beheer
g m  naar mijzelf
/  zoeken
Ctrl+K  zoeken wat u wilt doen
Ctrl+Enter  versturen
Ctrl+Shift+Enter  versturen en afronden
Esc  het veld verlaten
?  deze toetsen`,
	}
}

// alsoThere adds to who is there one more.
func (w *liveWords) alsoThere(have, person string, writes bool) string {
	word := w.Looks
	if writes {
		word = w.Writes
	}
	if person == "" {
		word = w.CustomerWrites
	}
	if have != "" {
		have += ", "
	}
	return have + strings.Replace(word, "%s", person, 1)
}
