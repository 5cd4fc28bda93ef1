package quote

import (
	"html"
	"strings"
	"testing"
)

// machineMade are attributions as mail programs write them, with the address or another mark that no person writes:
// what follows is history even where it is not quoted. Line ends are those that programs break into them.
var machineMade = []string{
	// Dutch
	"Op di 3 nov 2026 om 10:12 schreef Balie <balie@loket.example>:",
	"Op di 3 nov 2026 om 10:12 schreef Balie <balie@loket.example\n>:",
	"Op di 3 nov 2026 om 10:12 schreef Balie <balie@loket.example>\n:",
	"Op di 3 nov 2026 om 10:12 schreef Balie <\nbalie@loket.example\n>:",
	"Op di 3 nov 2026 om 10:12 schreef Balie <balie@loket.\nexample>:",
	"Op di 3 nov 2026 om 10:12 schreef Balie <balie\n@loket.example>:",
	"Op di 3 nov 2026 om\n10:12 schreef Balie van de\nstad Achterveld\n<balie@loket.example\n>:",
	"Op 3 nov. 2026 om 10:12 heeft Balie <balie@loket.example> het volgende\ngeschreven:",
	"Op 3 nov. 2026 om 10:12 heeft Balie\n<balie@loket.example>\nhet volgende geschreven:",
	"Balie <balie@loket.example> schreef op 3 november 2026 om\n10:12:",
	"klantenbalie van de gemeente <balie@loket.example> schreef op 3 november 2026 om 10:12:",
	"Op 3 november 2026 10:12:11 CET schreef Balie <balie@loket.example>\nhet volgende:",
	"Op dinsdag 3 november 2026 10:12:11 CET schreef Balie:",
	"Op 3 nov. 2026 10:12 +0100 schreef Balie <balie@loket.example>:",
	"3 nov. 2026 10:12 door balie@loket.example:",
	// English
	"On Tue, Nov 3, 2026 at 10:12 AM Desk <desk@loket.example\n> wrote:",
	"On Tue, Nov 3, 2026 at 10:12 AM Desk <desk@loket.example>wrote:",
	"On Tue, Nov 3, 2026 at 10:12 AM Desk\n<desk@loket.example>\nwrote:",
	"On Tue, Nov 3, 2026, 10:12 The Desk Of The Town <desk-of-the-town@\nloket.example> wrote:",
	"On Tue, Nov 3, 2026 at 10:12 AM Desk\n\n<\nmailto:Desk <desk@loket.example>\n> wrote:",
	"On Tue, 3 Nov 2026 10:12:43 +0100 Desk <desk@loket.example> wrote",
	"On 3 Nov 2026, 10:12 +0100, Desk <desk@loket.example>, wrote:",
	"On Tue, Nov 3, 2026, at 10:12 AM, the_desk wrote:",
	"On Tue, Nov 03, 2026 at 10:12:11AM +0100, Desk wrote:",
	"On 3 Nov 2026, at 10:12, Desk <desk@loket.example> sent:",
	"Tuesday, 3 November 2026, 10:12 AM +0300 from Desk <desk@loket.example>:",
	"10:12 AM, November 3, 2026, \"Desk - Loket\" <desk@loket.example>:",
	"2026-11-03 10:12 GMT+01:00 Desk <\ndesk@loket.example>:",
	"2026-11-03 10:12 GMT+01:00 Desk",
	"Nov 3, 2026, 10:12 by desk@loket.example:",
	"Desk <desk@loket.example> wrote on Tuesday, 3 November 2026\nat 10:12:",
	"---- On Tue, 03 Nov 2026 10:12:11 +0100 Desk\n<desk@loket.example> wrote ----",
	"---- Desk wrote ----",
	"---- Desk <desk@loket.example> wrote ----",
	"------On 11/03/2026 10:12 AM, Desk wrote-----",
	"-------- Desk wrote --------",
	// German
	"Am Di., 3. Nov. 2026 um 10:12 Uhr schrieb Schalter <\nschalter@loket.example>:",
	"Am Di., 3. Nov. 2026 um 10:12 Uhr schrieb Schalter <schalter@loket.example\n>:",
	"Am 03.11.2026 10:12 schrieb \"Schalter Eins\" <schalter@loket.example\n>:",
	"Am 3. November 2026 10:12:11 MEZ schrieb Schalter <schalter@loket.example>:",
	"Am 3. November 2026 10:12:11 MEZ schrieb\nSchalter <schalter@loket.\nexample>:",
	"Schalter <schalter@loket.example> schrieb am Di., 3. Nov.\n2026 um 10:12 Uhr:",
	"Schalter <schalter@loket.example> hat am 3. November 2026 um 10:12\ngeschrieben:",
	"Schalter <schalter@loket.example> schrieb am Di., 3. Nov. 2026, 10:12\n:",
	"Am 03.11.2026 um 10:12 schrieb Schalter (schalter@loket.example):",
	"03.11.26, 10:12 von schalter@loket.example:",
	"---- Schalter schrieb ----",
	"---- Am Di, 03 Nov 2026 10:12:11 +0100 schrieb Schalter ----",
	// French
	"Le mar. 3 nov. 2026 à 10:12, Guichet <guichet@loket.example> a écrit\n:",
	"Le mar. 3 nov. 2026 à 10:12, Guichet <guichet@loket.example> a\nécrit :",
	"Le mar. 3 nov. 2026 à 10:12, Guichet <\nguichet@loket.example> a écrit :",
	"Le mar. 3 nov. 2026 à 10:12, Guichet <guichet@loket.example\n> a écrit :",
	"Le mar. 3 nov. 2026 à 10:12, Guichet <guichet@\nloket.example> a écrit :",
	"Le 3 novembre 2026 10:12:11 GMT+01:00, Guichet <guichet@loket.example> a écrit :",
	"---- Guichet a écrit ----",
	"---- Le mar., 03 nov. 2026 10:12:11 +0100 Guichet a écrit ----",
	// Polish
	"Dnia 3 listopada 2026 10:12 Okienko <okienko@loket.example> napisał(a):",
	"Dnia 3 lis 2026 o godz. 10:12 Okienko <okienko@loket.example>\nnapisał(a):",
	"wt., 3 lis 2026 o 10:12 Okienko <okienko@loket.example> napisał(a):",
	"wt., 3 lis 2026 o 10:12 Okienko <okienko@loket.example\n> napisał(a):",
	"wt., 3 lis 2026 o 10:12 Okienko <\nokienko@loket.example> napisał(a):",
	"W dniu 2026-11-03 10:12:39 użytkownik Okienko <okienko@loket.example>\nnapisał:",
	"3 lis 2026 10:12 \"Okienko\" <okienko@loket.example> napisał(a):",
	// Danish, Swedish, Norwegian
	"Den tirs. 3. nov. 2026 kl. 10.12 skrev Skranken <\nskranken@loket.example>:",
	"Den tirs. 3. nov. 2026 kl. 10.12 skrev Skranken <skranken@loket.example\n>:",
	"Den 3. nov. 2026 kl. 10.12 skrev Skranken <skranken@\nloket.example>:",
	"tirs. 3. nov. 2026 10.12 skrev Skranken <skranken@loket.example>:",
	"Den tis 3 nov. 2026 kl 10:12 skrev Disken <disken@loket.example\n>:",
	"3 nov. 2026 kl. 10:12 skrev Disken <disken@loket.example>:",
	"Den 3 november, 2026 10:12:18, Disken (disken@loket.example) skrev:",
	"tir. 3. nov. 2026 kl. 10:12 skrev Skranken <skranken@loket.example\n>:",
	"---- Skranken skrev ----",
	// Italian, Spanish, Portuguese
	"Il giorno mar 3 nov 2026 alle ore 10:12 Sportello <\nsportello@loket.example> ha scritto:",
	"Il giorno 3 nov 2026, alle ore 10:12, Sportello <sportello@loket.example> ha\nscritto:",
	"In data 3 novembre 2026 10:12:31 \"Sportello\" <sportello@loket.example> ha scritto:",
	"El mar, 3 nov 2026 a las 10:12, Ventanilla (<\nventanilla@loket.example>) escribió:",
	"El 3 nov 2026, a las 10:12, Ventanilla <ventanilla@loket.example>\nescribió:",
	"Em ter., 3 de nov. de 2026 às 10:12, Balcão <\nbalcao@loket.example> escreveu:",
	"Em 3 de novembro de 2026 às 10:12:35, Balcão (\nbalcao@loket.example) escreveu:",
	"Balcão <balcao@loket.example> escreveu (terça, 3/11/2026 à(s) 10:12):",
	"---- Ventanilla escribió ----",
	// As one webmail writes it in its languages
	"    Le mardi 3 novembre 2026 à 10:12:05 UTC+1, Guichet <guichet@loket.example> a écrit :  ",
	"    Am Dienstag, 3. November 2026 um 10:12:05 MEZ hat Schalter <schalter@loket.example> Folgendes geschrieben:  ",
	"    Il martedì 3 novembre 2026 alle ore 10:12:05 CET, Sportello <sportello@loket.example> ha scritto:  ",
	"    En martes, 3 de noviembre de 2026, 10:12:05 CET, Ventanilla <ventanilla@loket.example> escribió:  ",
	"    Em terça-feira, 3 de novembro de 2026 10:12:05 CET, Balcão <balcao@loket.example> escreveu:  ",
	"    Den tisdag 3 november 2026 10:12:05 CET skrev Disken <disken@loket.example>:  ",
	"    Den tirsdag den 3. november 2026 kl. 10.12.05 CET skrev Skranken <skranken@loket.example>:  ",
	"    tiistai 3. marraskuuta 2026 klo 10.12.05 UTC+2 Tiski <tiski@loket.example> kirjoitti:  ",
	"    Dne úterý 3. listopadu 2026 10:12:05 SEČ, Přepážka <prepazka@loket.example> napsal(a):  ",
	"    Dnia wtorek, 3 listopada 2026 10:12:05 CET, Okienko <okienko@loket.example> napisał(a):  ",
	"    вторник, 3 ноября 2026 г., 10:12:05 MSK, Окно <okno@loket.example> написал(а):  ",
	"    3 Kasım 2026 Salı 10:12:05 GMT+3 tarihinde, Gişe <gise@loket.example> şunu yazdı:  ",
	"    În marți, 3 noiembrie 2026, 10:12:05 EET, Ghișeu <ghiseu@loket.example> a scris:  ",
	"    2026. november 3., kedd 10:12:05 CET időpontban Pult <pult@loket.example> ezt írta:  ",
	// Others
	"ti 3. marrask. 2026 klo 10.12 Tiski\n<tiski@loket.example> kirjoitti:",
	"út 3. 11. 2026 v 10:12 odesílatel Přepážka <prepazka@loket.example> napsal:",
	"Pult <pult@loket.example> ezt írta (időpont: 2026. nov. 3., K, 10:12):",
	"Gişe <gise@loket.example>, 3 Kas 2026 Sal, 10:12 tarihinde şunu yazdı:",
	"mar., 3 nov. 2026, 10:12 Ghișeu <ghiseu@loket.example> a scris:",
	"вт, 3 нояб. 2026 г. в 10:12, Окно <okno@loket.example>:",
	"3 нояб. 2026 г. 10:12 пользователь \"Окно\" <\nokno@loket.example> написал:",
	"3 лист. 2026 р. 10:12 \"Вікно\" <vikno@loket.example> пише:",
	"2026年11月3日(火) 10:12 窓口 <madoguchi@loket.example>:",
	"在 2026年11月3日，下午10:12，柜台 <guitai@loket.example> 写道：",
	"Op 3 nov. 2026 om 10:12 heeft Balie Achterveld het volgende geschreven:",
	"On Nov 3, 2026, at 10:12 AM, The Desk wrote:",
	"柜台 <guitai@loket.example> 于2026年11月3日周二 10:12写道：",
}

