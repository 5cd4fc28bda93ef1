package api

import (
	"encoding/json"
	"testing"

	"github.com/dghubble/go-twitter/twitter"

	"loket/connectors/vendor"
)

// X writes a link of its own behind a private message with a picture. It is no word of whoever sent the picture.
func TestPrivatePictureHasNoTextOfX(t *testing.T) {
	for _, tt := range []struct{ name, text, urls, attachment, want string }{
		{"told as a link", " https://t.co/abc", `{"url":"https://t.co/abc","expanded_url":"https://twitter.com/messages/media/199"}`, `"url":"https://t.co/abc"`, ""},
		{"of x.com", "https://t.co/abc", `{"url":"https://t.co/abc","expanded_url":"https://x.com/i/messages/media/199"}`, `"id_str":"1"`, ""},
		{"not told at all", "https://t.co/abc", ``, `"id_str":"1"`, ""},
		{"with words", "see this https://t.co/abc", `{"url":"https://t.co/abc","expanded_url":"https://twitter.com/messages/media/199"}`, `"url":"https://t.co/abc"`, "see this"},
		{"with a link of theirs", "https://t.co/own https://t.co/abc", `{"url":"https://t.co/own","expanded_url":"https://example.org/a"}`, `"url":"https://t.co/abc"`, "https://example.org/a"},
		{"a link of theirs is the last", "https://t.co/abc https://t.co/own", `{"url":"https://t.co/own","expanded_url":"https://example.org/a"}`, `"url":"https://t.co/abc"`, "https://example.org/a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var e twitter.DirectMessageEvent
			text, _ := json.Marshal(tt.text)
			err := json.Unmarshal([]byte(`{"type":"message_create","id":"1990000000000001401","created_timestamp":"1790000000000","message_create":{
				"target":{"recipient_id":"783214"},"sender_id":"6301","message_data":{"text":`+string(text)+`,"entities":{"urls":[`+tt.urls+`]},
				"attachment":{"type":"media","media":{"media_url_https":"https://ton.twitter.com/1.1/ton/data/dm/1/2/a.jpg","type":"photo",`+tt.attachment+`}}}}}`), &e)
			if err != nil {
				t.Fatal(err)
			}
			d, err := DirectOf(&e, nil)
			if err != nil || d.Text != tt.want || len(d.Media) != 1 {
				t.Errorf("text %q, %d files, %v; want %q and one", d.Text, len(d.Media), err, tt.want)
			}
			v2 := v2Direct(vendor.Flatten([]byte(`{"id":"1","text":`+string(text)+`,"attachments":{"media_keys":["3_1"]},"entities":{"urls":[`+tt.urls+`]}}`)), v2Includes{})
			if tt.name != "a link of theirs is the last" && v2.Text != tt.want {
				t.Errorf("by v2: %q, want %q", v2.Text, tt.want)
			}
		})
	}
}
