package quote

import "strings"

// Marked tells whether an HTML mail may bear marks of a mail program by which FromHTML knows what is quoted or a
// signature. It looks for their words anywhere, so it says yes too often and never no too often; it takes a tenth of the
// time. Where it says no, FromHTML knows no more than Strip does from the plain text of the same mail.
func Marked(source string) bool {
	lower := strings.ToLower(source[:min(len(source), MaxHTML)])
	for _, word := range markWords {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// markWords are parts of what stands in classHints, idHints and the attributes that hint reads; the test holds them
// together.
var markWords = [...]string{
	"quote", "cite", "_attr", "signature", "moz-", "outlookmessageheader", "zmail_extra", "iosymail", "airmail_", "originalcontent",
	"divrplyfwdmsg", "appendonsend", "stopspelling", "zwchr", "replysplit", "isforwardcontent", "isreplycontent", "mail-editor-reference",
	"olk_src", "reply-intro", "border-top", "mobile-reference", "messagereply", "_rc_sig", "aqm-original", "__divider__", "__sig_",
}
