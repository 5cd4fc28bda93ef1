package pages

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk"
)

// What may still be sent stands beside each way in the language of who writes; after its end what is possible instead.
func TestWaySaysWhatMayStillBeSent(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	h := &Handler{now: func() time.Time { return now }}
	templates := []desk.Template{{Begin: "#delay", Text: "We need more time."}}
	for name, row := range map[string]struct {
		window *desk.Window
		en, nl string
		over   bool
	}{
		"no window":           {nil, "", "", false},
		"open":                {&desk.Window{Until: now.Add(time.Hour), Templates: templates}, "free text until 14:00", "vrije tekst tot 14:00", false},
		"over":                {&desk.Window{Until: now.Add(-time.Hour), Templates: templates}, "only a template since 12:00. Begin with its name:", "sinds 12:00 alleen nog een sjabloon. Begin met de naam:", true},
		"over, no template":   {&desk.Window{Until: now.Add(-time.Hour)}, "nothing can be sent since 12:00, until they write again", "sinds 12:00 kan er niets verstuurd worden, tot zij weer schrijven", true},
		"never opened":        {&desk.Window{Templates: templates}, "only a template: they have not written here. Begin with its name:", "alleen een sjabloon: zij schreven hier nog niet. Begin met de naam:", true},
		"never, no templates": {&desk.Window{}, "nothing can be sent before they write", "er kan niets verstuurd worden voordat zij schrijven", true},
	} {
		for lang, want := range map[string]string{"en": row.en, "nl": row.nl} {
			v := &visitor{words: all[lang]}
			p := &desk.Preview{Via: "same", Channel: "whatsapp", Window: row.window}
			got := h.way(v, p, "Europe/Amsterdam")
			expected := wayView{Via: "same", Label: v.words.Way["same"], Channel: "WhatsApp", Window: want, Over: row.over, To: got.To}
			if row.over {
				expected.Templates = row.window.Templates
			}
			if diff := cmp.Diff(expected, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", name, lang, diff)
			}
		}
	}
	late := &desk.Preview{Window: &desk.Window{Templates: templates}, Refusal: "too late"}
	for text, want := range map[string][2]string{"": {}, "Hello": {all["nl"].NoFreeText}, "#delay x": {"too late", "en"}} {
		if said, lang := h.refusal(&visitor{words: all["nl"]}, late, text); said != want[0] || lang != want[1] {
			t.Errorf("refusal of %q = %q in %q, want %q", text, said, lang, want)
		}
	}
}
