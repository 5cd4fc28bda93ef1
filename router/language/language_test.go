package language_test

import (
	"strings"
	"testing"

	"loket/router/language"
)

// sentences are such as customers write, short ones among them.
func sentences() map[string][]string {
	return map[string][]string{
		"nl": {
			"Waar blijft mijn pakket?", "Mijn internet doet het niet", "Ik heb de verkeerde factuur gekregen", "kan ik mijn abonnement opzeggen",
			"Wanneer wordt het geleverd?", "geen bereik in Utrecht", "Ik wil mijn geld terug", "Hoe lang duurt dit nog?", "Het lukt niet om in te loggen",
			"Goedemorgen, ik heb een vraag over mijn rekening", "storing sinds gisteravond", "Bedankt voor de snelle reactie!", "Mijn bestelling is kapot aangekomen",
			"Kunt u mij terugbellen?", "wat kost een nieuwe simkaart", "Ik ben mijn wachtwoord kwijt", "Er is dubbel afgeschreven", "Dit klopt niet",
			"Is de winkel zondag open?", "Graag zou ik mijn adres wijzigen", "jullie reageren nooit", "Ik wacht al twee weken", "De monteur is niet gekomen",
			"Kan de levering naar een ander adres?", "Waarom is mijn rekening zo hoog", "ik krijg steeds een foutmelding", "Nog steeds niets gehoord",
			"De app werkt niet meer op mijn telefoon", "Mag ik dit ruilen?", "Wie kan mij helpen?",
		},
		"en": {
			"Where is my parcel?", "My internet is not working", "I received the wrong invoice", "can I cancel my subscription", "When will it be delivered?",
			"no signal in Utrecht", "I want my money back", "How much longer will this take?", "I can't log in", "Good morning, I have a question about my bill",
			"outage since last night", "Thanks for the quick reply!", "My order arrived broken", "Could you call me back?", "how much is a new sim card",
			"I forgot my password", "I was charged twice", "This is not right", "Are you open on Sunday?", "I would like to change my address",
			"you never answer", "I have been waiting for two weeks", "The engineer did not show up", "Can it be sent to another address?", "Why is my bill so high",
			"I keep getting an error", "Still heard nothing", "The app no longer works on my phone", "May I exchange this?", "Who can help me?",
		},
		"de": {
			"Wo bleibt mein Paket?", "Mein Internet funktioniert nicht", "Ich habe die falsche Rechnung bekommen", "Wann wird geliefert?", "Ich möchte mein Geld zurück",
			"Guten Tag, ich habe eine Frage zu meiner Rechnung", "Warum ist die Rechnung so hoch?", "Können Sie mich bitte zurückrufen?",
		},
		"fr": {
			"Où est mon colis ?", "Mon internet ne marche pas", "J'ai reçu la mauvaise facture", "Quand serai-je livré ?", "Je veux être remboursé",
			"Bonjour, j'ai une question sur ma facture", "Pourquoi la facture est-elle si élevée ?", "Pouvez-vous me rappeler ?",
		},
		"es": {
			"¿Dónde está mi paquete?", "Mi internet no funciona", "He recibido la factura equivocada", "Quiero que me devuelvan el dinero", "Buenos días, tengo una pregunta sobre mi factura",
		},
	}
}

// TestGuessIsSeldomWrong measures: of those sentences nearly all are told, and hardly one is told wrong.
func TestGuessIsSeldomWrong(t *testing.T) {
	for _, allowed := range [][]string{{"nl", "en"}, {"nl", "en", "de", "fr", "es"}} {
		right, wrong, all := 0, 0, 0
		for _, lang := range allowed {
			for _, text := range sentences()[lang] {
				all++
				switch got, confidence := language.Guess(text, allowed); got {
				case lang:
					right++
				case "":
					t.Logf("%v: %q not told (%.2f), is %s", allowed, text, confidence, lang)
				default:
					wrong++
					t.Logf("%v: %q = %s (%.2f), is %s", allowed, text, got, confidence, lang)
				}
			}
		}
		t.Logf("%v: of %d, %d right, %d wrong", allowed, all, right, wrong)
		if right*100 < all*88 || wrong > 1 {
			t.Errorf("%v: of %d, %d right and %d wrong", allowed, all, right, wrong)
		}
	}
}

func TestGuessRatherSaysNothing(t *testing.T) {
	for _, row := range []struct {
		text    string
		allowed []string
		want    string
	}{
		{"", []string{"nl", "en"}, ""},
		{"ok", []string{"nl", "en"}, ""},
		{"12345 jan@example.org https://example.org/the/way/to/it", []string{"nl", "en"}, ""},
		{"Guten Tag, ich habe eine Frage zu meiner Rechnung, die ich nicht verstehe", []string{"nl", "en"}, ""},
		{"Dzień dobry, gdzie jest moja paczka?", []string{"nl", "en"}, ""},
		{"Where is my parcel? I have been waiting", []string{"pl"}, ""},
		{"Where is my parcel? I have been waiting", nil, ""},
		{"Where is my parcel? I have been waiting", []string{"nl-BE", "en-GB"}, "en-GB"},
		{"Waar is mijn pakket? Ik wacht al lang", []string{"nl-BE", "nl", "en"}, "nl-BE"},
		{strings.Repeat("Where is my parcel? ", 100_000), []string{"nl", "en"}, "en"},
		{"\xff\xfe", []string{"nl"}, ""},
	} {
		got, confidence := language.Guess(row.text, row.allowed)
		if got != row.want || confidence < 0 || confidence > 1 {
			t.Errorf("Guess(%.40q, %v) = %q, %.2f, want %q", row.text, row.allowed, got, confidence, row.want)
		}
	}
}

func BenchmarkGuess(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		language.Guess("Goedemorgen, ik heb een vraag over mijn rekening", []string{"nl", "en"})
	}
}
