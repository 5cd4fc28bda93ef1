package pages

// cannedWords are what is said of canned answers.
type cannedWords struct {
	CannedTitle, Templates, Manage, EveryTeam, CannedChange, CannedRemove, CannedNone, CannedNew, CannedName, CannedLanguage, CannedChannel, CannedText, CannedHint, CannedSave string
}

func englishCanned() cannedWords {
	return cannedWords{
		CannedTitle: "Templates", Templates: "Templates", Manage: "Change the templates", EveryTeam: "every team", CannedChange: "Change", CannedRemove: "Remove", CannedNone: "There are none yet.",
		CannedNew: "A new one", CannedName: "Name", CannedLanguage: "Language, as nl or en; empty is every language", CannedChannel: "Channel, as email or sms; empty is every channel",
		CannedText: "Text", CannedHint: "These stand for what is of the task:", CannedSave: "Keep",
	}
}

func dutchCanned() cannedWords {
	return cannedWords{
		CannedTitle: "Sjablonen", Templates: "Sjablonen", Manage: "De sjablonen wijzigen", EveryTeam: "elk team", CannedChange: "Wijzigen", CannedRemove: "Verwijderen", CannedNone: "Er zijn er nog geen.",
		CannedNew: "Een nieuw sjabloon", CannedName: "Naam", CannedLanguage: "Taal, zoals nl of en; leeg is elke taal", CannedChannel: "Kanaal, zoals email of sms; leeg is elk kanaal",
		CannedText: "Tekst", CannedHint: "Deze staan voor wat van de taak is:", CannedSave: "Bewaren",
	}
}
