package pages

import "strings"

// selfWords are those of the page on which people change what is theirs.
type selfWords struct {
	Myself, Language, LanguageOfBrowser, Regret, RegretHint, BadRegret, KeysOn, KeysHint, Save, ChangePassword, CurrentPassword, WrongCurrent, Devices, SignedInSince, LastUsed, ThisDevice,
	SignOutThere, UnknownBrowser string

	CallMe, CallTasks, CallAnswers, CallMentions, CallBy, CallSound, CallNotify, CallsHint, MayNotify, MayNotNotify, MightNotify, AllowNotify string

	On string // with two %s: a browser, and what it runs on
}

func selfEnglish() selfWords {
	return selfWords{
		Myself: "Myself", Language: "Language", LanguageOfBrowser: "as the browser prefers", Regret: "Seconds in which an answer can be taken back",
		RegretHint: "0 to 30; empty is what is usual on its channel", BadRegret: "The seconds must be a whole number from 0 to 30.", KeysOn: "Single keys do something",
		KeysHint: "such as j and k in the list; ? shows all of them", Save: "Save", ChangePassword: "Change the password", CurrentPassword: "The password you have",
		WrongCurrent: "This is not the password you have.", Devices: "Where you are signed in", SignedInSince: "Since", LastUsed: "last used", ThisDevice: "this browser",
		SignOutThere: "Sign out there", UnknownBrowser: "a browser", On: "%s on %s",
		CallMe: "Tell me, while I look at something else, when", CallTasks: "a task comes to a team of mine", CallAnswers: "a customer writes in a task of mine", CallMentions: "a colleague names me in a note",
		CallBy: "by", CallSound: "a sound", CallNotify: "a notification", CallsHint: "While the desk or a task stands open in a tab; a notification has the number and the team, and nothing of what was written.",
		MayNotify: "This browser shows them.", MayNotNotify: "This browser does not show them: allow notifications of this site in its settings.", MightNotify: "This browser does not show them before you allow it.", AllowNotify: "Allow notifications here",
	}
}

func selfDutch() selfWords {
	return selfWords{
		Myself: "Mijzelf", Language: "Taal", LanguageOfBrowser: "zoals de browser wil", Regret: "Seconden waarin een antwoord terug te halen is",
		RegretHint: "0 tot 30; leeg is wat op het kanaal gewoon is", BadRegret: "De seconden moeten een heel getal van 0 tot 30 zijn.", KeysOn: "Losse toetsen doen iets",
		KeysHint: "zoals j en k in de lijst; ? laat ze allemaal zien", Save: "Bewaren", ChangePassword: "Het wachtwoord veranderen", CurrentPassword: "Het wachtwoord dat u hebt",
		WrongCurrent: "Dit is niet het wachtwoord dat u hebt.", Devices: "Waar u aangemeld bent", SignedInSince: "Sinds", LastUsed: "laatst gebruikt", ThisDevice: "deze browser",
		SignOutThere: "Daar afmelden", UnknownBrowser: "een browser", On: "%s op %s",
		CallMe: "Waarschuw mij, als ik naar iets anders kijk, wanneer", CallTasks: "er een taak bij een team van mij komt", CallAnswers: "een klant in een taak van mij schrijft", CallMentions: "een collega mij in een notitie noemt",
		CallBy: "met", CallSound: "een geluid", CallNotify: "een melding", CallsHint: "Zolang de balie of een taak in een tabblad openstaat; in een melding staan het nummer en het team, en niets van wat er geschreven is.",
		MayNotify: "Deze browser laat ze zien.", MayNotNotify: "Deze browser laat ze niet zien: sta meldingen van deze site toe in de instellingen.", MightNotify: "Deze browser laat ze pas zien als u dat toestaat.", AllowNotify: "Meldingen hier toestaan",
	}
}

// browser is what people call a browser, by what it says of itself.
func (w *selfWords) browser(agent string) string {
	name := first(agent, [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrom", "Chrome"}, {"Safari/", "Safari"}})
	system := first(agent, [][2]string{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	if name == "" {
		name = w.UnknownBrowser
	}
	if system == "" {
		return name
	}
	return strings.Replace(strings.Replace(w.On, "%s", name, 1), "%s", system, 1)
}

// first is what the first of the signs means that an agent has.
func first(agent string, signs [][2]string) string {
	for _, s := range signs {
		if strings.Contains(agent, s[0]) {
			return s[1]
		}
	}
	return ""
}
