package twilio_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/connectors/twilio/twiliotest"
)

func TestFilesAreCalledByWhatTheyAre(t *testing.T) {
	p := newPhone(t)
	container := func(brand string) []byte { return []byte("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00") }
	for _, m := range []twiliotest.Message{
		{From: "+31612341401", Body: "the scans", Media: []twiliotest.File{
			{Type: "image/heic", Data: container("heic")}, {Type: "video/quicktime", Data: container("qt  ")},
			{Type: "application/zip", Data: []byte("PK\x03\x04a.txt")}, {Type: "image/jpg", Data: jpeg(9)},
			{Type: "application/vnd.openxmlformats-officedocument.presentationml.presentation", Data: []byte("PK\x03\x04[Content_Types].xml")},
			{Type: "image/jpeg"}, {Type: "application/octet-stream", Data: []byte("%PDF-1.7\n")},
		}},
		{From: "whatsapp:+31612341401", To: "whatsapp:" + twiliotest.Number, Body: "Factuur maart 2026.pdf", Form: url.Values{"MessageType": {"document"}},
			Media: []twiliotest.File{{Type: "application/pdf", Data: []byte("%PDF-1.7\n")}}},
		{From: "whatsapp:+31612341401", To: "whatsapp:" + twiliotest.Number, Body: "see it on www.example.org", Form: url.Values{"MessageType": {"image"}},
			Media: []twiliotest.File{{Type: "image/jpeg", Data: jpeg(9)}}},
	} {
		if _, status := p.server.Receive(m); status != http.StatusOK {
			t.Fatalf("%q: %d", m.Body, status)
		}
	}
	var names [][]string
	for _, m := range p.Accepted() {
		var of []string
		for _, a := range m.Attachments {
			of = append(of, a.Name)
		}
		names = append(names, of)
	}
	want := [][]string{
		{"sms-1.heic", "sms-2.mov", "sms-3.zip", "sms-4.jpg", "sms-5.pptx", "sms-6.jpg", "sms-7.pdf"}, {"Factuur maart 2026.pdf"}, {"whatsapp-1.jpg"},
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}
