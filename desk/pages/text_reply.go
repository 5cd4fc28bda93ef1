package pages

import (
	"fmt"

	"loket/desk"
)

// replyWords are what is said where an answer or a note is written.
type replyWords struct {
	KeepNow, KeptAt, NotKept, Elsewhere, KeptHere, PutInBox, ThrowAway, DraftMark, YoursUnfinished string
	GoesOut, In, Undo, SendNow, WentOut, NotSent, KeptFiles                                        string // NotSent with one %s
	WayLegend, WayPublic                                                                           string
	FreeUntil, OnlyTemplate, OnlyTemplateSince, Shut, ShutSince                                    string // until and since with one %s
	NoFreeText                                                                                     string
	HeldBecame, Way                                                                                map[string]string
}

func englishReply() replyWords {
	return replyWords{
		KeepNow: "Keep for later", KeptAt: "Kept %s", NotKept: "Not kept since {time}. Your text stays in this browser.",
		Elsewhere: "You write in this task in another window too. What was typed last is kept.",
		KeptHere:  "This browser has a text of yours that the server has not:", PutInBox: "Put it in the box", ThrowAway: "Throw it away",
		DraftMark: "draft", YoursUnfinished: "You had begun to write",
		GoesOut: "Goes out at", In: "in {n} s", Undo: "Undo", SendNow: "Send now", WentOut: "It is too late: the answer went out.",
		NotSent: "Your answer did not go out (%s). Its text is in the box.", KeptFiles: "Files with it",
		WayLegend: "To whom, and how", WayPublic: "PUBLIC",
		FreeUntil: "free text until %s", OnlyTemplate: "only a template: they have not written here. Begin with its name:", OnlyTemplateSince: "only a template since %s. Begin with its name:",
		Shut: "nothing can be sent before they write", ShutSince: "nothing can be sent since %s, until they write again",
		NoFreeText: "A free text is not taken now: see what may be sent above.",
		Way:        map[string]string{"same": "Where they wrote", "preferred": "Where they like to be answered", "private": "Where only they can read it"},
		HeldBecame: map[string]string{"held": "It goes out now.", "sent": "It went out.", "back": "It did not go out: your text is kept. Open the task again to see why."},
	}
}

func dutchReply() replyWords {
	return replyWords{
		KeepNow: "Bewaren voor later", KeptAt: "Bewaard om %s", NotKept: "Niet bewaard sinds {time}. Uw tekst blijft in deze browser staan.",
		Elsewhere: "U schrijft ook in een ander venster aan deze taak. Wat het laatst getypt is, wordt bewaard.",
		KeptHere:  "Deze browser heeft een tekst van u die de server niet heeft:", PutInBox: "In het vak zetten", ThrowAway: "Weggooien",
		DraftMark: "concept", YoursUnfinished: "U was begonnen te schrijven",
		GoesOut: "Gaat weg om", In: "over {n} s", Undo: "Terugnemen", SendNow: "Nu versturen", WentOut: "Het is te laat: het antwoord is weg.",
		NotSent: "Uw antwoord is niet verstuurd (%s). De tekst staat in het vak.", KeptFiles: "Bestanden erbij",
		WayLegend: "Aan wie, en hoe", WayPublic: "OPENBAAR",
		FreeUntil: "vrije tekst tot %s", OnlyTemplate: "alleen een sjabloon: zij schreven hier nog niet. Begin met de naam:", OnlyTemplateSince: "sinds %s alleen nog een sjabloon. Begin met de naam:",
		Shut: "er kan niets verstuurd worden voordat zij schrijven", ShutSince: "sinds %s kan er niets verstuurd worden, tot zij weer schrijven",
		NoFreeText: "Een vrije tekst kan nu niet: zie hierboven wat wel kan.",
		Way:        map[string]string{"same": "Waar zij schreven", "preferred": "Waar zij graag antwoord krijgen", "private": "Waar alleen zij het lezen"},
		HeldBecame: map[string]string{"held": "Het gaat nu weg.", "sent": "Het is verstuurd.", "back": "Het is niet verstuurd: uw tekst is bewaard. Open de taak opnieuw om te zien waarom."},
	}
}

// Kept says when what is in the box was kept last.
func (w *replyWords) Kept(at string) string { return fmt.Sprintf(w.KeptAt, at) }

func (w *replyWords) notSent(why string) string { return fmt.Sprintf(w.NotSent, why) }

// window says until when a channel takes free texts, or what it takes now that it is over.
func (w *replyWords) window(of *desk.Window, over bool, until string) string {
	switch templates := len(of.Templates) > 0; {
	case !over:
		return fmt.Sprintf(w.FreeUntil, until)
	case templates && until == "":
		return w.OnlyTemplate
	case templates:
		return fmt.Sprintf(w.OnlyTemplateSince, until)
	case until == "":
		return w.Shut
	}
	return fmt.Sprintf(w.ShutSince, until)
}
