package pages

// beginWords are those of the page on which a conversation is begun.
type beginWords struct {
	NewConversation, NewFor, NewTo, NewToHint, NewSubject, NewFilesAgain, NewHint string
}

func beginEnglish() beginWords {
	return beginWords{
		NewConversation: "New conversation", NewFor: "Team that answers what comes back", NewTo: "To", NewToHint: "a mail address or a telephone number; for a customer it may be left empty: where they like to be answered",
		NewSubject: "Subject", NewFilesAgain: "Please choose the files again.", NewHint: "The task waits until they answer. Nobody waits for an answer of ours by it.",
	}
}

func beginDutch() beginWords {
	return beginWords{
		NewConversation: "Nieuw gesprek", NewFor: "Team dat antwoordt op wat terugkomt", NewTo: "Aan", NewToHint: "een e-mailadres of telefoonnummer; bij een klant mag het leeg blijven: waar de klant graag antwoord krijgt",
		NewSubject: "Onderwerp", NewFilesAgain: "Kies de bestanden opnieuw.", NewHint: "De taak rust tot er antwoord komt. Niemand wacht daardoor op een antwoord van ons.",
	}
}
