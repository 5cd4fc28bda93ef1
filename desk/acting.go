package desk

import (
	"fmt"

	"loket/desk/access"
	"loket/internal/field"
)

// agent is the person who acts in a team, who must answer for it.
func (d *Desk) agent(by access.Actor, team string) (string, error) {
	people := d.access()
	agent, err := people.Agent(by.Principal, by.Agent)
	if err != nil {
		return "", err
	}
	if err := by.Sees(team); err != nil {
		return "", err
	}
	if _, ok := d.router().Team(team); (!ok || people.Empty(team)) && by.Has(access.RoleManager) {
		return agent, nil // nobody is in it, or it is gone: a manager passes on what is there
	}
	return agent, people.InTeam(agent, team)
}

// team is an error when there is no such team.
func (d *Desk) team(name string) error {
	r := d.router()
	if _, ok := r.Team(name); ok {
		return nil
	}
	return fmt.Errorf("team %q: %w%s", name, ErrNotFound, field.DidYouMean(name, r.Teams()))
}
