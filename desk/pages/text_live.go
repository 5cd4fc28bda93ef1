package pages

import "strings"

// liveWords are what the pages say of what happens while somebody looks.
type liveWords struct {
	NotLive                string // with one %s, a time
	SignInOver, NotSaved   string
	OneChange, ManyChanges string // the latter with one %d
	Looks, Writes          string // with one %s, a name
}

func liveEnglish() liveWords {
	return liveWords{
		NotLive: "No connection since %s. What you see may be old.", SignInOver: "You are not signed in any more. What you wrote stays.", NotSaved: "Nothing was sent: loket does not answer. What you wrote stays here; try again.",
		OneChange: "1 change", ManyChanges: "%d changes",
		Looks: "%s looks along", Writes: "%s is writing",
	}
}

func liveDutch() liveWords {
	return liveWords{
		NotLive: "Geen verbinding sinds %s. Wat u ziet kan verouderd zijn.", SignInOver: "U bent niet meer aangemeld. Wat u schreef blijft staan.", NotSaved: "Er is niets verstuurd: loket antwoordt niet. Wat u schreef staat hier nog; probeer het opnieuw.",
		OneChange: "1 wijziging", ManyChanges: "%d wijzigingen",
		Looks: "%s kijkt mee", Writes: "%s schrijft",
	}
}

// alsoThere adds to who is there one more.
func (w *liveWords) alsoThere(have, person string, writes bool) string {
	word := w.Looks
	if writes {
		word = w.Writes
	}
	if have != "" {
		have += ", "
	}
	return have + strings.Replace(word, "%s", person, 1)
}