// introductions are attributions that persons might write too: they count when a quote follows.
var introductions = []string{
	"Op 03-11-2026 om 10:12 schreef Balie:",
	"Op 03-11-2026 om 10:12 schreef u:",
	"Op di 03-11-2026 om 10:12 [+0100], schreef Balie:",
	"Balie schreef op di 03-11-2026 om 10:12 [+0100]:",
	"At 11/3/2026 10:12 AM, you wrote:",
	"At 10:12 03-11-2026 +0100, you wrote:",
	"On 03/11/2026 10:12, you wrote:",
	"Am 03.11.2026 um 10:12 schrieben Sie:",
	"Le 03/11/2026 à 10:12, vous avez écrit :",
	"Den 03-11-2026 kl. 10:12 skrev du:",
	"Am 2026-11-03 10:12, schrieb Schalter:",
	"W dniu 03.11.2026 o 10:12, Okienko pisze:",
	"Il 03/11/2026 10:12, Sportello ha scritto:",
	"El 03/11/2026 a las 10:12, Ventanilla escribió:",
	"Em 03/11/2026 10:12, Balcão escreveu:",
	"2026.11.03. 10:12 keltezéssel, Pult írta:",
	"вторник, 3 ноября 2026 г. пользователь Окно написал:",
	"Sent from Samsung Mobile Desk <desk@loket.example> wrote:",
	"2026/11/3 Balie via Loket <balie@loket.example>",
	"On 2026-11-03, Desk <desk@loket.example>\nwrote:",
}

