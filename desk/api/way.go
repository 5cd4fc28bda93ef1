package api

import (
	"loket/desk"
)

// A Way is one that an answer to a task may go.
type Way struct {
	Via       string   `json:"via"` // same, preferred or private, as it is asked for
	To        []string `json:"to"`
	Connector string   `json:"connector,omitempty"`
	Channel   string   `json:"channel,omitempty"`
	Public    bool     `json:"public,omitempty"`
	Refusal   string   `json:"refusal,omitempty"` // why nothing goes this way now, in words
	Window    *Window  `json:"window,omitempty"`  // absent where free texts are always taken
}

// A Window is until when the channel takes free texts. Until is absent when the customer never wrote there.
type Window struct {
	Until     Time       `json:"until,omitzero"`
	Templates []Template `json:"templates"` // what it takes afterwards, too
}

// A Template is a text that the channel takes at any time.
type Template struct {
	Begin string `json:"begin"` // what an answer that uses it begins with
	Text  string `json:"text,omitempty"`
}

func waysOf(ways []*desk.Preview) []Way {
	var out []Way
	for _, p := range ways {
		w := Way{Via: p.Via, To: names(p.To), Connector: p.Connector, Channel: p.Channel, Public: p.Public, Refusal: p.Refusal}
		if p.Window != nil {
			w.Window = &Window{Until: Time{p.Window.Until}, Templates: []Template{}}
			for _, t := range p.Window.Templates {
				w.Window.Templates = append(w.Window.Templates, Template(t))
			}
		}
		out = append(out, w)
	}
	return out
}
