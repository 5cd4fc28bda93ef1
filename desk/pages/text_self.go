package pages

import "strings"

// selfWords are those of the page on which people change what is theirs.
type selfWords struct {
	Myself, Language, LanguageOfBrowser, Regret, RegretHint, BadRegret, KeysOn, KeysHint, Save, ChangePassword, CurrentPassword, WrongCurrent, Devices, SignedInSince, LastUsed, ThisDevice,
	SignOutThere, UnknownBrowser string

	On string // with two %s: a browser, and what it runs on
}

func selfEnglish() selfWords {
	return selfWords{
		Myself: "Myself", Language: "Language", LanguageOfBrowser: "as the browser prefers", Regret: "Seconds in which an answer can be taken back",
		RegretHint: "0 to 30; empty is what is usual on its channel", BadRegret: "The seconds must be a whole number from 0 to 30.", KeysOn: "Single keys do something",
		KeysHint: "such as j and k in the list; ? shows all of them", Save: "Save", ChangePassword: "Change the password", CurrentPassword: "The password you have",
		WrongCurrent: "This is not the password you have.", Devices: "Where you are signed in", SignedInSince: "Since", LastUsed: "last used", ThisDevice: "this browser",
		SignOutThere: "Sign out there", UnknownBrowser: "a browser", On: "%s on %s",
	}
}

func selfDutch() selfWords {
	return selfWords{
		Myself: "Mijzelf", Language: "Taal", LanguageOfBrowser: "zoals de browser wil", Regret: "Seconden waarin een antwoord terug te halen is",
		RegretHint: "0 tot 30; leeg is wat op het kanaal gewoon is", BadRegret: "De seconden moeten een heel getal van 0 tot 30 zijn.", KeysOn: "Losse toetsen doen iets",
		KeysHint: "zoals j en k in de lijst; ? laat ze allemaal zien", Save: "Bewaren", ChangePassword: "Het wachtwoord veranderen", CurrentPassword: "Het wachtwoord dat u hebt",
		WrongCurrent: "Dit is niet het wachtwoord dat u hebt.", Devices: "Waar u aangemeld bent", SignedInSince: "Sinds", LastUsed: "laatst gebruikt", ThisDevice: "deze browser",
		SignOutThere: "Daar afmelden", UnknownBrowser: "een browser", On: "%s op %s",
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