func TestQuoteGoesWithItsAttributionInEveryLanguage(t *testing.T) {
	const answer = "Dat klopt, dank u."
	quoted := "> Klopt het adres?\n> Zo niet, dan horen wij het graag.\n"
	for _, a := range append(append([]string{}, machineMade...), introductions...) {
		for name, in := range map[string]string{
			"apart":         answer + "\n\n" + a + "\n\n" + quoted,
			"no blank line": answer + "\n" + a + "\n" + quoted,
			"above a name":  answer + "\n\nJan\n\n" + a + "\n" + quoted,
		} {
			want := answer
			if name == "above a name" {
				want += "\n\nJan"
			}
			if got := Strip(in); got != want {
				t.Errorf("%s: Strip(%q) = %q, want %q", name, in, got, want)
			}
		}
	}
}

func TestHistoryWithoutMarksGoesWithItsAttribution(t *testing.T) {
	const answer = "Dat klopt, dank u."
	for _, a := range machineMade {
		if in := answer + "\n\n" + a + "\n\nKlopt het adres?\n\nBalie"; Strip(in) != answer {
			t.Errorf("Strip(%q) = %q, want %q", in, Strip(in), answer)
		}
	}
}

func TestAttributionsCountInHTMLAsWell(t *testing.T) {
	const answer = "Dat klopt, dank u."
	for _, a := range machineMade {
		shown := html.EscapeString(strings.NewReplacer("<\n", "<", "(\n", "(", "\n>", ">", "@\n", "@", "\n@", "@", "loket.\n", "loket.", "\n", " ").Replace(a))
		for name, source := range map[string]string{
			"above a block quote": "<div>" + answer + "</div><div>" + shown + "</div><blockquote><p>Klopt het adres?</p></blockquote>",
			"inside one":          "<div>" + answer + "</div><blockquote type=\"cite\"><div>" + shown + "</div><div>Klopt het adres?</div></blockquote>",
			"without":             answer + "<br>" + shown + "<br><br>Klopt het adres?<br>Balie",
		} {
			if name != "above a block quote" && !strings.HasSuffix(a, ":") && !strings.HasSuffix(a, "-") {
				continue // what is written without a colon stands alone or above a quote
			}
			if _, said := FromHTML(source); said != answer {
				t.Errorf("%s: FromHTML(%q) says %q, want %q", name, source, said, answer)
			}
		}
	}
}

