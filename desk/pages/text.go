package pages

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// words are what the pages say, in one language.
type words struct {
	Lang, Other, OtherLang string // of the language, and the one to change to

	// The frame.
	Desk, Customers, Search, SearchHint, SignOut, SkipToReply, Problem string

	// Signing in.
	SignIn, Name, Password, NewPassword, Begin, BeginFirst, BeginHint, PasswordHint, WrongPassword, BadPassword, BadName, LinkUsed string

	// The list.
	TakeNext, Queue, Empty, Late, More, Due, Team, Unknown, NoSubject, HeldBy, You, Colleague string

	// A task.
	Us, Note, NoteFor, NoteLabel, Reply, ReplyTo, ReplyBy, AlsoReads, CopyToAll, Text, Files, Send, SendAndClose, Outcome, OutcomeHint, Claim, Return, Transfer,
	TransferTo, TransferNote, Wait, WaitUntil, WaitHint, Close, Reopen, AnswerBy, HeldUntil, Public, Automatic, Quoted, To, Drafts, SendAnyway, NotSaid, WaitsUntil, ClosedAt, NotDone, Subject string

	// A customer.
	WhoWrote, ShownIn, MayBe, Earlier, AllOfTheirs, KnownBy, Since, Claims, NoTasks, Contested, HeldContested, HeldShared, HeldRetired, Signs, Identifier, HowSure string

	// Search.
	Tasks, NothingFound, Partial string

	// What went wrong.
	WrongHost, NotSecure, WrongOrigin, Nothing, Inside, Unreadable, TooLarge, Busy, Away, Forbidden, Erased, Unseen, Taken, Closed, Conflict, SignInAgain, TooManyTries string // the last with one %s

	replyWords
	conversationWords
	formattedWords
	cannedWords

	View, State, Priority, Channel, Level, Assurance, Delivery, Kind, Done map[string]string

	liveWords
	operateWords
	beginWords
	selfWords
	actWords
	customerWords
	peopleWords

	AnsweredBy string    // with one %s
	Mistakes   *mistakes // nil where they are told as the desk tells them

	Days   [7]string
	Months [12]string

	figuresWords
}

