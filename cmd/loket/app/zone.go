package app

import "time"

// zone is where times of a team are read: in the zone of its calendar, else in the daemon's, as those of no team.
func (r *rules) zone(team string) *time.Location {
	set := r.now.Load()
	t, _ := set.router.Team(team)
	return set.cfg.ZoneOf(t.Calendar)
}
