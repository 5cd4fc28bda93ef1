package desk

import (
	"loket/desk/access"
)

// Me is who makes a call, and what they may look at.
type Me struct {
	Token  string // its name
	Person string // the only one it acts for; "" when it may act for others
	Teams  []string
	Roles  []string
}

// Teams are the names of all teams, sorted.
func (d *Desk) Teams() []string { return d.router().Teams() }

// Me tells who makes the call.
func (d *Desk) Me(by access.Actor) Me {
	me := Me{Token: by.Name, Person: by.Person, Roles: by.Roles}
	for _, team := range d.router().Teams() {
		if by.Sees(team) == nil {
			me.Teams = append(me.Teams, team)
		}
	}
	return me
}
