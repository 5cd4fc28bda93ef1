package pages

import (
	"fmt"

	"loket/desk"
)

// operateWords are what the pages of those who run loket say.
type operateWords struct {
	Operations, Overview, Quarantine, InDoubt, Rules, TryMessage, Doctor, Configuration string

	// How it stands.
	Store, StoreAway, StoreRefuses, StoreForgets, StoreWorks, Journal, Spool, SpoolUnread, Caught, Oldest, Connectors, Connector, ConnectorType, StateNow,
	LastMessage, Lag, NoneYet, Outgoing, AnswersWait, SaidLast, InQueue, Overdue, BeingAnswered, Resting, Unattended, RunsSince string

	// Quarantine.
	QuarantineHint, NothingAside, Tries, GoesBy, AsideSince, TryAgain, Original, Drop, DropAsk, DropNow, LeaveIt string

	// Answers that did not arrive, or may not have.
	InDoubtHint, AllArrived, MaybeArrived, DidNotArrive, BeingAsked, WhatItSays, LookAgain, SendAgain, ItArrived, ItDidNot, AnswerAnew, ThereIsMore string

	// Rules, and trying a message.
	RulesHint, Rule, When, FirstReply, Hits, NoRuleHolds, KeptFor, WouldGo, RulesTried, Holds, Because, Yes, No, TryHint, MailFile, ChannelWord, Sender, TextWord, RouteIt string

	DoctorHint, AllHolds, LookNow, ConfigurationHint string

	ConnectorState, OperateDone map[string]string
}

func englishOperate() operateWords {
	return operateWords{
		Operations: "Operations", Overview: "Overview", Quarantine: "Quarantine", InDoubt: "Not arrived", Rules: "Rules", TryMessage: "Try a message", Doctor: "Doctor", Configuration: "Configuration",
		Store: "Store", StoreAway: "The store does not answer: only the spool could be counted. Messages are accepted into the spool; nobody can work on tasks.", StoreRefuses: "refuses to write: %s",
		StoreForgets: "keeps nothing over a restart", StoreWorks: "works",
		Journal: "On its way in", Spool: "Spool", SpoolUnread: "cannot be read", Caught: "caught by a honeypot", Oldest: "oldest", Connectors: "Connectors", Connector: "Connector", ConnectorType: "Type", StateNow: "State",
		LastMessage: "Last message", Lag: "Lag", NoneYet: "none since loket started", Outgoing: "Answers that wait to go out", AnswersWait: "Wait", SaidLast: "What the channel said last", InQueue: "In the queue", Overdue: "Overdue",
		BeingAnswered: "Being answered", Resting: "Waiting", Unattended: "A machine wrote", RunsSince: "runs since",
		QuarantineHint: "Messages that could not be brought into a task. They stay until somebody decides.", NothingAside: "Nothing was set aside.", Tries: "tries", GoesBy: "goes by itself", AsideSince: "set aside", TryAgain: "Try again", Original: "The original",
		Drop: "Drop…", DropAsk: "Drop this message and its files for good? Whoever sent it is not told.", DropNow: "Drop it for good", LeaveIt: "Leave it here",
		InDoubtHint: "Answers that did not arrive, or of which nobody knows. Each stays here until somebody answers anew, sends it again, or says what became of it.", AllArrived: "Nothing is in doubt, and nothing failed.",
		MaybeArrived: "in doubt whether it arrived", DidNotArrive: "did not arrive", BeingAsked: "the channel is being asked", WhatItSays: "What it says", LookAgain: "Look again", SendAgain: "Send again", ItArrived: "It arrived", ItDidNot: "It did not",
		AnswerAnew: "Open the task and answer anew.", ThereIsMore: "There are more; these are the oldest.",
		RulesHint: "In this order: the first one that holds decides. They stand in the configuration file.", Rule: "rule", When: "When", FirstReply: "First answer within", Hits: "Messages, 7 days", NoRuleHolds: "no rule holds", KeptFor: "kept for",
		WouldGo: "It would go to", RulesTried: "The rules that were tried", Holds: "Holds", Because: "Because", Yes: "yes", No: "no", TryHint: "Choose a mail as a file, or type what a message would be. Nothing is stored and nobody is told.", MailFile: "A mail (.eml)",
		ChannelWord: "Channel", Sender: "Sender", TextWord: "Text", RouteIt: "Try it",
		DoctorHint: "Reads the whole store and checks what must always hold. That may take minutes.", AllHolds: "Every invariant holds.", LookNow: "Look now", ConfigurationHint: "As it holds now, with what was left out filled in. Secrets are shown as ***, also those that are not set.",
		ConnectorState: map[string]string{"running": "running", "in trouble": "in trouble", "elsewhere": "in another process", "stopped": "stopped"},
		OperateDone: map[string]string{
			"retried": "It is on its way again.", "dropped": "Dropped.", "asked": "The channel is being asked.", "again": "It is being sent again.", "arrived": "Noted: it arrived.",
			"lost": "Noted: it did not arrive.",
		},
	}
}

