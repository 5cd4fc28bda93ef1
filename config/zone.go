package config

import (
	"cmp"
	"os"
	"path/filepath"
	"strings"
	"time"

	"loket/router/calendar"
)

// zone is where times are shown that belong to no team with a calendar: that of the file; left out, the one that all
// calendars have, else that of the fallback team's calendar, else this machine's.
func (d *document) zone(written string, cfg *Config) *time.Location {
	if written != "" {
		zone, err := calendar.ParseZone("zone", written)
		d.owned(err)
		return zone
	}
	if zone := sharedZone(cfg.Router.Calendars); zone != nil {
		return zone
	}
	if c := cfg.Router.Calendars[cfg.Router.Teams[cfg.Router.Fallback].Calendar]; c != nil {
		return c.Zone()
	}
	return machineZone(os.Getenv("TZ"), "/etc/localtime")
}

// ZoneOf is where times are read that a calendar counts, or, without a calendar, those of nobody's.
func (c *Config) ZoneOf(name string) *time.Location {
	if known := c.Router.Calendars[name]; known != nil {
		return known.Zone()
	}
	return c.Zone
}

// sharedZone is the zone of all calendars, nil when there is none or they differ.
func sharedZone(calendars map[string]*calendar.Calendar) *time.Location {
	var zone *time.Location
	for _, c := range calendars {
		switch {
		case c == nil: // it has a mistake
		case zone == nil:
			zone = c.Zone()
		case c.Zone().String() != zone.String():
			return nil
		}
	}
	return zone
}

// machineZone is this machine's zone under its own name, which Go does not tell; UTC when it has none.
func machineZone(tz, localtime string) *time.Location {
	name := strings.TrimPrefix(tz, ":")
	if name == "" {
		name, _ = filepath.EvalSymlinks(localtime)
	}
	if _, after, ok := strings.Cut(name, "/zoneinfo/"); ok {
		name = after
	}
	zone, err := calendar.ParseZone("", cmp.Or(name, "UTC"))
	if err != nil || name == "Etc/UTC" {
		return time.UTC
	}
	return zone
}
