package mail

import (
	"path"
	"strings"
)

// maxName is what file systems take.
const maxName = 255

// partName gives the name of a leaf: the one it brings, made safe, or one that fits its type.
func (r *reader) partName(e entity, data []byte) string {
	if name := safeName(givenName(e)); name != "" {
		return name
	}
	switch e.media.name {
	case "message/rfc822", "message/global", "message/news":
		h := header{limit: min(r.limits.Header, 16<<10)}
		h.read(startOfMail(data[:min(len(data), 64<<10)]))
		h.decode(data)
		subject := DecodeWords(entity{fields: h.fields}.get("Subject"))
		if name := safeName(strings.ReplaceAll(subject, "/", "_")); name != "" {
			return cutText(name, maxName-4) + ".eml"
		}
		return "message.eml"
	}
	if name, ok := nameOfType(e.media.name); ok {
		return name
	}
	if strings.HasPrefix(e.media.name, "text/") {
		return "text.txt"
	}
	return "attachment.bin"
}

func givenName(e entity) string {
	if name := e.disposition.params["filename"]; name != "" {
		return name
	}
	return e.media.params["name"]
}

// nameOfType is a table of our own: that of the system differs from machine to machine.
func nameOfType(mediaType string) (name string, ok bool) {
	switch mediaType {
	case "text/calendar", "application/ics":
		return "invite.ics", true
	case "text/vcard", "text/x-vcard", "text/directory":
		return "contact.vcf", true
	case "message/delivery-status", "message/global-delivery-status":
		return "delivery-status.txt", true
	case "message/disposition-notification":
		return "disposition-notification.txt", true
	case "message/feedback-report":
		return "feedback-report.txt", true
	case "text/rfc822-headers", "message/global-headers":
		return "headers.txt", true
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return "winmail.dat", true
	case "application/pgp-signature":
		return "signature.asc", true
	case "application/pgp-encrypted":
		return "version.asc", true
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return "smime.p7s", true
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return "smime.p7m", true
	case "image/png":
		return "image.png", true
	case "image/jpeg", "image/jpg":
		return "image.jpg", true
	case "image/gif":
		return "image.gif", true
	case "image/heic":
		return "image.heic", true
	case "image/svg+xml":
		return "image.svg", true
	case "audio/mpeg":
		return "audio.mp3", true
	case "audio/wav", "audio/x-wav":
		return "audio.wav", true
	case "video/mp4":
		return "video.mp4", true
	case "application/pdf":
		return "document.pdf", true
	case "application/zip":
		return "archive.zip", true
	case "text/html":
		return "page.html", true
	case "text/csv":
		return "table.csv", true
	}
	return "", false
}

// safeName takes from name what can hurt where it is shown or stored: paths, control characters, what turns the
// direction of writing, what file systems refuse, length. What is left may be empty.
func safeName(name string) string {
	name = cleanName(name)
	if strings.Contains(name, `\`) || strings.HasPrefix(name, "/") || strings.Contains(name, "../") {
		name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	}
	name = strings.Map(func(c rune) rune {
		if strings.ContainsRune(`/:*?"<>|`, c) {
			return '_'
		}
		return c
	}, name)
	name = strings.Trim(name, ". ")
	if len(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	return strings.TrimRight(cutText(name, maxName-len(ext)), ". ") + ext
}
