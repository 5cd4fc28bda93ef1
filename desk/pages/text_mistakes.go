package pages

import "maps"

// mistakes are the words for what is wrong with what was typed. What has none here is told as the desk tells it, in English.
type mistakes struct {
	phrases []phrase
	fields  map[string]string // what fields are called, by their path
}

func mistakesDutch() *mistakes {
	said := mistakesInDutch()
	maps.Copy(said, refusalsInDutch())
	return &mistakes{phrases: phrases(said), fields: map[string]string{
		"to": "Aan", "team": "Team", "until": "Tot", "outcome": "Uitkomst", "text": "Tekst", "note": "Notitie", "tag": "Labels", "untag": "Labels", "priority": "Prioriteit",
		"language": "Taal", "task": "Taak", "name": "Naam", "channel": "Kanaal", "via": "Aan wie, en hoe", "attachments": "Bestanden", "kept": "Bestanden", "subject": "Onderwerp",
		"all": "Kopie", "cc": "Kopie", "teams": "Teams", "roles": "Rollen",
	}}
}

// mistakesInDutch are by the format of which the desk makes its reason; values are named by their place: %[1]s.
func mistakesInDutch() map[string]string {
	return map[string]string{
		// Texts and what is chosen beside them.
		"must not be empty":             "vul dit in",
		"must be given":                 "vul dit in",
		"must be at most %d characters": "hoogstens %[1]s tekens",
		"must be at most 60 letters, digits, spaces and _ . -":                            "hoogstens 60 letters, cijfers, spaties en _ . -",
		"must come with close: only a closed task has one":                                "alleen een taak die u afrondt heeft er een",
		"must be a language code such as nl or en":                                        "moet een taalcode zijn, zoals nl of en",
		"must be at most %d":                                                              "hoogstens %[1]s",
		"must be what this task gave as seen":                                             "laad de pagina opnieuw: zij hoort bij een andere taak",
		"cannot be kept: you have %d unfinished answers; send some, or empty their boxes": "kan niet bewaard worden: u hebt %[1]s antwoorden niet af; verstuur er enkele, of maak hun vakken leeg",
		"must be a file that is kept with this answer; it was taken away elsewhere":       "dit bestand is elders weggehaald; kies het opnieuw",
		"must be an instant such as 2026-11-22T09:30:00Z, a duration such as 2h or 3d, or 17:30, 2026-11-22 or both of these (%s), not %q": "moet een tijd zijn zoals 17:30, 2026-11-22 of beide (%[1]s), of een duur zoals 2h of 3d, niet %[2]s",
		"must lie in the future, within a year": "moet in de toekomst liggen, binnen een jaar",

		// Teams, other tasks, labels.
		"must name the team that is to answer": "kies het team dat moet antwoorden",
		"no team is called %q%s":               "geen team heet %[1]s",
		"has the task already":                 "dit team heeft de taak al",
		"must name the other task":             "noem de andere taak",
		"there is no task %q":                  "er is geen taak %[1]s",
		"must be another task than this one":   "moet een andere taak zijn dan deze",
		"is of customer %s, and %s of %s: if they are one, merge the customers first (loket customer merge)": "is van klant %[1]s, en %[2]s van %[3]s: zijn zij één, voeg dan eerst de klanten samen",
		"must be one word of at most %d characters, not %q":                                                  "moet één woord zijn van hoogstens %[1]s tekens, niet %[2]s",
		"must be at most %d, not %d":                              "hoogstens %[1]s, niet %[2]s",
		"must not be among the tags that it gets":                 "kan er niet tegelijk bij en af",
		"must be urgent, high, normal or low, not %q%s":           "kies spoed, hoog, gewoon of laag",
		"must say what changes: tag, untag, priority or language": "zeg wat er verandert: labels, prioriteit of taal",

		// Whom something goes to.
		"must be one e-mail address such as name@example.org":                                                        "moet een e-mailadres zijn, zoals naam@example.org",
		"must be an e-mail address of at most 254 characters, with at most 64 before the @":                          "moet een e-mailadres zijn van hoogstens 254 tekens, met hoogstens 64 voor de @",
		"must have letters, digits or .!#$%&'*+-/=?^_`{|}~ before the @, with no dot first, last or doubled":         "moet voor de @ letters, cijfers of .!#$%&'*+-/=?^_`{|}~ hebben, zonder punt vooraan, achteraan of dubbel",
		"must have a domain name such as example.org after the @":                                                    "moet na de @ een domein hebben, zoals example.org",
		"must be at most %d addresses":                                                                               "hoogstens %[1]s adressen",
		"must name whom it goes to":                                                                                  "noem aan wie het gaat",
		"must be somebody else's: what goes to this address comes back to us":                                        "moet van iemand anders zijn: wat naar dit adres gaat, komt bij ons terug",
		"must be left: no connector here can send mail to them":                                                      "dit kan niet: geen kanaal hier kan hun mailen",
		"there is nothing to forward: nobody said anything in %s":                                                    "er is niets om door te sturen: in %[1]s heeft niemand iets gezegd",
		"must be another, or by another connector: no connector that was asked for can begin a conversation with %s": "geen kanaal hier kan een gesprek beginnen met %[1]s",
		"must be given, or the customer":                                                                             "noem aan wie het gaat",
		"must be given: the customer has no verified address of their own where they may be written to":              "noem een adres: van de klant is geen eigen adres zeker waar wij mogen schrijven",
		"must be an address of the customer":                                                                         "moet een adres van de klant zijn",
		"must be another: they refused to be written to there":                                                       "moet een ander zijn: hier wil de klant niet dat wij schrijven",
		"must be a mail address, a telephone number or kind:value, not %q":                                           "moet een e-mailadres of telefoonnummer zijn, niet %[1]s",
		"must be given: nobody is left whom the answer goes to":                                                      "er blijft niemand over aan wie het antwoord gaat",
		"must be fewer: the answer would go to %d addresses, of at most %d":                                          "het antwoord zou naar %[1]s adressen gaan; hoogstens %[2]s kan",
		"must be left out: only an answer by mail can go to others, and this one goes by %s":                         "kan niet: alleen een antwoord per e-mail kan naar anderen",
		"must be left out with via %s: others got nothing there":                                                     "kan niet langs deze weg: daar kregen anderen niets",
		"must be left out with via %s, which says whom it goes to":                                                   "kan niet langs deze weg, die zelf zegt aan wie het gaat",
		"must be same, preferred or private, not %q":                                                                 "kies een van de wegen",
		"must be same: it is not sure who the customer is (%s), so that nobody's preferred address is known":         "het is niet zeker wie de klant is, dus van niemand is bekend waar zij graag antwoord krijgen",
		"must be same: the customer has no verified address of their own where they may be answered":                 "van de klant is geen eigen adres zeker waar wij mogen antwoorden",
		"must be same: no connector here can begin a conversation with %s, which the customer prefers":               "geen kanaal hier kan een gesprek beginnen met %[1]s, waar de klant graag antwoord krijgt",
		"must be same: no connector here can begin a private conversation with who wrote":                            "geen kanaal hier kan onder vier ogen schrijven aan wie schreef",
		"must be preferred: %s was given up on %s, and whoever has it now may be somebody else":                      "%[1]s is opgegeven op %[2]s; wie het nu heeft kan iemand anders zijn",
		"the task has no thread to answer on":                                                                        "de taak heeft geen gesprek om in te antwoorden",
		"the thread to answer on is not kept any more":                                                               "het gesprek om in te antwoorden wordt niet meer bewaard",
		"the thread that the draft was written for is not kept any more":                                             "het gesprek waarvoor dit geschreven is, wordt niet meer bewaard",
		"cannot answer on this channel: %v":                                                                          "antwoorden kan niet op dit kanaal: %[1]s",
		"cannot be forwarded: %v":                                                                                    "dit kan niet doorgestuurd worden: %[1]s",
		"there is nothing to send":                                                                                   "er is niets om te versturen",

		// Canned answers, people.
		"must be fewer than %d canned answers; remove some":        "er zijn al %[1]s standaardantwoorden; verwijder er enkele",
		"must be 1 to %d characters":                               "moet 1 tot %[1]s tekens hebben",
		"has the unknown variable {{%s}}%s; there are {{%s}}":      "heeft een onbekende invulplek {{%[1]s}}; er zijn {{%[3]s}}",
		"has a variable that does not end: it must be as {{name}}": "heeft een invulplek die niet eindigt: zij moet zijn als {{name}}",
		"must be letters, digits and . _ - @, at most 60, not %q":  "letters, cijfers en . _ - @, hoogstens 60, niet %[1]s",
		"must be agent, manager, vouch or admin, not %q%s":         "er is geen rol %[1]s",
	}
}
