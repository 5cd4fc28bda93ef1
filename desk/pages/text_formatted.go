package pages

import "fmt"

// formattedWords are what is said around a message as its sender formatted it, and its pictures.
type formattedWords struct {
	Formatted, ShowFormatted, ShowOutside, OutsideOne, OutsideMany, OutsideShownOne, OutsideShownMany string // those of many with one %d
}

func englishFormatted() formattedWords {
	return formattedWords{
		Formatted: "The message as it was formatted", ShowFormatted: "As formatted", ShowOutside: "Show them: the sender will know that the message is read",
		OutsideOne: "1 picture from outside is not shown.", OutsideMany: "%d pictures from outside are not shown.",
		OutsideShownOne: "1 picture comes from outside.", OutsideShownMany: "%d pictures come from outside.",
	}
}

func dutchFormatted() formattedWords {
	return formattedWords{
		Formatted: "Het bericht zoals het is opgemaakt", ShowFormatted: "Met opmaak", ShowOutside: "Tonen: de afzender weet dan dat het bericht gelezen wordt",
		OutsideOne: "1 afbeelding van buiten is niet getoond.", OutsideMany: "%d afbeeldingen van buiten zijn niet getoond.",
		OutsideShownOne: "1 afbeelding komt van buiten.", OutsideShownMany: "%d afbeeldingen komen van buiten.",
	}
}

// OutsideHidden says how many pictures from elsewhere are left out.
func (w *formattedWords) OutsideHidden(n int) string { return plural(n, w.OutsideOne, w.OutsideMany) }

// OutsideShown says how many are shown.
func (w *formattedWords) OutsideShown(n int) string {
	return plural(n, w.OutsideShownOne, w.OutsideShownMany)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, n)
}
