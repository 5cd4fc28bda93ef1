package email

import (
	"slices"
	"strings"
	"testing"

	"loket/internal/message"
)

// reacted is a mail as Gmail writes one for an emoji, edited.
func reacted(edits ...string) string {
	return strings.NewReplacer(edits...).Replace(`From: Dora Fal <dora@west.example.org>
To: help@example.org
Subject: Re: Your bill
Date: Sun, 29 Nov 2026 16:25:00 +0000
Message-ID: <reaction@west.example.org>
In-Reply-To: <ours@example.org>
References: <ours@example.org>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="re"

--re
Content-Type: text/plain; charset="UTF-8"

👍
Dora Fal reacted via Gmail <https://www.google.com/gmail/about/?utm_source=gmail-in-product>
--re
Content-Type: text/vnd.google.email-reaction+json; charset="UTF-8"
Content-Transfer-Encoding: base64

eyJlbW9qaSI6IvCfkY0iLCJ2ZXJzaW9uIjoxfQ==
--re
Content-Type: text/html; charset="UTF-8"

<p style="font-size:50px">👍</p><p>Dora Fal reacted via <a href="https://www.example.org/r">Gmail</a></p>
--re--
`)
}

func TestAReactionIsAMarkAndNoFile(t *testing.T) {
	const alone = "From: dora@west.example.org\nTo: help@example.org\nMessage-ID: <r@west.example.org>\nIn-Reply-To: <ours@example.org>\n" +
		"Content-Type: text/vnd.google.email-reaction+json\n\n{\"version\":1,\"emoji\":\"🎉\"}\n"
	for _, tt := range []struct {
		name, mail, emoji string // "" when it is a message like any other
		files             int
	}{
		{"as Gmail writes it", reacted(), "👍", 0},
		{"in Dutch", reacted("reacted via Gmail", "heeft gereageerd via Gmail"), "👍", 0},
		{"with the mail quoted", reacted("👍\nDora", "👍\n\nOn Sun, 29 Nov 2026 at 15:00, Help <help@example.org> wrote:\n> Your bill is paid.\n> Dora"), "👍", 0},
		{"alone", alone, "🎉", 0},
		{"with a letter beside it", reacted("👍\nDora", "👍\n"+strings.Repeat("and I want my money back ", 20)+"\nDora"), "", 0},
		{"to nothing", reacted("In-Reply-To: <ours@example.org>\n", ""), "", 1},
		{"of words", reacted("eyJlbW9qaSI6IvCfkY0iLCJ2ZXJzaW9uIjoxfQ==", "eyJlbW9qaSI6InBheSBtZSIsInZlcnNpb24iOjF9"), "", 1},
		{"of another version", reacted("eyJlbW9qaSI6IvCfkY0iLCJ2ZXJzaW9uIjoxfQ==", "eyJlbW9qaSI6IvCfkY0iLCJ2ZXJzaW9uIjoyfQ=="), "", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newReader().read(letter(tt.mail)).Message
			if tt.emoji == "" {
				if m.Kind != message.Said || len(m.Attachments) != tt.files {
					t.Errorf("kind %q, attachments %+v, want a message", m.Kind, m.Attachments)
				}
				return
			}
			if m.Kind != message.Reaction || len(m.Attachments) != 0 || !slices.Contains(m.Marks, "reaction: "+tt.emoji) || !strings.HasPrefix(m.Text, tt.emoji) || m.Problem != "" {
				t.Errorf("kind %q, text %q, marks %q, attachments %+v, want the reaction %s", m.Kind, m.Text, m.Marks, m.Attachments, tt.emoji)
			}
		})
	}
}