func dutchOperate() operateWords {
	return operateWords{
		Operations: "Beheer", Overview: "Overzicht", Quarantine: "Quarantaine", InDoubt: "Niet aangekomen", Rules: "Regels", TryMessage: "Bericht proberen", Doctor: "Controle", Configuration: "Configuratie",
		Store: "Opslag", StoreAway: "De opslag antwoordt niet: alleen de wachtmap kon worden geteld. Berichten komen in de wachtmap; niemand kan aan taken werken.", StoreRefuses: "weigert te schrijven: %s",
		StoreForgets: "bewaart niets na een herstart", StoreWorks: "werkt",
		Journal: "Onderweg naar binnen", Spool: "Wachtmap", SpoolUnread: "niet te lezen", Caught: "gevangen door een lokveld", Oldest: "oudste", Connectors: "Koppelingen", Connector: "Koppeling", ConnectorType: "Soort", StateNow: "Toestand",
		LastMessage: "Laatste bericht", Lag: "Vertraging", NoneYet: "geen sinds loket startte", Outgoing: "Antwoorden die wachten op versturen", AnswersWait: "Wachten", SaidLast: "Wat het kanaal het laatst zei", InQueue: "In de wachtrij", Overdue: "Te laat",
		BeingAnswered: "Wordt beantwoord", Resting: "Rust", Unattended: "Machine schreef", RunsSince: "draait sinds",
		QuarantineHint: "Berichten die niet in een taak konden komen. Ze blijven hier tot iemand beslist.", NothingAside: "Er is niets apart gezet.", Tries: "pogingen", GoesBy: "verdwijnt vanzelf", AsideSince: "apart gezet", TryAgain: "Opnieuw proberen", Original: "Het origineel",
		Drop: "Weggooien…", DropAsk: "Dit bericht en zijn bestanden voorgoed weggooien? Wie het stuurde hoort daar niets van.", DropNow: "Voorgoed weggooien", LeaveIt: "Hier laten",
		InDoubtHint: "Antwoorden die niet aankwamen, of waarvan niemand het weet. Elk blijft hier tot iemand opnieuw antwoordt, het nog eens verstuurt, of zegt wat ervan werd.", AllArrived: "Niets is onzeker en niets is mislukt.",
		MaybeArrived: "onzeker of het is aangekomen", DidNotArrive: "niet aangekomen", BeingAsked: "het wordt het kanaal gevraagd", WhatItSays: "Wat erin staat", LookAgain: "Nog eens kijken", SendAgain: "Nog eens versturen", ItArrived: "Het is aangekomen", ItDidNot: "Het is niet aangekomen",
		AnswerAnew: "Open de taak en antwoord opnieuw.", ThereIsMore: "Er zijn er meer; dit zijn de oudste.",
		RulesHint: "In deze volgorde: de eerste die geldt beslist. Ze staan in het configuratiebestand.", Rule: "regel", When: "Wanneer", FirstReply: "Eerste antwoord binnen", Hits: "Berichten, 7 dagen", NoRuleHolds: "geen regel geldt", KeptFor: "bewaard voor",
		WouldGo: "Het zou gaan naar", RulesTried: "De regels die geprobeerd werden", Holds: "Geldt", Because: "Omdat", Yes: "ja", No: "nee", TryHint: "Kies een mail als bestand, of typ wat een bericht zou zijn. Er wordt niets bewaard en niemand hoort ervan.", MailFile: "Een mail (.eml)",
		ChannelWord: "Kanaal", Sender: "Afzender", TextWord: "Tekst", RouteIt: "Proberen",
		DoctorHint: "Leest de hele opslag en controleert wat altijd moet kloppen. Dat kan minuten duren.", AllHolds: "Alles klopt.", LookNow: "Nu kijken", ConfigurationHint: "Zoals die nu geldt, met ingevuld wat was weggelaten. Geheimen staan er als ***, ook die niet gezet zijn.",
		ConnectorState: map[string]string{"running": "draait", "in trouble": "in moeilijkheden", "elsewhere": "in een ander proces", "stopped": "gestopt"},
		OperateDone: map[string]string{
			"retried": "Het is weer onderweg.", "dropped": "Weggegooid.", "asked": "Het wordt het kanaal gevraagd.", "again": "Het wordt nog eens verstuurd.", "arrived": "Genoteerd: het is aangekomen.",
			"lost": "Genoteerd: het is niet aangekomen.",
		},
	}
}

// storeState says in words how the store does, and whether that is bad.
func (w *words) storeState(s desk.StoreStatus) (string, bool) {
	switch {
	case s.Trouble != "" && !s.Writable:
		return s.Kind + " " + fmt.Sprintf(w.StoreRefuses, s.Trouble), true
	case !s.Durable:
		return s.Kind + " " + w.StoreForgets, true
	}
	return s.Kind + " " + w.StoreWorks, false
}
