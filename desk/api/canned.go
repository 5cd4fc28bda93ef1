package api

import (
	"net/http"

	"loket/desk"
)

// A Canned answer is a text that agents begin answers with.
type Canned struct {
	ID       string `json:"id"`
	Team     string `json:"team,omitempty"`     // absent: of every team
	Language string `json:"language,omitempty"` // absent: for every language
	Channel  string `json:"channel,omitempty"`  // absent: for every channel
	Name     string `json:"name"`
	Text     string `json:"text"` // with variables, as {{name}}
	By       string `json:"by,omitempty"`
	At       Time   `json:"at"`
}

// A CannedList is canned answers, by name.
type CannedList struct {
	Canned []Canned `json:"canned"`
}

func cannedOf(c *desk.Canned) Canned {
	return Canned{ID: c.ID, Team: c.Team, Language: c.Language, Channel: c.Channel, Name: c.Name, Text: c.Text, By: c.By, At: Time{c.At}}
}

func listCanned(c *call) error {
	all, err := c.desk.Canned(c.ctx(), c.asked(), c.query().Get("team"))
	if err != nil {
		return err
	}
	out := CannedList{Canned: []Canned{}}
	for i := range all {
		out.Canned = append(out.Canned, cannedOf(&all[i]))
	}
	return c.json(http.StatusOK, out)
}

type cannedBody struct {
	person
	ID       string `json:"id,omitempty"`
	Team     string `json:"team,omitempty"`
	Language string `json:"language,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Name     string `json:"name"`
	Text     string `json:"text"`
}

func setCanned(c *call) error {
	var in cannedBody
	if err := c.read(&in); err != nil {
		return err
	}
	done, err := c.desk.SetCanned(c.ctx(), c.by(in.person), desk.Canned{
		ID: in.ID, Team: in.Team, Language: in.Language, Channel: in.Channel, Name: in.Name, Text: in.Text,
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, cannedOf(done))
}

func removeCanned(c *call) error {
	return c.done(c.desk.RemoveCanned(c.ctx(), c.asked(), c.r.PathValue("canned")))
}
