package pages

import "fmt"

// actWords are those of what is done with a task beside answering.
type actWords struct {
	Label, Tags, TagsHint, PriorityIs, TheirLanguage, TheirLanguageHint, Merge, MergeWith, MergeHint, Forward, ForwardTo, ForwardHint, ForwardText, ForwardWhole, ForwardFiles, SendItAgain, Older,
	Mentions string
}

func actsEnglish() actWords {
	return actWords{
		Label: "Tags, priority", Tags: "Tags", TagsHint: "with commas between", PriorityIs: "Priority", TheirLanguage: "The customer's language", TheirLanguageHint: "such as nl or en",
		Merge: "Merge", MergeWith: "The task that goes on in this one", MergeHint: "What was said in it is shown here; opening it again takes it out.",
		Forward: "Forward", ForwardTo: "To", ForwardHint: "mail addresses, with commas between; what they answer comes back as a note", ForwardText: "What you ask of them",
		ForwardWhole: "All that was said, not only what the customer said last", ForwardFiles: "With the customer's files", SendItAgain: "Send again", Older: "Older messages", Mentions: "Mentions",
	}
}

func actsDutch() actWords {
	return actWords{
		Label: "Labels, prioriteit", Tags: "Labels", TagsHint: "met komma's ertussen", PriorityIs: "Prioriteit", TheirLanguage: "Taal van de klant", TheirLanguageHint: "zoals nl of en",
		Merge: "Samenvoegen", MergeWith: "De taak die in deze verdergaat", MergeHint: "Wat erin gezegd is staat dan hier; weer openen haalt haar er weer uit.",
		Forward: "Doorsturen", ForwardTo: "Aan", ForwardHint: "mailadressen, met komma's ertussen; wat zij antwoorden komt terug als notitie", ForwardText: "Wat u hun vraagt",
		ForwardWhole: "Alles wat gezegd is, niet alleen wat de klant het laatst zei", ForwardFiles: "Met de bestanden van de klant", SendItAgain: "Opnieuw versturen", Older: "Oudere berichten", Mentions: "Genoemd",
	}
}

// view is what a list is called; of mentions with how many there are.
func (w *words) view(name string, mentions int) string {
	switch {
	case name != viewMentions:
		return w.View[name]
	case mentions > 0:
		return fmt.Sprintf("%s (%d)", w.Mentions, mentions)
	}
	return w.Mentions
}
