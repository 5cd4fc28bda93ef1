package pages

import (
	"loket/internal/message"
)

// customerWords are what the pages about a customer say.
type customerWords struct {
	LastSeen, Why, Change, Reason, NotTheirs, SomebodyElse, SeveralUse, OnePersons, GaveUp, AddIdentifier, MayBeSame, CompareWith, Compare, AllChannels, OlderOnes string

	Wishes, Prefers, PrefersNone, For, AtAddress, MayWrite, NotedBy, NoteConsent, PurposeHint, EveryAddress, Allows, Refuses, ChoosePreferred, NoChoice string

	Decided, UndoThis, AreOne, AreNotOne, IsTheOnlyOne, Back, Contradiction, WouldBecome, SeenBoth, JoinThem, JoinHint, ManagersJoin, TooManyJoins, Contradicts string

	Export, Erase, EraseNow, IsErased, IsErasing, WouldGoAway, AndOlder, TypeName, TypeTheName, KeepClaims, ItIsThem string

	LogOp, CustomerDone map[string]string
}

func englishCustomer() customerWords {
	return customerWords{
		LastSeen: "last seen", Why: "Why", Change: "Change", Reason: "Reason", NotTheirs: "Not theirs", SomebodyElse: "It is somebody else's: part them", SeveralUse: "Several people use it", OnePersons: "It is one person's after all",
		GaveUp: "They gave it up", AddIdentifier: "Add an identifier", MayBeSame: "May be the same as", CompareWith: "Name, address or number", Compare: "Compare", AllChannels: "All channels", OlderOnes: "Older",
		Wishes: "What they want", Prefers: "Prefers to be written to at", PrefersNone: "They chose no address: an answer goes where they wrote.", For: "For", AtAddress: "At", MayWrite: "May we write", NotedBy: "Noted by", NoteConsent: "Note consent",
		PurposeHint: "A word of yours, such as newsletter; service is answering.", EveryAddress: "every address", Allows: "They allow it", Refuses: "They refuse it", ChoosePreferred: "Note where they prefer", NoChoice: "no choice",
		Decided: "What was decided", UndoThis: "Undo", AreOne: "These are one customer's:", AreNotOne: "These are not one customer's:", IsTheOnlyOne: "They are known by this alone:", Back: "Back", Contradiction: "This contradicts", WouldBecome: "They would become", SeenBoth: "I have looked at both, and they are one",
		JoinThem: "Join them", JoinHint: "It can be undone: it stands among what was decided.", ManagersJoin: "A manager can join them.", TooManyJoins: "Too much was joined in a short time. It is kept as a suggestion for a manager.",
		Contradicts: "This contradicts what is known. What was said is kept, and is contested until a manager decides.",
		Export:      "Export", Erase: "Erase", EraseNow: "Erase for good", IsErased: "The customer is erased.", IsErasing: "The customer is being erased: something of theirs is on its way just now.",
		WouldGoAway: "Who they are goes, and all that was said with them, their files too, here and in the archive. Their open tasks are closed. Times and counts for figures stay.", AndOlder: "And older ones.", TypeName: "Type this to erase them",
		TypeTheName: "The name is not the one above: nothing was erased.", KeepClaims: "Leave what senders said who only claimed to be them", ItIsThem: "It is them",
		LogOp: map[string]string{
			"register": "registered", "link": "an identifier was added", "unlink": "an identifier is not theirs", "merge": "joined with another", "unmerge": "parted again", "split": "an identifier became another's",
			"share": "several people use an identifier, or not", "block": "an identifier says nothing, or does", "retire": "an identifier was given up", "erase": "erased", "join": "joined by what they showed",
			"conflict": "a contradiction", "create": "first seen", "consent": "consent", "prefer": "preferred address",
		},
		CustomerDone: map[string]string{
			"linked": "Noted: it is theirs.", "changed": "Changed.", "consent": "Noted.", "preferred": "Noted.", "joined": "Joined. Undo stands below, among what was decided.", "parted": "They are two again.",
		},
	}
}

