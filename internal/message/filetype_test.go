package message

import "testing"

func TestFilesGetTheEndingOfWhatTheyAre(t *testing.T) {
	container := func(brand string) []byte { return []byte("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00mif1heic") }
	zip := func(names string) []byte { return []byte("PK\x03\x04\x14\x00\x06\x00\x08\x00" + names) }
	for _, tt := range []struct {
		name, kind string
		start      []byte
		want       string
	}{
		{"sms-1", "image/heic", container("heic"), "sms-1.heic"}, {"sms-1", "application/octet-stream", container("heic"), "sms-1.heic"},
		{"sms-1", "", container("mif1"), "sms-1.heic"}, {"sms-2", "video/quicktime", container("qt  "), "sms-2.mov"}, {"sms-2", "", container("qt  "), "sms-2.mov"},
		{"sms-3", "application/zip", zip("a.txt"), "sms-3.zip"}, {"sms-3", "application/x-zip-compressed", nil, "sms-3.zip"},
		{"sms-4", "image/jpg", []byte("\xff\xd8\xff\xe0"), "sms-4.jpg"}, {"sms-4", "", []byte("\xff\xd8\xff\xe0"), "sms-4.jpg"},
		{"sms-5", pptx, zip("[Content_Types].xml"), "sms-5.pptx"}, {"sms-5", "application/octet-stream", zip("[Content_Types].xml ppt/presentation.xml"), "sms-5.pptx"},
		{"sms-5", "", zip("word/document.xml"), "sms-5.docx"}, {"sms-5", "", zip("\x00\x00mimetypeapplication/vnd.oasis.opendocument.textPK"), "sms-5.odt"},
		{"sms-6", "image/jpeg", nil, "sms-6.jpg"}, {"sms-7", "text/plain; charset=utf-8", []byte("hi"), "sms-7.txt"},
		{"sms-8", "application/x-nobody-knows", []byte("\x00\x01\x02\x03"), "sms-8"}, {"Factuur maart 2026.pdf", "application/pdf", nil, "Factuur maart 2026.pdf"},
		{"scan 12.03.2026", "application/pdf", nil, "scan 12.03.2026.pdf"}, {"backup.7z", "application/octet-stream", nil, "backup.7z"},
		{"song.mp3", "audio/mpeg", nil, "song.mp3"}, {".hidden", "application/pdf", nil, ".hidden.pdf"},
	} {
		if got := NameWithEnding(tt.name, tt.kind, tt.start); got != tt.want {
			t.Errorf("%q of type %q is called %q, want %q", tt.name, tt.kind, got, tt.want)
		}
	}
}