func english() *words {
	return &words{
		Lang: "en", Other: "Nederlands", OtherLang: "nl", replyWords: englishReply(), formattedWords: englishFormatted(), cannedWords: englishCanned(), liveWords: liveEnglish(), operateWords: englishOperate(), figuresWords: englishFigures(),
		customerWords: englishCustomer(), peopleWords: englishPeople(),
		conversationWords: conversationEnglish(),
		Desk:              "Desk", Customers: "Customers", Search: "Search", SearchHint: "Number, name, address or words", SignOut: "Sign out", SkipToReply: "To the reply box", Problem: "This did not work",
		SignIn: "Sign in", Name: "Name", Password: "Password", NewPassword: "A new password", Begin: "Begin", BeginFirst: "You are the first here. Choose a name and a password; you may do everything, and let others in.",
		BeginHint: "Choose a password for %s.", PasswordHint: "At least 12 characters: some words that only you would put together do well.",
		WrongPassword: "This name and password do not fit.", BadPassword: "Choose another password: at least 12 characters, at most 200, and not your name.", BadName: "The name must be letters, digits and . _ - @ without spaces, at most 60.",
		LinkUsed: "This link was used already, or is older than an hour. Whoever runs loket can give you a new one: loket people link NAME.",
		TakeNext: "Take next", Queue: "Tasks", Empty: "Nothing waits here.", Late: "late", More: "More", Due: "answer by", Team: "Team", Unknown: "Unknown", NoSubject: "(no subject)", HeldBy: "held by", You: "you", Colleague: "colleague",
		Us: "we", Note: "Note", NoteFor: "Colleagues only; the customer never sees this.", NoteLabel: "Note for colleagues", Reply: "Answer", ReplyTo: "To", ReplyBy: "by", AlsoReads: "Also in the conversation, gets no answer:", CopyToAll: "A copy to them too",
		Text: "Your answer", Files: "Files", Send: "Send", SendAndClose: "Send and close", Outcome: "Outcome", OutcomeHint: "such as solved; may be left empty", Claim: "Take this task", Return: "Give back", Transfer: "Transfer", TransferTo: "To team", TransferNote: "Note for them",
		Wait: "Wait", WaitUntil: "Until", WaitHint: "such as 3d, 17:30 or 2026-12-24; empty is until the customer writes", Close: "Close", Reopen: "Open again", AnswerBy: "answer by", HeldUntil: "yours until", Public: "PUBLIC: everybody can read the answer.", Automatic: "sent by a machine",
		Quoted: "Quoted text", To: "to", Drafts: "Answers that were not sent", SendAnyway: "I have read it: send all the same", NotSaid: "Nothing was said yet.", WaitsUntil: "waits until", ClosedAt: "closed", NotDone: "Not done", Subject: "Subject",
		WhoWrote: "The customer", ShownIn: "Wrote as", MayBe: "May be", Earlier: "Earlier", AllOfTheirs: "All that was said with them", KnownBy: "Known by", Since: "since", Claims: "Perhaps theirs: the sender only said so", NoTasks: "No tasks.",
		Contested:     "What the sender shows belongs to several customers: it is not known which of them it is.",
		HeldContested: "others claim it too", HeldShared: "several people use it: it names nobody alone", HeldRetired: "given up", Signs: "Take care", Identifier: "Identifier", HowSure: "How sure",
		Tasks: "Tasks", NothingFound: "Nothing found. Numbers look like T-1042-8; addresses are found whole.", Partial: "There may be more: words were looked for in the newest tasks only.",
		WrongHost:   "The desk is not reached by this name. Whoever runs loket can list it under listen.desk_hosts.",
		NotSecure:   "This address is not secure: anybody on the way could read your session. Open the desk by https, or on the machine itself (a tunnel to http://127.0.0.1 does).",
		WrongOrigin: "This was sent from a page of another site, and was not done.", Nothing: "There is nothing here.", Inside: "Something went wrong inside loket. It is in the log.", Unreadable: "What was sent could not be read. Please try again.",
		TooLarge: "This is too large.", Busy: "Too much is going on at this moment. Please try again in a few seconds.", Away: "loket cannot save or read at this moment. Nothing was changed; please try again. Your browser still has what you wrote: go back.",
		Forbidden: "You may not do or see this.", Erased: "This customer was erased.", Unseen: "The customer wrote again meanwhile. Read it below, then send.", Taken: "Somebody else has this task now. Your text is kept here; nothing was sent.",
		Closed: "The task is closed. Your text is kept here; nothing was sent.", Conflict: "The task changed meanwhile. Look at it and try again.", SignInAgain: "You are not signed in any more, and nothing was done. Sign in in another tab, come back here and send it again: go back, your text is still there.",
		TooManyTries: "Too many wrong passwords. Try again in %s.",
		View:         map[string]string{viewOpen: "Open", viewMine: "Mine", viewWaiting: "Waiting", viewClosed: "Closed"},
		State:        map[string]string{"queued": "in the queue", "claimed": "being answered", "waiting": "waits", "closed": "closed"},
		Priority:     map[string]string{"urgent": "urgent", "high": "high priority", "normal": "normal priority", "low": "low priority"},
		Channel:      map[string]string{"email": "e-mail", "sms": "SMS", "whatsapp": "WhatsApp", "x": "X", "web": "web form", "telegram": "Telegram", "messenger": "Messenger", "instagram": "Instagram", "facebook": "Facebook", "mastodon": "Mastodon", "youtube": "YouTube", "bluesky": "Bluesky", "phone": "phone", "voice": "phone", "letter": "letter", "chat": "chat"},
		Level:        map[string]string{"mentioned": "only mentioned", "claimed": "only said by the sender", "attested": "vouched for by the channel", "proven": "proven", "vouched": "we answer for it", "decided": "decided by a colleague"},
		Assurance: map[string]string{
			"none": "Nobody says who it is.", "mentioned": "%s was only mentioned; nothing supports it.", "claimed": "Says to be %s; nothing supports it.", "attested": "%s, as far as the channel vouches for it.",
			"proven": "%s: shown just now.", "vouched": "%s: we answer for it ourselves.", "decided": "%s: a colleague decided so.",
		},
		Delivery: map[string]string{"queued": "on its way", "sending": "on its way", "doubt": "in doubt whether it arrived", "sent": "sent", "delivered": "delivered", "read": "read", "failed": "Not delivered"},
		Kind:     map[string]string{"email": "e-mail", "phone": "telephone", "wa": "WhatsApp", "cno": "customer number", "crm": "CRM", "xu": "X account", "xh": "X name", "tg": "Telegram", "psid": "Facebook", "igsid": "Instagram", "bsuid": "WhatsApp", "fedi": "fediverse account", "fedi.user": "fediverse name", "yt": "YouTube channel", "did": "Bluesky account", "bsky": "Bluesky name", "sub": "sign-in"},
		Done: map[string]string{
			"claimed": "The task is yours.", "returned": "Given back.", "sent": "Sent.", "sentclosed": "Sent, and closed.", "noted": "Noted.", "kept": "Kept.", "held": "Your answer goes out in a moment.", "undone": "Taken back: it was not sent.", "transferred": "Transferred.", "waiting": "It waits.", "closed": "Closed.", "reopened": "Open again.", "nothing": "Nothing waits here now.",
			"dropped": "Thrown away.", "viewkept": "Kept.", "viewdropped": "Forgotten.",
			"labelled": "Saved.", "merged": "Merged: it goes on here.", "forwarded": "Forwarded.", "resent": "It is sent again.",
			"chosen": "Saved.", "password": "The password is changed; you are signed out everywhere else.", "signedout": "Signed out there.",
		},
		actWords:   actsEnglish(),
		selfWords:  selfEnglish(),
		beginWords: beginEnglish(),
		AnsweredBy: "answered by %s",
		Days:       [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
		Months:     [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"},
	}
}

func dutch() *words {
	return &words{
		Lang: "nl", Other: "English", OtherLang: "en", Mistakes: mistakesDutch(), replyWords: dutchReply(), formattedWords: dutchFormatted(), cannedWords: dutchCanned(), liveWords: liveDutch(), operateWords: dutchOperate(), figuresWords: dutchFigures(),
		customerWords: dutchCustomer(), peopleWords: dutchPeople(),
		conversationWords: conversationDutch(),
		Desk:              "Balie", Customers: "Klanten", Search: "Zoeken", SearchHint: "Nummer, naam, adres of woorden", SignOut: "Afmelden", SkipToReply: "Naar het antwoordvak", Problem: "Dit is niet gelukt",
		SignIn: "Aanmelden", Name: "Naam", Password: "Wachtwoord", NewPassword: "Een nieuw wachtwoord", Begin: "Beginnen", BeginFirst: "U bent hier de eerste. Kies een naam en een wachtwoord; u mag alles, en kunt anderen toelaten.",
		BeginHint: "Kies een wachtwoord voor %s.", PasswordHint: "Minstens 12 tekens: een paar woorden die alleen u zo achter elkaar zet, werken goed.",
		WrongPassword: "Deze naam en dit wachtwoord horen niet bij elkaar.", BadPassword: "Kies een ander wachtwoord: minstens 12 tekens, hoogstens 200, en niet uw naam.", BadName: "De naam mag letters, cijfers en . _ - @ hebben, geen spaties, hoogstens 60.",
		LinkUsed: "Deze link is al gebruikt, of ouder dan een uur. Wie loket beheert kan u een nieuwe geven: loket people link NAAM.",
		TakeNext: "Volgende oppakken", Queue: "Taken", Empty: "Hier wacht niets.", Late: "te laat", More: "Meer", Due: "aan de beurt om", Team: "Team", Unknown: "Onbekend", NoSubject: "(geen onderwerp)", HeldBy: "bij", You: "u", Colleague: "collega",
		Us: "wij", Note: "Notitie", NoteFor: "Alleen voor collega's; de klant ziet dit nooit.", NoteLabel: "Notitie voor collega's", Reply: "Antwoord", ReplyTo: "Aan", ReplyBy: "per", AlsoReads: "Ook in het gesprek, krijgt geen antwoord:", CopyToAll: "Ook een kopie aan hen",
		Text: "Uw antwoord", Files: "Bestanden", Send: "Versturen", SendAndClose: "Versturen en afronden", Outcome: "Uitkomst", OutcomeHint: "zoals opgelost; mag leeg blijven", Claim: "Deze taak oppakken", Return: "Teruggeven", Transfer: "Doorzetten", TransferTo: "Naar team", TransferNote: "Notitie voor hen",
		Wait: "Laten rusten", WaitUntil: "Tot", WaitHint: "zoals 3d, 17:30 of 2026-12-24; leeg is tot de klant schrijft", Close: "Afronden", Reopen: "Weer openen", AnswerBy: "aan de beurt om", HeldUntil: "van u tot", Public: "OPENBAAR: iedereen kan het antwoord lezen.", Automatic: "door een machine verstuurd",
		Quoted: "Geciteerde tekst", To: "aan", Drafts: "Antwoorden die niet verstuurd zijn", SendAnyway: "Ik heb het gelezen: toch versturen", NotSaid: "Er is nog niets gezegd.", WaitsUntil: "rust tot", ClosedAt: "afgerond", NotDone: "Niet gedaan", Subject: "Onderwerp",
		WhoWrote: "De klant", ShownIn: "Schreef als", MayBe: "Misschien", Earlier: "Eerder", AllOfTheirs: "Alles wat met hen besproken is", KnownBy: "Bekend door", Since: "sinds", Claims: "Misschien van hen: de afzender zei het alleen", NoTasks: "Geen taken.",
		Contested:     "Wat de afzender laat zien is van meer klanten: het is niet bekend wie van hen het is.",
		HeldContested: "anderen zeggen ook dat het van hen is", HeldShared: "meer mensen gebruiken het: het noemt niemand alleen", HeldRetired: "opgegeven", Signs: "Let op", Identifier: "Kenmerk", HowSure: "Hoe zeker",
		Tasks: "Taken", NothingFound: "Niets gevonden. Nummers zien eruit als T-1042-8; adressen worden in hun geheel gevonden.", Partial: "Er kan meer zijn: er is alleen in de nieuwste taken naar woorden gezocht.",
		WrongHost:   "De balie is onder deze naam niet te bereiken. Wie loket beheert kan de naam bij listen.desk_hosts zetten.",
		NotSecure:   "Dit adres is niet veilig: iedereen onderweg zou uw sessie kunnen lezen. Open de balie met https, of op de machine zelf (een tunnel naar http://127.0.0.1 werkt ook).",
		WrongOrigin: "Dit kwam van een pagina van een andere site, en is niet gedaan.", Nothing: "Hier is niets.", Inside: "Er ging iets mis in loket. Het staat in het log.", Unreadable: "Wat verstuurd werd was niet te lezen. Probeer het opnieuw.",
		TooLarge: "Dit is te groot.", Busy: "Er gebeurt op dit moment te veel. Probeer het over een paar tellen opnieuw.", Away: "loket kan nu niet opslaan of lezen. Er is niets veranderd; probeer het opnieuw. Uw browser heeft nog wat u schreef: ga terug.",
		Forbidden: "U mag dit niet doen of zien.", Erased: "Deze klant is gewist.", Unseen: "De klant schreef intussen opnieuw. Lees het hieronder en verstuur dan.", Taken: "Iemand anders heeft deze taak nu. Uw tekst staat hier nog; er is niets verstuurd.",
		Closed: "De taak is afgerond. Uw tekst staat hier nog; er is niets verstuurd.", Conflict: "De taak is intussen veranderd. Kijk ernaar en probeer het opnieuw.", SignInAgain: "U bent niet meer aangemeld, en er is niets gedaan. Meld u in een ander tabblad aan, kom hier terug en verstuur het opnieuw: ga terug, uw tekst staat er nog.",
		TooManyTries: "Te veel verkeerde wachtwoorden. Probeer het over %s opnieuw.",
		View:         map[string]string{viewOpen: "Open", viewMine: "Van mij", viewWaiting: "Rustend", viewClosed: "Afgerond"},
		State:        map[string]string{"queued": "in de wachtrij", "claimed": "wordt beantwoord", "waiting": "rust", "closed": "afgerond"},
		Priority:     map[string]string{"urgent": "spoed", "high": "hoge prioriteit", "normal": "gewone prioriteit", "low": "lage prioriteit"},
		Channel:      map[string]string{"email": "e-mail", "sms": "sms", "whatsapp": "WhatsApp", "x": "X", "web": "webformulier", "telegram": "Telegram", "messenger": "Messenger", "instagram": "Instagram", "facebook": "Facebook", "mastodon": "Mastodon", "youtube": "YouTube", "bluesky": "Bluesky", "phone": "telefoon", "voice": "telefoon", "letter": "brief", "chat": "chat"},
		Level:        map[string]string{"mentioned": "alleen genoemd", "claimed": "alleen door de afzender gezegd", "attested": "door het kanaal bevestigd", "proven": "bewezen", "vouched": "wij staan ervoor in", "decided": "door een collega beslist"},
		Assurance: map[string]string{
			"none": "Niemand zegt wie het is.", "mentioned": "%s werd alleen genoemd; niets bevestigt dat.", "claimed": "Zegt %s te zijn; niets bevestigt dat.", "attested": "%s, voor zover het kanaal dat bevestigt.",
			"proven": "%s: zojuist aangetoond.", "vouched": "%s: wij staan er zelf voor in.", "decided": "%s: door een collega beslist.",
		},
		Delivery: map[string]string{"queued": "onderweg", "sending": "onderweg", "doubt": "onzeker of het is aangekomen", "sent": "verstuurd", "delivered": "bezorgd", "read": "gelezen", "failed": "Niet bezorgd"},
		Kind:     map[string]string{"email": "e-mail", "phone": "telefoon", "wa": "WhatsApp", "cno": "klantnummer", "crm": "CRM", "xu": "X-account", "xh": "X-naam", "tg": "Telegram", "psid": "Facebook", "igsid": "Instagram", "bsuid": "WhatsApp", "fedi": "fediverse-account", "fedi.user": "fediverse-naam", "yt": "YouTube-kanaal", "did": "Bluesky-account", "bsky": "Bluesky-naam", "sub": "aanmelding"},
		Done: map[string]string{
			"claimed": "De taak is van u.", "returned": "Teruggegeven.", "sent": "Verstuurd.", "sentclosed": "Verstuurd en afgerond.", "noted": "Genoteerd.", "kept": "Bewaard.", "held": "Uw antwoord gaat zo weg.", "undone": "Teruggenomen: het is niet verstuurd.", "transferred": "Doorgezet.", "waiting": "De taak rust.", "closed": "Afgerond.", "reopened": "Weer open.", "nothing": "Hier wacht nu niets.",
			"dropped": "Weggegooid.", "viewkept": "Bewaard.", "viewdropped": "Vergeten.",
			"labelled": "Bewaard.", "merged": "Samengevoegd: het gaat hier verder.", "forwarded": "Doorgestuurd.", "resent": "Het wordt opnieuw verstuurd.",
			"chosen": "Bewaard.", "password": "Het wachtwoord is veranderd; u bent overal elders afgemeld.", "signedout": "Daar afgemeld.",
		},
		actWords:   actsDutch(),
		selfWords:  selfDutch(),
		beginWords: beginDutch(),
		AnsweredBy: "beantwoord per %s",
		Days:       [7]string{"zo", "ma", "di", "wo", "do", "vr", "za"},
		Months:     [12]string{"jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"},
	}
}

// all are the words of each language, the first for whoever prefers none of them.
var all = map[string]*words{"en": english(), "nl": dutch()}

// wordsFor are the words for a request: as chosen in this browser, else what it prefers.
func (h *Handler) wordsFor(r *http.Request) *words {
	if c, err := r.Cookie(languageCookie); err == nil && all[c.Value] != nil {
		return all[c.Value]
	}
	return all[h.languages.Of(r)]
}

func (w *words) day(t time.Time) string {
	return fmt.Sprintf("%s %d %s", w.Days[t.Weekday()], t.Day(), w.Months[t.Month()-1])
}

// channel is how people call a channel; one that the words do not know stays as it is.
func (w *words) channel(name string) string { return known(w.Channel, name) }

// kind is how people call a kind of identifier.
func (w *words) kind(name string) string { return known(w.Kind, name) }

// Called is an identifier as people call it; that it was only claimed is said beside it.
func (w *words) Called(identifier string) string {
	kind, value, _ := strings.Cut(strings.TrimPrefix(identifier, "~"), ":")
	return w.kind(kind) + " " + value
}

func known(words map[string]string, name string) string {
	if word, ok := words[name]; ok {
		return word
	}
	return name
}

// sure says in a sentence how sure it is who wrote.
func (w *words) sure(assurance, name string) string {
	if name == "" {
		name = w.Unknown
	}
	text, ok := w.Assurance[assurance]
	if !ok {
		return assurance
	}
	if strings.Contains(text, "%s") {
		return fmt.Sprintf(text, name)
	}
	return text
}

func (w *words) answeredBy(way string) string {
	return fmt.Sprintf(w.AnsweredBy, known(w.Channel, way))
}

func (w *words) tooManyTries(wait time.Duration) string {
	return fmt.Sprintf(w.TooManyTries, (wait + time.Second).Truncate(time.Second))
}

// BeginFor asks somebody to choose a password.
func (w *words) BeginFor(name string) string { return fmt.Sprintf(w.BeginHint, name) }
