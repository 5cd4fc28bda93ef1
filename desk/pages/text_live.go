package pages

// liveWords are what the pages say of what happens while somebody looks.
type liveWords struct {
	NotLive                string // with one %s, a time
	SignInOver, NotSaved   string
	OneChange, ManyChanges string // the latter with one %d
}

func liveEnglish() liveWords {
	return liveWords{
		NotLive: "No connection since %s. What you see may be old.", SignInOver: "You are not signed in any more. What you wrote stays.", NotSaved: "Nothing was sent: loket does not answer. What you wrote stays here; try again.",
		OneChange: "1 change", ManyChanges: "%d changes",
	}
}

func liveDutch() liveWords {
	return liveWords{
		NotLive: "Geen verbinding sinds %s. Wat u ziet kan verouderd zijn.", SignInOver: "U bent niet meer aangemeld. Wat u schreef blijft staan.", NotSaved: "Er is niets verstuurd: loket antwoordt niet. Wat u schreef staat hier nog; probeer het opnieuw.",
		OneChange: "1 wijziging", ManyChanges: "%d wijzigingen",
	}
}
