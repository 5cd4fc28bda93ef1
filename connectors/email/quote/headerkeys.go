package quote

// headerKeys are the names that mail programs write before the lines of a header block; in lower case.
var headerKeys = rolesOf(map[role][]string{
	from: {
		"from", "van", "von", "de", "expéditeur", "da", "från", "fra", "od", "afzender", "absender", "remitente", "mittente", "de la",
		"lähettäjä", "feladó", "kimden", "от", "от кого", "від", "від кого", "发件人", "寄件者", "寄件人", "差出人", "送信者", "보낸 사람",
	},
	when: {
		"sent", "date", "verzonden", "verstuurd", "datum", "dato", "verzonden op", "verzenddatum", "gesendet", "gesendet am", "envoyé",
		"envoyé le", "date d'envoi", "message du", "enviado", "enviado el", "enviado em", "enviada em", "enviada", "fecha", "inviato", "data",
		"skickat", "sendt", "lähetetty", "päiväys", "päivämäärä", "wysłano", "wysłane", "odesláno", "odoslané", "küldve", "dátum",
		"gönderildi", "gönderme tarihi", "tarih", "trimis", "отправлено", "дата", "надіслано", "发送时间", "日期", "时间", "寄件日期",
		"送信日時", "日時", "日付", "보낸 날짜", "날짜",
	},
	to: {
		"to", "aan", "an", "à", "a", "para", "pour", "till", "til", "do", "destinataire", "geadresseerde", "vastaanottaja", "komu", "címzett",
		"kime", "către", "кому", "收件人", "收件者", "宛先", "받는 사람",
	},
	subject: {
		"subject", "onderwerp", "betreff", "betreft", "objet", "sujet", "asunto", "oggetto", "ämne", "emne", "assunto", "temat", "aihe",
		"předmět", "predmet", "tárgy", "konu", "subiect", "тема", "主题", "主旨", "件名", "제목",
	},
	other: {
		"cc", "kopie", "bcc", "copie", "copie à", "copia", "kopia", "kopi", "kopio", "dw", "reply-to", "antwoord aan", "antwort an", "répondre à",
		"responder a", "beantwoorden - aan", "risposta", "копия", "копія", "抄送",
		"importance", "urgentie", "prioriteit", "belang", "wichtigkeit", "priority",
		"attachments", "bijlagen", "anlagen", "pièces jointes", "datos adjuntos",
	},
})

func rolesOf(keys map[role][]string) map[string]role {
	m := map[string]role{}
	for r, names := range keys {
		for _, name := range names {
			m[name] = r
		}
	}
	return m
}
