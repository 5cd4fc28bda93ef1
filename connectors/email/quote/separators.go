package quote

// historySeparators stand between dashes above a mail that is answered; in lower case.
var historySeparators = words(
	"original message", "reply message", "original appointment", "original email", "original e-mail", "original mail",
	"oorspronkelijk bericht", "oorspronkelijke bericht", "origineel bericht", "originele bericht", "oorspronkelijke e-mail",
	"oorspronkelijke mail", "originele e-mail", "originele mail", "oorspronkelijke afspraak", "beantwoord bericht",
	"ursprüngliche nachricht", "originalnachricht", "original-nachricht", "original nachricht", "ursprüngliche mail", "ursprüngliche e-mail",
	"originale nachricht", "antwort nachricht", "ursprünglicher termin",
	"message d'origine", "message original", "message initial", "rendez-vous d'origine", "mail original", "courriel original",
	"mensaje original", "mensaje de origen", "correo original", "missatge original",
	"messaggio originale", "messaggio originario", "messaggio di origine", "mensagem original", "e-mail original",
	"ursprungligt meddelande", "originalmeddelande", "ursprungligt mejl",
	"oprindelig meddelelse", "oprindelig besked", "oprindelig mail", "oprindelig e-mail", "original meddelelse", "original besked",
	"opprinnelig melding", "original melding", "opprinnelig e-post",
	"alkuperäinen viesti", "wiadomość oryginalna", "oryginalna wiadomość", "pierwotna wiadomość", "původní zpráva", "původní e-mail",
	"pôvodná správa", "eredeti üzenet", "orijinal mesaj", "orijinal ileti", "özgün ileti", "mesaj original", "mesajul original",
	"исходное сообщение", "оригинальное сообщение", "первоначальное сообщение", "оригінальне повідомлення",
	"原始邮件", "原始郵件", "原始訊息", "元のメッセージ", "원본 메시지",
)

// forwardSeparators stand between dashes above a mail that is passed on; in lower case.
var forwardSeparators = words(
	"forwarded message", "original forwarded message", "forwarded mail", "forwarded email", "forward message",
	"doorgestuurd bericht", "doorgestuurde bericht", "doorgestuurde e-mail", "doorgezonden bericht", "doorgestuurde mail",
	"weitergeleitete nachricht", "weitergeleitete e-mail", "weitergeleitete mail",
	"message transféré", "message transmis", "message réexpédié", "courriel transféré",
	"mensaje reenviado", "mensaje remitido", "correo reenviado",
	"messaggio inoltrato", "mensagem encaminhada", "mensagem reencaminhada", "vidarebefordrat meddelande", "vidarebefordrat mejl",
	"videresendt meddelelse", "videresendt besked", "videresendt mail", "videresendt melding", "välitetty viesti", "edelleenlähetetty viesti",
	"przekazana wiadomość", "wiadomość przekazana dalej", "přeposlaná zpráva", "továbbított üzenet", "iletilmiş mesaj", "yönlendirilmiş ileti",
	"mesaj redirecționat", "пересылаемое сообщение", "пересланное сообщение", "переадресованное сообщение", "转发的邮件", "转发邮件",
)

// forwardBegins stand alone above a mail that is passed on; in lower case, without the colon.
var forwardBegins = words(
	"begin forwarded message", "start of forwarded message", "begin doorgestuurd bericht", "begin van doorgestuurd bericht",
	"doorgestuurd bericht", "begin doorgestuurde e-mail",
	"anfang der weitergeleiteten nachricht", "anfang der weitergeleiteten e-mail", "beginn der weitergeleiteten nachricht",
	"début du message transféré", "début du message réexpédié", "inicio del mensaje reenviado", "comienza el mensaje reenviado",
	"inizio messaggio inoltrato", "início da mensagem reencaminhada", "início da mensagem encaminhada",
	"start på videresendt besked", "videresendt besked", "vidarebefordrat brev", "start på vidarebefordrat brev", "videresendt melding",
	"początek przekazywanej wiadomości", "välitetty viesti alkaa", "začátek přeposlané zprávy", "начало переадресованного сообщения",
)

func words(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, w := range list {
		m[w] = true
	}
	return m
}
