package message

import (
	"bytes"
	"mime"
	"net/http"
	"path"
	"strings"
)

// Sniffed is how many bytes of a file Sniff looks at, at most.
const Sniffed = 4 << 10

// Sniff is the media type of a file as far as its first bytes show it, application/octet-stream when they do not. It knows
// beside what browsers know what telephones send: HEIC and AVIF pictures, films of QuickTime, and documents that are ZIPs.
func Sniff(start []byte) string {
	start = start[:min(len(start), Sniffed)]
	if len(start) >= 12 && string(start[4:8]) == "ftyp" {
		if kind := brands()[string(start[8:12])]; kind != "" {
			return kind
		}
	}
	kind, _, _ := mime.ParseMediaType(http.DetectContentType(start)) // it gives only what can be parsed
	if kind == "application/zip" {
		for _, d := range []struct{ folder, kind string }{{"ppt/", pptx}, {"word/", docx}, {"xl/", xlsx}} {
			if bytes.Contains(start, []byte(d.folder)) {
				return d.kind
			}
		}
		if i := bytes.Index(start, []byte("mimetypeapplication/")); i >= 0 && i < 100 { // OpenDocument, EPUB
			named, _, _ := bytes.Cut(start[i+len("mimetype"):], []byte("PK"))
			if Ending(string(named)) != "" {
				return string(named)
			}
		}
	}
	return kind
}

// brands are those of the container that pictures, films and sounds share (ISO 14496-12).
func brands() map[string]string {
	return map[string]string{
		"heic": "image/heic", "heix": "image/heic", "heim": "image/heic", "heis": "image/heic", "hevc": "image/heic", "hevx": "image/heic",
		"mif1": "image/heic", "msf1": "image/heic", "avif": "image/avif", "avis": "image/avif", "qt  ": "video/quicktime",
		"M4A ": "audio/mp4", "M4B ": "audio/mp4", "3gp4": "video/3gpp", "3gp5": "video/3gpp", "3gp6": "video/3gpp", "3g2a": "video/3gpp2",
		"M4V ": "video/mp4", "isom": "video/mp4", "iso2": "video/mp4", "mp41": "video/mp4", "mp42": "video/mp4", "avc1": "video/mp4",
	}
}

const (
	pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Ending is how names of files of a media type end, with the dot; "" when that is not known. It is a table of our own: that
// of the system differs from machine to machine.
func Ending(kind string) string {
	plain, _, err := mime.ParseMediaType(kind)
	if err != nil {
		return ""
	}
	return endings()[plain]
}

func endings() map[string]string {
	return map[string]string{
		"image/jpeg": ".jpg", "image/jpg": ".jpg", "image/pjpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp",
		"image/heic": ".heic", "image/heif": ".heif", "image/avif": ".avif", "image/tiff": ".tif", "image/bmp": ".bmp", "image/svg+xml": ".svg",
		"image/x-icon": ".ico",
		"audio/ogg":    ".ogg", "audio/opus": ".opus", "audio/mpeg": ".mp3", "audio/mp3": ".mp3", "audio/amr": ".amr", "audio/mp4": ".m4a",
		"audio/x-m4a": ".m4a", "audio/aac": ".aac", "audio/wav": ".wav", "audio/wave": ".wav", "audio/x-wav": ".wav", "audio/3gpp": ".3gp",
		"audio/flac": ".flac", "audio/webm": ".weba", "audio/basic": ".au", "audio/aiff": ".aiff", "audio/midi": ".mid",
		"video/mp4": ".mp4", "video/quicktime": ".mov", "video/3gpp": ".3gp", "video/3gpp2": ".3g2", "video/webm": ".webm", "video/mpeg": ".mpg",
		"video/avi": ".avi", "video/x-msvideo": ".avi", "video/x-matroska": ".mkv", "application/ogg": ".ogg",
		"application/pdf": ".pdf", "application/zip": ".zip", "application/x-zip-compressed": ".zip", "application/x-zip": ".zip",
		"application/gzip": ".gz", "application/x-gzip": ".gz", "application/x-7z-compressed": ".7z", "application/vnd.rar": ".rar",
		"application/x-rar-compressed": ".rar", "application/x-tar": ".tar",
		"application/msword": ".doc", "application/vnd.ms-excel": ".xls", "application/vnd.ms-powerpoint": ".ppt", docx: ".docx", xlsx: ".xlsx", pptx: ".pptx",
		"application/vnd.oasis.opendocument.text": ".odt", "application/vnd.oasis.opendocument.spreadsheet": ".ods",
		"application/vnd.oasis.opendocument.presentation": ".odp", "application/epub+zip": ".epub", "application/rtf": ".rtf", "text/rtf": ".rtf",
		"application/vnd.apple.pages": ".pages", "application/vnd.apple.numbers": ".numbers", "application/vnd.apple.keynote": ".key",
		"application/json": ".json", "application/xml": ".xml", "text/xml": ".xml", "text/html": ".html", "text/plain": ".txt", "text/csv": ".csv",
		"text/vcard": ".vcf", "text/x-vcard": ".vcf", "text/directory": ".vcf", "text/calendar": ".ics", "application/ics": ".ics",
		"application/vnd.apple.pkpass": ".pkpass", "message/rfc822": ".eml", "application/postscript": ".ps",
	}
}

// NameWithEnding is the name of a file with an ending that its computer knows: its own, else that of its media type, else
// that of what its first bytes show.
func NameWithEnding(name, kind string, start []byte) string {
	if HasEnding(name) {
		return name
	}
	ending := Ending(kind)
	if ending == "" {
		ending = Ending(Sniff(start))
	}
	return name + ending
}

// HasEnding tells whether a name ends as names of files do.
func HasEnding(name string) bool {
	ending := path.Ext(name)
	return len(ending) > 1 && len(ending) <= 9 && len(ending) < len(name) &&
		strings.Trim(strings.ToLower(ending[1:]), "abcdefghijklmnopqrstuvwxyz0123456789") == "" &&
		strings.Trim(ending[1:], "0123456789") != "" || len(ending) == 3 && strings.EqualFold(ending, ".7z")
}
