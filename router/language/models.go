package language

import (
	"strings"
	"sync"
)

// Known are the languages that Guess knows.
func Known() []string { return []string{"nl", "en", "de", "fr", "es"} }

// model is what Guess counts.
type model struct {
	words     map[string]map[string]float64 // word → language → weight: the less, the more languages have the word
	spellings []spelling
}

// spelling is a row of letters that speaks for a language.
type spelling struct {
	lang, letters string
	weight        float64
}

func (s spelling) in(word string) bool {
	switch last := len(s.letters) - 1; {
	case s.letters[0] == '^':
		return strings.HasPrefix(word, s.letters[1:])
	case s.letters[last] == '$':
		return strings.HasSuffix(word, s.letters[:last])
	}
	return strings.Contains(word, s.letters)
}

var models = sync.OnceValue(func() model {
	m := model{words: map[string]map[string]float64{}}
	for lang, text := range common() {
		for word := range strings.FieldsSeq(text) {
			if m.words[word] == nil {
				m.words[word] = map[string]float64{}
			}
			m.words[word][lang] = 1
		}
	}
	for _, in := range m.words {
		for lang := range in {
			in[lang] = 1 / float64(len(in)*len(in))
		}
	}
	for lang, text := range letters() {
		for s := range strings.FieldsSeq(text) {
			m.spellings = append(m.spellings, spelling{lang, s, 0.35})
		}
	}
	return m
})

// letters are spellings that the other languages here do not have, or seldom. ^ is the beginning of a word, $ its end.
func letters() map[string]string {
	return map[string]string{
		"nl": "ij aa uu eeu oei ieu ^ge oor$ lijk$ heid$ ^ver ^ont tje$ ^zo ^be dt$ aald$ eerd$ sch ui oe ^zee",
		"en": "th ^wh ing$ ^sh tion$ ^kn ould$ ight ^y y$ 've$ 're$ 's$ n't$ ^i'm ck ^un wn$ ^wr ^rec",
		"de": "ü ö ä ß ung$ keit$ lich$ isch$ ^ein ^zu eit$ icht$ tsch ^ver ^ge ^auf schl tz ^sch cht$ pf",
		"fr": "é è ê ç œ à eau oux$ ^l' ^d' ^j' ^n' ^qu' ^c' ^m' ^s' ment$ ez$ tion$ eux$ aient$ ais$ oir$ euse$",
		"es": "ñ ó í á ¿ ú ción$ ^qu ido$ ado$ mente$ dad$ os$ as$ ^hay ll ^es",
	}
}

// common are words that many sentences have, above all those that customers write.
func common() map[string]string {
	return map[string]string{
		"nl": `de het een en van ik te dat die in is niet zijn op aan met als voor er maar om hem dan zou of wat mijn men dit zo door over
ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu ge geen omdat iets worden toch al
waren veel meer doen toen moet ben zonder kan hun dus alles onder ja nee eens hier wie werd altijd wordt wezen kunnen ons zelf tegen na
reeds wil kon niets uw iemand geweest andere waar wanneer waarom welke hallo goedemorgen goedemiddag beste geachte groet groeten dank
bedankt dankjewel alvast graag even mag jullie we wij was gaat ga doet weet alsof klopt gekregen ontvangen besteld bestelling pakket
pakje factuur rekening betaald betaling storing kapot retour geld terug levering bezorgd bezorging vraag vragen klacht abonnement
opzeggen wachtwoord inloggen lukt werkt bereik vandaag morgen gisteren sinds week dagen uur zien nieuwe oude telefoon adres wijzigen
helpen help afspraak steeds wachten snel antwoord bellen gebeld mail nummer klantnummer meneer mevrouw krijg krijgen staat staan verkeerde
kwijt verloren korting prijs kosten euro hoeveel waarvoor daarom nooit soms misschien natuurlijk gewoon alleen samen verder eerder later
huis thuis internet doe moeten willen zullen kunt wilt zou blijft laat laten zeggen komt komen duurt lang`,
		"en": `the be to of and a in that have i it for not on with he as you do at this but his by from they we say her she or an will my one all
would there their what so up out if about who get which go me when make can like no just him know take into your some could them than then
now only come its over also back after use how our work first well even want because any these give us is are was were been has had did does
doesn't don't didn't isn't can't won't i'm i've it's hello hi dear thanks thank please regards sorry order ordered parcel package delivery
delivered invoice bill paid payment refund return money account password login log broken working works cancel subscription question help
today tomorrow yesterday since week days hours still yet never received receive wrong missing lost change address phone signal website
where why been waiting wait long call called answer someone anyone nobody nothing something appointment much many cost price new old made
sent send got getting need needs should am may might too very really again every before other here off both own same`,
		"de": `der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei
einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde sei ich mir mich mein meine
meinen meiner wir uns unser ihr ihre ihnen ihren du dein was wer wo wann warum wieso welche kann können muss müssen will wollen soll sollte
möchte würde hätte habe hast bin bist seid gibt geht kein keine keinen nichts etwas jemand immer nie schon wieder sehr hier dort da dann
wenn weil ob doch ja nein hallo guten tag morgen liebe sehr geehrte damen herren danke vielen dank bitte gruß grüße freundlichen bestellung
bestellt paket lieferung geliefert rechnung bezahlt zahlung geld zurück rücksendung konto passwort anmelden kaputt defekt störung funktioniert
kündigen vertrag frage hilfe heute gestern seit woche tage stunden nummer kundennummer adresse ändern falsch falsche fehlt erhalten bekommen
warte warten lange antwort anrufen termin neue neuen alte telefon netz empfang diese dieser dieses jetzt leider`,
		"fr": `le la les de des du un une et à en est que qui dans pour pas ne sur se au aux ce cette ces il elle nous vous je tu on avec son sa ses
mon ma mes votre vos notre nos leur plus par mais ou où si comme tout tous toute fait être avoir ai as a avons avez ont suis es sommes êtes sont
était été sera serait peut peux pouvez faire dire voir quand comment pourquoi combien quel quelle quels rien jamais toujours encore déjà
très bien bonjour bonsoir salut merci cordialement madame monsieur svp plaît commande commandé colis livraison livré facture payé paiement
argent remboursement retour compte mot passe connexion marche fonctionne cassé panne résilier abonnement question aide aujourd'hui hier demain
depuis semaine jours heures numéro adresse changer mauvais mauvaise manque reçu recevoir attends attendre longtemps réponse appeler
rendez nouveau nouvelle ancien téléphone réseau j'ai c'est n'ai n'est qu'il d'un d'une l'ai chez donc car aussi sans sous entre après avant`,
		"es": `el la los las de del un una y a en es que quien para no se por con su sus mi mis lo le les me te nos al como más pero o si ya muy todo
todos toda esta este estos estas eso esto está están estoy ha han he hemos había ser son soy era fue hay tiene tengo tienen puede puedo pueden
hacer cuando cómo dónde cuándo cuánto qué cuál porque nada nunca siempre todavía también sin sobre entre desde hasta hola buenos días buenas
tardes gracias saludos señor señora favor pedido paquete entrega entregado factura pagado pago dinero reembolso devolución cuenta contraseña
funciona roto avería cancelar suscripción pregunta ayuda hoy ayer mañana semana horas número dirección cambiar equivocado falta recibido
recibir esperando espero mucho tiempo respuesta llamar cita nuevo nueva teléfono señal quiero quisiera necesito`,
	}
}
