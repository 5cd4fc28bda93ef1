package quote

import "testing"

func TestWhatTelephonesAddIsNotSaid(t *testing.T) {
	const answer = "Dat klopt, dank u."
	for _, footer := range []string{
		"Verzonden vanaf mijn iPhone", "Verstuurd vanaf mijn iPad", "Verzonden vanuit Outlook voor Android<https://aka.ms/AAb9ysg>",
		"Outlook voor iOS downloaden<https://aka.ms/o0ukef>", "Verzonden met de Ziggo Mail-app op mijn iPhone", "Verstuurd met Yahoo Mail vanaf Android",
		"Sent from my iPhone", "Sent from my Wiko RIDGE FAB 4G", "Sent from my TI-85", "Sent from Mail for Windows", "Sent from Mailbox for iPad",
		"Sent with Airmail", "Sent from TypeApp<https://www.typeapp.example/r>", "Sent via the Samsung Galaxy S9, an AT&T 5G smartphone",
		"Get Outlook for iOS<https://aka.ms/o0ukef>", "Get Outlook for Mac <https://aka.ms/x>", "Sent from my mobile device",
		"Von meinem iPhone gesendet", "Gesendet von Outlook für Android<https://aka.ms/AAb9ysg>", "Gesendet mit der WEB.DE Mail App",
		"Diese Nachricht wurde von meinem Android-Mobiltelefon mit K-9 Mail gesendet.", "Von meinem Samsung Galaxy Smartphone gesendet.",
		"Envoyé de mon iPhone", "Envoyé à partir de Outlook pour iOS<https://aka.ms/o0ukef>", "Télécharger Outlook pour Android<https://aka.ms/x>",
		"Enviado desde mi iPhone", "Obtener Outlook para iOS<https://aka.ms/o0ukef>", "Enviado do meu iPhone", "Obter o Outlook para iOS<https://aka.ms/x>",
		"Inviato da iPhone", "Inviato dal mio iPhone", "Scarica Outlook per Android<https://aka.ms/x>", "Ottieni Outlook per iOS<https://aka.ms/x>",
		"Sendt fra min iPhone", "Hent Outlook til iOS<https://aka.ms/x>", "Skickat från min iPhone", "Hämta Outlook för iOS<https://aka.ms/x>",
		"Skickat från Outlook för Android<https://aka.ms/x>", "Skaff deg Outlook for iOS<https://aka.ms/x>",
		"Wysłane z iPhone'a", "Wysłano z mojego iPhone'a", "Pobierz aplikację Outlook dla systemu iOS<https://aka.ms/x>", "Wysłane z programu Outlook dla systemu Android",
		"Lähetetty iPhonesta", "Odesláno z iPhonu", "Отправлено с iPhone", "发自我的iPhone", "從我的 iPhone 傳送", "iPhoneから送信",
	} {
		for _, in := range []string{answer + "\n\n" + footer, answer + "\n" + footer + "\n\nOn 3 Nov 2026, at 10:12, Desk <desk@loket.example> wrote:\n\n> Is it?"} {
			if got := Strip(in); got != answer {
				t.Errorf("Strip(%q) = %q, want %q", in, got, answer)
			}
		}
	}
}

func TestSentencesAboutSendingAreSaid(t *testing.T) {
	for _, said := range []string{
		"Sent from my desk, is much easier than my mobile phone.", "Verzonden vanaf mijn oude adres", "Verzonden via PostNL op 3 november.",
		"Sent from my old address", "Gesendet von meinem Büro", "Von meinem Chef gesendet", "Verstuurd vanaf mijn iPhone werkt het niet",
		"Sent from the shop on Monday", "Sent from my Flat 12", "Envoyé par mon mari", "Enviado por mi hermano", "Inviato da mio fratello Luca", "Отправлено с почты вчера",
		"Verzonden met Track and Trace",
	} {
		if in := "Ik heb het pakket niet.\n\n" + said; Strip(in) != in {
			t.Errorf("Strip(%q) = %q, want all of it", in, Strip(in))
		}
	}
}
