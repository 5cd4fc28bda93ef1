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
}

// addWays says which ways an answer may go, and what the text that is in the box would do.
func (h *Handler) addWays(ctx context.Context, v *visitor, task string, reply *replyView) error {
	ways, err := h.desk.Ways(ctx, v.by, task)
	if err != nil {
		return err
	}
	chosen := 0
	for i, way := range ways {
		if way.Via == reply.Via {
			chosen = i
		}
		reply.Ways = append(reply.Ways, wayView{
			Via: way.Via, Label: v.words.Way[way.Via], Channel: v.words.channel(way.Channel), To: addresses(way.To), Public: way.Public,
		})
	}
	reply.Ways[chosen].Chosen = true
	reply.Via, reply.Refusal = ways[chosen].Via, ways[chosen].Refusal
	if reply.Text == "" {
		return nil
	}
	p, err := h.desk.Preview(ctx, v.by, task, desk.Answer{Text: reply.Text, Via: reply.Via})
	if _, wrong := mistake(err); wrong { // it is told when it is sent
		return nil
	}
	if err == nil {
		reply.Length, reply.Refusal = p.Length, p.Refusal
	}
	return err
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
	if wrong, ok := mistake(err); ok {
		said["refusal"] = wrong
	} else if err != nil {
		h.trouble(w, r, v.words, err)
		return
	} else {
		said["length"], said["refusal"] = p.Length, p.Refusal
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(said) // a browser that went away is no error
}
