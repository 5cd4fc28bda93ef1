package words

import (
	"strings"
	"testing"
)

func TestHasFindsTheBeginningsOfWords(t *testing.T) {
	text := Fold("Où est mon colis? L'Été: Straße 12, ÉCOLE")
	for query, want := range map[string]bool{
		"colis": true, "COLIS est": true, "ecole": true, "lete": true, "stra": true, "12": true, "où": true,
		"lis": false, "colis demain": false, "cole": false,
	} {
		if got := Has(text, strings.Fields(Fold(query))); got != want {
			t.Errorf("%q in %q: %v, want %v", query, text, got, want)
		}
	}
}

func TestFoldKnowsOnlyLettersAndDigits(t *testing.T) {
	for text, want := range map[string]string{
		"Don’t, don't  SAY\tso_9!": "dont dont say so 9", "\x7f\x00a": "a", "ＡＢ１": "ab1", "I\u0307stanbul": "istanbul", "": "",
	} {
		if got := Fold(text); got != want {
			t.Errorf("Fold(%q) = %q, want %q", text, got, want)
		}
	}
}