func TestAttributionInsideAQuoteIsFound(t *testing.T) {
	const answer = "Dat klopt, dank u."
	for _, a := range append(append([]string{}, machineMade...), introductions...) {
		if strings.Contains(a, "\n\n") || strings.Contains(a, "\n>") {
			continue
		}
		quoted := "> " + strings.ReplaceAll(a, "\n", "\n> ") + "\n> \n> Klopt het adres?"
		for _, gap := range []string{"\n\n", "\n"} {
			if in := answer + gap + quoted; Strip(in) != answer {
				t.Errorf("Strip(%q) = %q, want %q", in, Strip(in), answer)
			}
		}
	}
}

func TestShortAnswersAboveAQuoteAreWhatIsSaid(t *testing.T) {
	const below = "\n\nOp di 3 nov 2026 om 10:12 schreef Balie <balie@loket.example>:\n\n> Komt dinsdag uit?"
	for _, answer := range []string{"Ja", "Ok", "No", "Hi", "J", "1", "👍", "?", "+1", "Sí", "да", "好", "Nee.", "Oké!"} {
		if got := Strip(answer + below); got != answer {
			t.Errorf("Strip(%q) = %q, want %q", answer+below, got, answer)
		}
	}
}

func TestSentencesOfPersonsAreNoAttributions(t *testing.T) {
	for _, said := range []string{
		"Op 3 november 2026 om 10:12 schreef uw collega Pieter:\nWij komen langs.\n\nMaar er was niemand.",
		"Op 3 november 2026 om 10:12 schreef Pieter:\n\nWij komen langs.\n\nMaar er was niemand.",
		"Op 3-11-2026 om 10:12 mailde ik naar Balie <balie@loket.example>:\n\nde goot lekt. Daarop kwam niets.",
		"3 november 2026 10:12 belde ik met Jan <jan@loket.example>:\n\nhij zou komen. Er kwam niemand.",
		"On Nov 3, 2026 you wrote:\n\nwe will come on Monday. Nobody came.",
		"At 10:12 on 3-11-2026 you wrote:\n\nwe will come. Nobody came.",
		"Op dinsdag 3 november 2026 om 10:12 schreef Pieter:\n\nWij komen langs.\n\nMaar er was niemand.",
		"On November 3, 2026 at 10:12 AM Pete wrote:\n\nWe will come. Nobody came.",
		"Am 3. November 2026 um 10:12 Uhr schrieb Herr Maier:\n\nWir kommen. Es kam niemand.",
		"Le 3 novembre 2026 à 10:12 votre collègue a écrit :\n\nnous venons. Personne.",
		"El 3 de noviembre de 2026 a las 10:12 su colega escribió:\n\nvenimos. Nadie vino.",
		"Den 3. november 2026 kl. 10.12 skrev jeg til skranken@loket.example:\n\nTaget er utæt.",
		"Dnia 3 listopada 2026 o 10:12 napisałem do okienko@loket.example:\n\nDach przecieka.",
		"Ik las wat hij schreef\n\nen dat klopt niet.",
		"Op 3 november 2026 om 10:12 schreef uw collega kees@loket.example: wij komen langs. Er kwam niemand.",
		"Op 3 november 2026 om 10:12 schreef uw collega kees@loket.example:\n\nWij komen langs.\n\nEr kwam niemand.",
		"Op 3 november 2026 om 10:12 heeft kees@loket.example dit geschreven\n\nen dat klopt niet.",
		"Ik schrijf u nogmaals.\n\nOp 3 november 2026 om 10:12 heeft kees@loket.example dit geschreven",
		"On 3 Nov 2026 at 10:12 Kees <kees@loket.example> wrote\nthat he would come. Nobody came.",
		"Uw collega Kees (kees@loket.example) schreef op 3 november 2026 om 10:12:\n\nWij komen. Er kwam niemand.",
		"Kees (kees@loket.example) schreef op 3 november 2026:\n\nWij komen. Er kwam niemand.",
		"Uit ons log:\n\n2026-11-03 10:12 GMT+01:00 Start\n2026-11-03 10:14 GMT+01:00 Stop\n\nDaarna niets meer.",
		"Vertalen graag.\n\n---- Original ----\nDe goot lekt.\n---- Nieuw ----\nDe goot is gemaakt.",
		"Graag deze rit.\n\n--------------------------------\nVan: Utrecht\nDatum: 3 november om 10:12\nAan: Parijs\n\nMet twee personen.",
		"Op 03-11-2026 om 10:12 schreef Balie:\n> Wat is uw nummer?\n\n--\n\nDat is 12345.",
		"Op 03-11-2026 om 10:12 schreef Balie:\n> Wat is uw nummer?\n\n--\nDat is 12345.",
		"Mijn agenda:\n\n2026-11-03 10:12 tandarts\n2026-11-04 09:00 kapper\n\nDus liever vrijdag.",
		"Bel eerst\n3-11-2026 10:12 Jan <jan@klant.example>\nen dan mij.",
		"-- Jan schreef mij --\n\nDat klopte niet.",
		"Zoals ik schreef:\n\nde goot lekt.",
		"Wat hij schreef --\n\ndat is onzin.",
	} {
		for _, in := range []string{said, "Goedendag,\n\n" + said} {
			if got := Strip(in); got != in {
				t.Errorf("Strip(%q) = %q, want all of it", in, got)
			}
		}
	}
}
