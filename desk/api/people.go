package api

import (
	"net/http"
	"time"

	"loket/desk/people"
	"loket/internal/field"
)

// A SignIn is somebody who may sign in to the desk's pages.
type SignIn struct {
	Name       string   `json:"name"`
	Teams      []string `json:"teams"`
	EveryTeam  bool     `json:"every_team,omitempty"` // those that there are, and those to come
	Roles      []string `json:"roles"`
	Configured bool     `json:"configured,omitempty"` // teams and roles stand in the configuration
	Password   bool     `json:"password"`             // they have one
	Disabled   bool     `json:"disabled,omitempty"`   // they may not sign in
}

// SignIns are all who may sign in, by name.
type SignIns struct {
	People []SignIn `json:"people"`
}

// A Link is where somebody chooses a password: good once, until a time.
type Link struct {
	Path  string `json:"path"` // on the desk listener
	Until Time   `json:"until"`
}

func listPeople(c *call) error {
	all, err := c.people.List(c.ctx(), c.asked())
	if err != nil {
		return err
	}
	out := SignIns{People: []SignIn{}}
	for _, p := range all {
		out.People = append(out.People, signIn(p))
	}
	return c.json(http.StatusOK, out)
}

func signIn(p people.Person) SignIn {
	teams := p.Teams
	if teams == nil {
		teams = []string{}
	}
	return SignIn{Name: p.Name, Teams: teams, EveryTeam: p.EveryTeam, Roles: p.Roles, Configured: p.Configured, Password: p.Password, Disabled: p.Disabled}
}

type newPersonBody struct {
	Name  string   `json:"name"`
	Teams []string `json:"teams"`
	Roles []string `json:"roles"`
	Board bool     `json:"board,omitempty"`
}

type passwordBody struct {
	Password string `json:"password"`
}

type disabledBody struct {
	Disabled *bool `json:"disabled"`
}

func addPerson(c *call) error {
	var in newPersonBody
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Board {
		if len(in.Roles) > 0 {
			return field.Errorf("roles", "must be left out: a board only shows numbers")
		}
		return c.done(c.people.AddBoard(c.ctx(), c.asked(), in.Name, in.Teams))
	}
	return c.done(c.people.Add(c.ctx(), c.asked(), in.Name, in.Teams, in.Roles))
}

func linkPerson(c *call) error {
	if err := c.read(&struct{}{}); err != nil {
		return err
	}
	token, err := c.people.Link(c.ctx(), c.asked(), c.r.PathValue("person"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, Link{Path: "/begin/" + token, Until: Time{time.Now().Add(people.LinkLasts)}})
}

func setPassword(c *call) error {
	var in passwordBody
	if err := c.read(&in); err != nil {
		return err
	}
	return c.done(c.people.SetPassword(c.ctx(), c.asked(), c.r.PathValue("person"), in.Password))
}

func disablePerson(c *call) error {
	var in disabledBody
	if err := c.read(&in); err != nil {
		return err
	}
	return c.done(c.people.Disable(c.ctx(), c.asked(), c.r.PathValue("person"), in.Disabled == nil || *in.Disabled))
}
