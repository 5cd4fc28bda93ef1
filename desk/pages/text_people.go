package pages

// peopleWords are what the page says of who may sign in.
type peopleWords struct {
	People, NoPassword, OfEveryTeam, NoTeam, IsDisabled, MaySignIn, InFile, PersonThere, NobodyCalledSo, LinkFor, LinkHint, NewLink, SignOutAll, LetIn, KeepOut, AddSomebody,
	TheirTeams, TheirRoles string

	SignInWith, Or, FlowOver, ProviderSilent, NotInvited, NameTaken, ByProvider string

	Role, PeopleDone map[string]string
}

func englishPeople() peopleWords {
	return peopleWords{
		People: "People", NoPassword: "no password yet", OfEveryTeam: "every team", NoTeam: "no team", IsDisabled: "kept out", MaySignIn: "may sign in", InFile: "teams and roles stand in the configuration",
		PersonThere: "Somebody is called so already.", NobodyCalledSo: "Nobody is called so.", LinkFor: "A link for", LinkHint: "Send it to them by a way that only they read. It is good once, for an hour, and is shown only now.",
		NewLink: "New link", SignOutAll: "Sign out everywhere", LetIn: "Let in again", KeepOut: "Keep out", AddSomebody: "Add somebody", TheirTeams: "Teams (none is every team)", TheirRoles: "Roles",
		SignInWith: "Sign in with", Or: "or", FlowOver: "This sign-in was not begun in this browser, or is over. Please begin anew.", ProviderSilent: "The sign-in service does not answer, or refused. Please try again.",
		NotInvited: "You are known there, and were not let in here. Whoever runs loket can add you.", NameTaken: "Somebody else is called as you here. Whoever runs loket can give you a link to begin by.", ByProvider: "signs in by the service",
		Role:       map[string]string{"agent": "answers", "manager": "manages", "vouch": "vouches for senders", "admin": "may do everything", "board": "a board on the wall"},
		PeopleDone: map[string]string{"signedout": "Signed out everywhere.", "disabled": "Kept out, and signed out everywhere.", "enabled": "Let in again."},
	}
}

func dutchPeople() peopleWords {
	return peopleWords{
		People: "Mensen", NoPassword: "nog geen wachtwoord", OfEveryTeam: "elk team", NoTeam: "geen team", IsDisabled: "buitengesloten", MaySignIn: "mag zich aanmelden", InFile: "teams en rollen staan in de configuratie",
		PersonThere: "Zo heet al iemand.", NobodyCalledSo: "Zo heet niemand.", LinkFor: "Een link voor", LinkHint: "Stuur die langs een weg die alleen zij lezen. Hij werkt één keer, een uur lang, en is alleen nu te zien.",
		NewLink: "Nieuwe link", SignOutAll: "Overal afmelden", LetIn: "Weer toelaten", KeepOut: "Buitensluiten", AddSomebody: "Iemand toevoegen", TheirTeams: "Teams (geen is elk team)", TheirRoles: "Rollen",
		SignInWith: "Aanmelden met", Or: "of", FlowOver: "Dit aanmelden is niet in deze browser begonnen, of is voorbij. Begin opnieuw.", ProviderSilent: "De aanmelddienst antwoordt niet, of weigerde. Probeer het opnieuw.",
		NotInvited: "U bent daar bekend, en hier niet toegelaten. Wie loket beheert kan u toevoegen.", NameTaken: "Iemand anders heet hier zoals u. Wie loket beheert kan u een link geven om mee te beginnen.", ByProvider: "meldt zich aan met de dienst",
		Role:       map[string]string{"agent": "antwoordt", "manager": "geeft leiding", "vouch": "staat in voor afzenders", "admin": "mag alles", "board": "een bord aan de muur"},
		PeopleDone: map[string]string{"signedout": "Overal afgemeld.", "disabled": "Buitengesloten, en overal afgemeld.", "enabled": "Weer toegelaten."},
	}
}
