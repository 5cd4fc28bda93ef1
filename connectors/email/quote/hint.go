package quote

import "strings"

// A hint is what a mail program tells with an element about the mail.
type hint struct {
	marks   mark
	around  bool // the earlier mail ends with the first quote inside
	history bool // from here on there is only history
	forward bool // from here on there is a forwarded mail
	unsure  bool // the same mark is left by a button with which people quote by themselves
}

// hint reads the marks that mail programs put into class, id, name and style of what they add. They are not documented;
// each was seen in mail of the program that is named.
func (a *attributes) hint(tag string) hint {
	if h, ok := idHints[a.id]; ok {
		return h
	}
	if a.class != "" {
		for class := range strings.FieldsSeq(a.class) {
			if h, ok := classHints[class]; ok && (tag != "blockquote" || !h.around) {
				return h
			}
			if strings.Contains(class, "yahoo_quoted") {
				return hint{marks: earlier}
			}
		}
	}
	switch {
	case tag == "blockquote" && (a.kind == "cite" || strings.Contains(a.class, "quote")):
		return hint{marks: earlier, unsure: !a.cite}
	case tag == "div" && (a.name == "quote" || a.name == "messagereplysection"): // GMX and Web.de; Spark
		return hint{marks: earlier}
	case tag == "div" && a.name == "messagesignaturesection":
		return hint{marks: signature}
	case tag == "div" && outlookHeader(a.css):
		return hint{history: true}
	case a.marker == "__QUOTED_TEXT__": // Zimbra
		return hint{marks: earlier}
	case a.marker == "__DIVIDER__":
		return hint{history: true}
	case a.marker == "__SIG_PRE__", a.marker == "__SIG_POST__":
		return hint{marks: signature}
	}
	return hint{}
}

// outlookHeader knows the line that Outlook draws over the header of the mail that is answered.
func outlookHeader(css string) bool {
	drawn, near := false, false
	for name, value := range declarations(css) {
		switch name {
		case "border-top":
			for _, color := range [...]string{"#e1e1e1", "#b5c4df", "rgb(225, 225, 225)", "rgb(181, 196, 223)"} {
				drawn = drawn || strings.Contains(value, "solid") && strings.Contains(value, color)
			}
		case "padding":
			near = strings.HasPrefix(value, "3.0pt 0") || strings.HasPrefix(value, "3pt 0")
		}
	}
	return drawn && near
}

var classHints = map[string]hint{
	"gmail_quote":                         {marks: earlier, around: true},
	"gmail_attr":                          {marks: attribution},
	"gmail_signature":                     {marks: signature},
	"moz-cite-prefix":                     {marks: attribution}, // Thunderbird
	"moz-signature":                       {marks: signature},
	"moz-forward-container":               {forward: true},
	"outlookmessageheader":                {history: true}, // Outlook 2003
	"protonmail_quote":                    {marks: earlier, around: true},
	"protonmail_signature_block":          {marks: signature},
	"tutanota_quote":                      {marks: earlier},
	"zmail_extra":                         {marks: earlier}, // Zoho
	"iosymail":                            {marks: earlier}, // Yahoo on the iPhone
	"airmail_on":                          {marks: attribution},
	"airmail_ext_on":                      {marks: attribution},
	"front-blockquote":                    {marks: earlier},
	"freshdesk_quote":                     {marks: earlier},
	"_originalcontent":                    {marks: earlier}, // BlackBerry
	"alimail-quote":                       {marks: earlier},
	"ntes_quote":                          {marks: earlier}, // NetEase
	"ms-outlook-ios-signature":            {marks: signature},
	"gmail_quote_attribution":             {marks: attribution}, // Mailspring
	"io-ox-signature":                     {marks: signature},   // Open-Xchange
	"ms-outlook-mobile-reference-message": {marks: earlier},
}

var idHints = map[string]hint{
	"divrplyfwdmsg":    {history: true}, // Outlook on the web and on telephones
	"appendonsend":     {history: true},
	"stopspelling":     {history: true}, // Outlook on the web, older
	"zwchr":            {history: true}, // Zimbra
	"replysplit":       {history: true},
	"isforwardcontent": {forward: true}, // NetEase
	"isreplycontent":   {marks: earlier},
	"mail-editor-reference-message-container": {marks: earlier}, // Outlook on telephones
	"olk_src_body_section":                    {marks: earlier}, // Outlook 2011 for the Mac
	"_originalcontent":                        {marks: earlier},
	"reply-intro":                             {marks: attribution}, // Roundcube
	"signature":                               {marks: signature},   // Outlook on the web
	"ms-outlook-mobile-signature":             {marks: signature},
	"composer_signature":                      {marks: signature}, // Samsung
	"tutanota_signature":                      {marks: signature},
	"_rc_sig":                                 {marks: signature}, // Roundcube
	"aqm-original":                            {marks: earlier},   // Aqua Mail
	"aqm-signature":                           {marks: signature},
}
