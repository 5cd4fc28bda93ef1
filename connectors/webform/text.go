package webform

import "loket/connectors/notify"

// words is what the form says, in one language.
type words struct {
	Lang, Language string

	Title, Intro                            string
	Name, Email, Phone, CustomerNo, Subject string
	Text, Files, FilesHint, Optional        string
	Trap, Send                              string
	OtherLanguage                           string

	Problems, ProblemTitle, FilesAgain                 string
	DoneTitle, DoneText, Receipt, ThreadLink, ThreadIs string

	TextMissing, EmailWrong, CustomerNoWrong       string
	TooFast, TooMany, TooLarge, NotNow, Unreadable string
	TooLong, TooManyFiles                          string // with one %d

	Us, NotifySubject   string
	Notify, NotifyShort string // with two %s: who we are, and the address of the page
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

// told is what customers are told who left an address.
func told(language string) notify.Words {
	w := wordsIn(language)
	return notify.Words{Us: w.Us, Subject: w.NotifySubject, Link: w.Notify, LinkShort: w.NotifyShort}
}

func english() *words {
	return &words{
		Lang: "en", Language: "English",
		Us: "Customer service", NotifySubject: "You have an answer",
		Notify:      "%s has answered you. You can read it here, and write back:\n\n%s\n\nYou get this because this address was given in our form. If that was not you, there is nothing to do.",
		NotifyShort: "%s: you have an answer. %s",
		Title:       "Send us a message", Intro: "We answer on a page of your own; you get the link when you have sent your message.",
		Name: "Your name", Email: "E-mail address", Phone: "Telephone number", CustomerNo: "Customer number",
		Subject: "Subject", Text: "Your message", Files: "Files", FilesHint: "At most %d files and %s together.", Optional: "optional",
		Trap: "Leave this field empty", Send: "Send", OtherLanguage: "Language",
		Problems: "Your message has not been sent yet", ProblemTitle: "Please check",
		FilesAgain: "Please choose your files again: a browser does not keep them.",
		DoneTitle:  "Thank you, we have your message", DoneText: "We will answer you as soon as we can.",
		Receipt: "Your receipt", ThreadLink: "Go to your conversation",
		ThreadIs:    "There you read our answer and can write more. Keep the link: whoever has it can read the conversation.",
		TextMissing: "Write your message here.", EmailWrong: "This is not a complete e-mail address, such as name@example.org.",
		TooLong: "This is too long: at most %d characters.", CustomerNoWrong: "This is not a customer number.",
		TooManyFiles: "These are too many files: at most %d.", TooFast: "That was very quick. Please look at your message once more and send it again.",
		TooMany: "Too many messages came from your address. Please wait a moment and send it again.", TooLarge: "This is too large: everything together may be at most %s.",
		NotNow: "We cannot take your message at this moment. Please send it again in a few seconds.", Unreadable: "We could not read what was sent. Please try again.",
	}
}

func dutch() *words {
	return &words{
		Lang: "nl", Language: "Nederlands",
		Us: "Klantenservice", NotifySubject: "U hebt een antwoord",
		Notify:      "%s heeft u geantwoord. U leest het hier, en kunt er terugschrijven:\n\n%s\n\nU krijgt dit bericht omdat dit adres in ons formulier is ingevuld. Was u dat niet? Dan hoeft u niets te doen.",
		NotifyShort: "%s: u hebt een antwoord. %s",
		Title:       "Stuur ons een bericht", Intro: "We antwoorden op een eigen pagina; na het versturen krijgt u de link.",
		Name: "Uw naam", Email: "E-mailadres", Phone: "Telefoonnummer", CustomerNo: "Klantnummer",
		Subject: "Onderwerp", Text: "Uw bericht", Files: "Bestanden", FilesHint: "Hoogstens %d bestanden en samen %s.", Optional: "niet verplicht",
		Trap: "Laat dit veld leeg", Send: "Versturen", OtherLanguage: "Taal",
		Problems: "Uw bericht is nog niet verstuurd", ProblemTitle: "Kijk het na",
		FilesAgain: "Kies uw bestanden opnieuw: een browser bewaart ze niet.",
		DoneTitle:  "Dank u, we hebben uw bericht", DoneText: "We antwoorden zo snel als we kunnen.",
		Receipt: "Uw ontvangstbewijs", ThreadLink: "Naar uw gesprek",
		ThreadIs:    "Daar leest u ons antwoord en kunt u meer schrijven. Bewaar de link: wie hem heeft, kan het gesprek lezen.",
		TextMissing: "Schrijf hier uw bericht.", EmailWrong: "Dit is geen volledig e-mailadres, zoals naam@example.org.",
		TooLong: "Dit is te lang: hoogstens %d tekens.", CustomerNoWrong: "Dit is geen klantnummer.",
		TooManyFiles: "Dit zijn te veel bestanden: hoogstens %d.", TooFast: "Dat ging erg snel. Kijk uw bericht nog eens na en verstuur het opnieuw.",
		TooMany: "Er kwamen te veel berichten van uw adres. Wacht even en verstuur het opnieuw.", TooLarge: "Dit is te groot: alles samen mag hoogstens %s zijn.",
		NotNow: "We kunnen uw bericht op dit moment niet aannemen. Verstuur het over een paar tellen opnieuw.", Unreadable: "We konden niet lezen wat er verstuurd werd. Probeer het opnieuw.",
	}
}
