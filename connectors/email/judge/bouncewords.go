package judge

import "loket/internal/lazy"

var (
	// delayPhrase is what a server says that still tries.
	delayPhrase = lazy.Compile(`(?i)message .*delayed|delivery .*(delayed|has been delayed)|delayed mail|still (being retried|undelivered)|(will|attempts will) (continue|keep) (to (try|retry|be made)|try)|has not yet been (delivered|able)|could not be delivered for .*hours?|warning: could not send|no action is required on your part|will be retried|\(delay(ed)?\)|vertraagd|verzögert|retardé|incomplete|this is a warning message only|temporary failure report|notification: warning|遅延`)

	// bounceSubject is how only mail systems begin a subject, in the languages of those that write them.
	bounceSubject = lazy.Compile(`(?i)^\s*(\[[^\]]{0,40}\]\s*)?\W{0,3}(` +
		`undeliver(able|ed)( (mail|message|e-?mail)|:|\s*$)|non-?deliverable|non[- ]delivery (report|notification|receipt)` +
		`|returned (mail|message)(:|\s*$)|return(ing|ed) (mail|message) to sender|(mail|message) returned` +
		`|(e-?)?mail (delivery|system|transport)[ :](failed|failure|error|problem|status|report|unsuccess)|(mail|message) (delivery )?(has )?failed` +
		`|delivery[ _](failure:|status)( notification)?|delivery notification: |fail(ed|ure) (notice|mail)|permanent delivery failure` +
		`|there was an error sending your mail|could not send message|warning: (could not|message)|delayed mail|warning: delayed` +
		`|(your |sorry, your )?(mail|e-?mail|message) (could|can)( ?not|n['’]t) be delivered|message status - undeliverable|message you sent blocked` +
		`|notice: mail delivery|postmaster notify|\w+ smtp server: errors from|bounced? (mail|message)` +
		`|onbestelbaar|unzustellbar|nicht zugestellt|non[ _](remis|recapitabile)|(échec|rapport) de (la )?remise|mancato recapito|impossibile recapitare` +
		`|no se puede entregar|no se ha podido entregar|não[ _](foi )?(entregue|é possível entregar)|niedostarcz|nie można dostarczyć|zwrot wiadomości` +
		`|olevererbart|kan inte levereras|det går inte att leverera|kan ikke leveres|kunne ikke leveres|uleverlig|ei voi(da|tu)? toimittaa|toimitus epäonnistui` +
		`|не ?доставлен|не удалось доставить|не удается доставить|невозможно доставить|nedoručiteln|kézbesíthetetlen|teslim edilemedi` +
		`)|(?i)^\s*\[bounce\]\s*$|退信|无法(投递|传递|送达)|投递失败|無法(投遞|傳遞|遞送)|傳送失敗|配信(に失敗|不能|でき)|配送(に失敗|でき)|(送信|配信|メール)エラー|送信できませんでした|メッセージを配信できません|不達|(전달|배달|전송|발송)(할 수 없|되지 못|에? ?실패)|반송`)

	// failSubject is how a bounce may begin, and what parcels are told of too.
	failSubject = lazy.Compile(`(?i)undeliver|returned (mail|to sender)|return(ing)? (mail|message)|delivery (status|fail|has failed|problem|report|incomplete|error|notification|unsuccess)|mail (delivery|system error|could not)|failure (notice|notification)|failed (mail|delivery)|(mail|message) .*(not delivered|rejected)|non[- ]?(remis|deliver)|nondeliverable|bounce|user unknown|mailbox (is )?full|address not found|onbestelbaar|niet (bezorgd|afgeleverd|aangekomen|verzonden)|unzustellbar|nicht zugestellt|zustellung|non distribu|échec de la remise|message non remis|no se puede entregar|no entregado|fallo en la entrega|warning: message|fehler beim versand|are not member|mail failed|(mail|message) not sent|forwarding or filtering`)

	// failPhrase is how a bounce explains itself.
	failPhrase = lazy.Compile(`(?i)(could|can)( ?not|n['’]t) be (delivered|reached|found|sent|completed)|(could|can) ?not (deliver|send)|(wasn['’]t|was not|were not|not) (able to )?deliver|(unable|fail(ed|ure)|error|trouble|problems?)( has occurred| occurred)?( in| while attempting)?( to)? (deliver|send)` +
		`|undeliverable|delivery .*(failed|has failed|failure)|permanent (fatal |delivery )?error|(did not|didn['’]t) (reach|receive)|the following (address|recipient)|following list of recipients|had (delivery|permanent) (error|problem|fatal)|following addresses had|failed (addresses|recipient)|returned to (the )?sender` +
		`|message .*(has been )?(rejected|returned|bounced|blocked)|rejected by a remote mail server|did not receive this message|mail delivery (system|software|subsystem)|qmail-send|giving up|over ?quota|mailbox .*full|not relayed to|are not a member of|may not exist, or you may not have permission|mail system at host|unable to relay|relay(ing)? (denied|not permitted)|only subscribers may post` +
		`|kon niet worden (bezorgd|afgeleverd)|niet (worden )?(bezorgd|afgeleverd)|(konnte|konnten|kann|können) .{0,120}nicht (zugestellt|zustellen|ausgeliefert)|nicht zugestellt|n['’]a (pas )?pu être remis|pu être remis|(échec|impossible) de (la )?remi|no (se pudo|ha podido) entregar|no pudo ser entregado` +
		`|recapito non (è )?riuscito|non (è stato possibile|può essere) (recapitare|consegnare|recapitato|consegnato)|não (pôde|pode|foi possível) (ser )?entreg|nie można (było )?dostarczyć|leveransen misslyckades|kunde inte levereras|levering mislykkedes|kunne ikke leveres|ei voitu toimittaa` +
		`|не удалось доставить|не (может|могло) быть доставлен|无法(投递|传递|送达)|投递失败|無法(投遞|傳遞|遞送)|配信できません|配送できません|送信できません|送信に失敗|配信に失敗|届けることができません|(전달|배달|전송|발송)(할 수 없|되지 못|에? ?실패)|postvak .*vol\b`)

	// ofMail tells mail from parcels and payments, which come back too.
	ofMail = lazy.Compile(`(?i)\b(e-?mails?|mails?|messages?|recipients?|mailbox|smtp|user|address|nachricht|bericht|postvak|courriel|correo|mensaje|destinatari|messaggio|recapito|mensagem|wiadomo|adresat|mottagare|modtagere|meddela|besked|viesti)|сообщени|письм|получател|邮件|郵件|收件|メール|あて先|宛先|메일|\b[45]\d\d [45]\.\d`)

	// returnedLine begins the copy of our mail.
	returnedLine = lazy.Compile(`(?i)^[\s>*=|+-]*(below (this|the next) line is a copy|below is a copy of|this is a copy of (the|your) message|original (message|mail)( (follows|headers|mail info|as follows)| ?$| ?:|\.)|(unsent|returned) message( follows)?|returned mail follows|(your |the )?message (header|text)?s? ?follows?|message header follows|your message begins as follows|start of returned message|old message:|the header of the original message|copy of message|the following is the beginning of|included is a copy|begin(ning)? of original message)`)
)
