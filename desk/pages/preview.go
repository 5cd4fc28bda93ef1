package pages

import (
	"context"
	"encoding/json"
	"net/http"

	"loket/desk"
)

// A wayView is a way that an answer may go.
type wayView struct {
	Via, Label, Channel string
	To                  []string
	Public, Chosen      bool
	Window              string // until when a free text is taken, in words; "" where it always is
	Over                bool   // it is not taken any more
	Templates           []desk.Template
}

// addWays says which ways an answer may go, and what the text that is in the box would do.
func (h *Handler) addWays(ctx context.Context, v *visitor, t *desk.Task, reply *replyView) error {
	chosen := 0
	for i, way := range t.Ways {
		if way.Via == reply.Via {
			chosen = i
		}
		reply.Ways = append(reply.Ways, h.way(v, way, t.Zone))
	}
	reply.Ways[chosen].Chosen = true
	reply.Via = t.Ways[chosen].Via
	reply.Refusal, reply.RefusalLang = h.refusal(v, t.Ways[chosen], "")
	if reply.Text == "" {
		return nil
	}
	p, err := h.desk.Preview(ctx, v.by, t.Card.ID, desk.Answer{Text: reply.Text, Via: reply.Via})
	if _, wrong := v.words.mistake(err); wrong { // it is told when it is sent
		return nil
	}
	if err == nil {
		reply.Length = p.Length
		reply.Refusal, reply.RefusalLang = h.refusal(v, p, reply.Text)
	}
	return err
}

func (h *Handler) way(v *visitor, p *desk.Preview, zone string) wayView {
	w := wayView{Via: p.Via, Label: v.words.Way[p.Via], Channel: v.words.channel(p.Channel), To: addresses(p.To), Public: p.Public}
	if p.Window != nil {
		w.Over = p.Window.IsOver(h.now())
		w.Window = v.words.window(p.Window, w.Over, h.moment(v.words, p.Window.Until, zone).Text)
		if w.Over {
			w.Templates = p.Window.Templates
		}
	}
	return w
}

// refusal says why an answer would not be taken, and in which language where that is not the page's. That it is too late for a free text
// stands beside its way already.
func (h *Handler) refusal(v *visitor, p *desk.Preview, text string) (said, lang string) {
	if p.Refusal == "" || p.Window == nil || !p.Window.IsOver(h.now()) || p.Window.Uses(text) {
		_, lang = v.words.refusal(p.Refusal)
		return v.words.wrong("", p.Refusal), lang
	}
	if text == "" {
		return "", ""
	}
	return v.words.NoFreeText, ""
}

// preview tells a script what the answer that is being written would do.
func (h *Handler) preview(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	said := map[string]string{}
	p, err := h.desk.Preview(r.Context(), v.by, r.PathValue("task"), desk.Answer{Text: f.Get("text"), Via: f.Get("via"), Whom: desk.Whom{All: f.Get("all") != ""}})
	if wrong, ok := v.words.mistake(err); ok {
		said["refusal"] = wrong
	} else if err != nil {
		h.trouble(w, r, v.words, err)
		return
	} else {
		said["length"] = p.Length
		said["refusal"], said["lang"] = h.refusal(v, p, f.Get("text"))
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(said) // a browser that went away is no error
}