func dutchCustomer() customerWords {
	return customerWords{
		LastSeen: "laatst gezien", Why: "Waarom", Change: "Wijzigen", Reason: "Reden", NotTheirs: "Niet van hen", SomebodyElse: "Het is van iemand anders: scheiden", SeveralUse: "Meer mensen gebruiken het", OnePersons: "Het is toch van één persoon",
		GaveUp: "Ze hebben het opgegeven", AddIdentifier: "Kenmerk toevoegen", MayBeSame: "Misschien dezelfde als", CompareWith: "Naam, adres of nummer", Compare: "Vergelijken", AllChannels: "Alle kanalen", OlderOnes: "Ouder",
		Wishes: "Wat ze willen", Prefers: "Wil het liefst bericht op", PrefersNone: "Ze kozen geen adres: een antwoord gaat naar waar ze schreven.", For: "Voor", AtAddress: "Op", MayWrite: "Mogen we schrijven", NotedBy: "Genoteerd door", NoteConsent: "Toestemming noteren",
		PurposeHint: "Een woord van u, zoals newsletter; service is antwoorden.", EveryAddress: "elk adres", Allows: "Ze staan het toe", Refuses: "Ze weigeren het", ChoosePreferred: "Noteren waar het liefst", NoChoice: "geen keuze",
		Decided: "Wat beslist is", UndoThis: "Ongedaan maken", AreOne: "Deze zijn van één klant:", AreNotOne: "Deze zijn niet van één klant:", IsTheOnlyOne: "Alleen hieraan zijn ze bekend:", Back: "Terug", Contradiction: "Dit spreekt elkaar tegen", WouldBecome: "Ze zouden worden", SeenBoth: "Ik heb beide bekeken, en ze zijn één",
		JoinThem: "Samenvoegen", JoinHint: "Het kan ongedaan worden gemaakt: het staat bij wat beslist is.", ManagersJoin: "Een leidinggevende kan ze samenvoegen.", TooManyJoins: "Er is in korte tijd te veel samengevoegd. Het is bewaard als voorstel voor een leidinggevende.",
		Contradicts: "Dit spreekt tegen wat bekend is. Wat gezegd is, is bewaard, en blijft betwist tot een leidinggevende beslist.",
		Export:      "Exporteren", Erase: "Wissen", EraseNow: "Voorgoed wissen", IsErased: "De klant is gewist.", IsErasing: "De klant wordt gewist: er is net iets van hen onderweg.",
		WouldGoAway: "Wie ze zijn verdwijnt, en alles wat met hen besproken is, ook hun bestanden, hier en in het archief. Hun open taken worden afgerond. Tijden en aantallen voor cijfers blijven.", AndOlder: "En oudere.", TypeName: "Typ dit om hen te wissen",
		TypeTheName: "De naam is niet die hierboven: er is niets gewist.", KeepClaims: "Laat staan wat afzenders zeiden die alleen zeiden hen te zijn", ItIsThem: "Zij zijn het",
		LogOp: map[string]string{
			"register": "ingeschreven", "link": "een kenmerk toegevoegd", "unlink": "een kenmerk is niet van hen", "merge": "samengevoegd met een ander", "unmerge": "weer gescheiden", "split": "een kenmerk werd van een ander",
			"share": "meer mensen gebruiken een kenmerk, of niet", "block": "een kenmerk zegt niets, of wel", "retire": "een kenmerk opgegeven", "erase": "gewist", "join": "samengevoegd door wat ze lieten zien",
			"conflict": "een tegenspraak", "create": "voor het eerst gezien", "consent": "toestemming", "prefer": "voorkeursadres",
		},
		CustomerDone: map[string]string{
			"linked": "Genoteerd: het is van hen.", "changed": "Gewijzigd.", "consent": "Genoteerd.", "preferred": "Genoteerd.", "joined": "Samengevoegd. Ongedaan maken staat hieronder, bij wat beslist is.", "parted": "Ze zijn weer twee.",
		},
	}
}

// identifier is one as people read it.
func (w *words) identifier(x message.Identifier) string { return w.kind(x.Kind) + " " + x.Value }
