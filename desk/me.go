package desk

import (
	"loket/desk/access"
)

// Me is who makes a call, and what they may look at.
type Me struct {
	Token  string   `json:"token"`            // its name
	Person string   `json:"person,omitempty"` // the only one it acts for; absent when it may act for others
	Teams  []string `json:"teams"`
	Roles  []string `json:"roles"`
}

// Me tells who makes the call.
func (d *Desk) Me(by access.Actor) Me {
	me := Me{Token: by.Name, Person: by.Person, Teams: []string{}, Roles: filled(by.Roles)}
	for _, team := range d.router().Teams() {
		if by.Sees(team) == nil {
			me.Teams = append(me.Teams, team)
		}
	}
	return me
}
