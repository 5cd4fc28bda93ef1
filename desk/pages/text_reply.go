package pages

import "fmt"

// replyWords are what is said where an answer or a note is written.
type replyWords struct {
	KeepNow, KeptAt, NotKept, Elsewhere, KeptHere, PutInBox, ThrowAway, DraftMark, YoursUnfinished string
}

func englishReply() replyWords {
	return replyWords{
		KeepNow: "Keep for later", KeptAt: "Kept %s", NotKept: "Not kept since {time}. Your text stays in this browser.",
		Elsewhere: "You write in this task in another window too. What was typed last is kept.",
		KeptHere:  "This browser has a text of yours that the server has not:", PutInBox: "Put it in the box", ThrowAway: "Throw it away",
		DraftMark: "draft", YoursUnfinished: "You had begun to write",
	}
}

func dutchReply() replyWords {
	return replyWords{
		KeepNow: "Bewaren voor later", KeptAt: "Bewaard om %s", NotKept: "Niet bewaard sinds {time}. Uw tekst blijft in deze browser staan.",
		Elsewhere: "U schrijft ook in een ander venster aan deze taak. Wat het laatst getypt is, wordt bewaard.",
		KeptHere:  "Deze browser heeft een tekst van u die de server niet heeft:", PutInBox: "In het vak zetten", ThrowAway: "Weggooien",
		DraftMark: "concept", YoursUnfinished: "U was begonnen te schrijven",
	}
}

// Kept says when what is in the box was kept last.
func (w *replyWords) Kept(at string) string { return fmt.Sprintf(w.KeptAt, at) }
