package config

import (
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"loket/connectors"
	"loket/desk/access"
	"loket/desk/reports"
	"loket/internal/field"
	"loket/internal/page"
	"loket/router"
	"loket/router/calendar"
)

// check has every owner look at its section, then looks at what sections say about each other.
func (d *document) check(cfg *Config) {
	teams := slices.Sorted(maps.Keys(cfg.Router.Teams))
	d.owned(field.Under("store", cfg.Store.Validate()))
	d.owned(field.Under("listen", cfg.Listen.Validate()))
	d.owned(field.Under("identity", cfg.Identity.Validate()))
	d.calendars(cfg)
	_, err := router.New(cfg.Router)
	d.owned(err)
	d.owned(access.Validate(cfg.People, cfg.Tokens, teams))
	d.owned(field.Under("oidc", cfg.OIDC.Validate(teams)))
	d.owned(references(cfg))
	d.owned(secretKey(cfg))
	d.owned(reports.Validate(cfg.Reports, mailboxes(cfg), teams))
	d.owned(field.Within("keep", cfg.Keep, 24*time.Hour, 3660*24*time.Hour))
	d.owned(field.Under("organisation", organisation(cfg.Organisation, d.dir)))
	d.owned(field.Under("log", cfg.Log.Validate()))
}

// calendars makes those that teams and rules work by. One with a mistake is known by its name only.
func (d *document) calendars(cfg *Config) {
	for name, c := range cfg.Calendars {
		c.ResolvePaths(d.dir)
		made, err := calendar.New(c)
		d.owned(field.Under("calendars."+name, err))
		cfg.Calendars[name] = c
		if cfg.Router.Calendars == nil {
			cfg.Router.Calendars = map[string]*calendar.Calendar{}
		}
		cfg.Router.Calendars[name] = made
	}
}

// references checks the names in one section that another gives.
func references(cfg *Config) error {
	var errs []error
	calendars := slices.Sorted(maps.Keys(cfg.Calendars))
	for i, c := range cfg.Connectors {
		if c.Calendar != "" && !slices.Contains(calendars, c.Calendar) {
			errs = append(errs, field.Errorf(field.At("connectors", i)+".calendar", "no calendar is called %q%s",
				c.Calendar, field.DidYouMean(c.Calendar, calendars)))
		}
	}
	errs = append(errs, uses(cfg))
	for i, r := range cfg.Router.Rules {
		if agent, ok := strings.CutPrefix(r.Lane, "@"); ok {
			errs = append(errs, access.AnswersFor(field.At("rules", i)+".lane", agent, r.Team, cfg.People))
		}
	}
	return errors.Join(errs...)
}

// mailboxes are the connectors that may mail reports.
func mailboxes(cfg *Config) []string {
	var names []string
	for _, c := range cfg.Connectors {
		if c.Type == "email" {
			names = append(names, c.Name)
		}
	}
	return names
}

// organisation looks at the logo too: whoever has loket check the file wants to know.
func organisation(o page.Organisation, dir string) error {
	if err := o.Validate(); err != nil {
		return err
	}
	o.Logo = beside(dir, o.Logo)
	_, err := page.NewLook(o)
	return err
}

// uses checks the connectors that others send by.
func uses(cfg *Config) error {
	var names []string
	for _, c := range cfg.Connectors {
		names = append(names, c.Name)
	}
	var errs []error
	for i, c := range cfg.Connectors {
		user, ok := c.Settings.(interface{ Uses() map[string]string })
		if !ok {
			continue
		}
		for at, name := range user.Uses() {
			if name == c.Name || !slices.Contains(names, name) {
				errs = append(errs, field.Errorf(field.At("connectors", i)+".settings."+at, "no other connector is called %q%s", name, field.DidYouMean(name, names)))
			}
		}
	}
	return errors.Join(errs...)
}

func secretKey(cfg *Config) error {
	if n := len(cfg.SecretKey.Reveal()); n > 0 && n < leastSecretKey {
		return field.Errorf("secret_key", "must have at least %d characters, not %d", leastSecretKey, n)
	}
	return nil
}

const leastSecretKey = 16

// Validate returns all mistakes.
func (l Log) Validate() error {
	return errors.Join(
		oneOf("level", l.Level, []string{"debug", "info", "warn", "error"}),
		oneOf("format", l.Format, []string{"console", "json"}),
	)
}

func oneOf(path, word string, words []string) error {
	if slices.Contains(words, word) {
		return nil
	}
	last := len(words) - 1
	return field.Errorf(path, "must be %s or %s, not %q%s",
		strings.Join(words[:last], ", "), words[last], word, field.DidYouMean(word, words))
}

// connector is a connector as it is written.
type connector struct {
	Name     string     `yaml:"name"`
	Type     string     `yaml:"type"`
	Enabled  *bool      `yaml:"enabled"`
	Calendar string     `yaml:"calendar"`
	Settings *yaml.Node `yaml:"settings"`
}

var connectorForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,39}$`)

// connectors reads the settings of each into what its type gives for them.
func (d *document) connectors(raw []connector, types []connectors.Type) []Connector {
	byName := map[string]connectors.Type{}
	for _, t := range types {
		byName[t.Name] = t
	}
	known := slices.Sorted(maps.Keys(byName))
	first := map[string]int{}
	all := make([]Connector, len(raw))
	for i, r := range raw {
		path := field.At("connectors", i)
		all[i] = Connector{Name: r.Name, Type: r.Type, Enabled: r.Enabled == nil || *r.Enabled, Calendar: r.Calendar}
		before, again := first[r.Name]
		switch {
		case r.Name == "":
			d.owned(field.Errorf(path+".name", "must be given: it becomes part of the address /in/<name>/"))
		case !connectorForm.MatchString(r.Name):
			d.owned(field.Errorf(path+".name", "must be at most 40 small letters, digits, - and _, beginning with a letter or digit, not %q", r.Name))
		case again:
			d.owned(field.Errorf(path+".name", "connectors[%d] is called %q too", before, r.Name))
		default:
			first[r.Name] = i
		}
		t, ok := byName[r.Type]
		switch {
		case r.Type == "":
			d.owned(field.Errorf(path+".type", "must be one of %s", strings.Join(known, ", ")))
		case !ok:
			d.owned(field.Errorf(path+".type", "unknown type %q%s", r.Type, field.DidYouMean(r.Type, known)))
		default:
			all[i].Settings = d.settings(path+".settings", r.Settings, t, all[i].Enabled)
		}
	}
	return all
}

func (d *document) settings(path string, n *yaml.Node, t connectors.Type, enabled bool) any {
	if t.NewConfig == nil {
		if n != nil && n.Tag != "!!null" {
			d.wrong(path, n, "type %q has no settings", t.Name)
		}
		return nil
	}
	settings := t.NewConfig()
	if n != nil {
		d.value(path, n, reflect.ValueOf(settings).Elem())
	}
	if p, ok := settings.(interface{ ResolvePaths(dir string) }); ok {
		p.ResolvePaths(d.dir)
	}
	if v, ok := settings.(interface{ Validate() error }); ok && enabled {
		d.owned(field.Under(path, v.Validate()))
	}
	return settings
}

// reportWanting records the ${…} that could not be filled in. The settings of a connector that is switched off may
// lack them: its password is not there before it is.
func (d *document) reportWanting(all []Connector) {
	for n, w := range d.wanting {
		if !ofOff(w.path, all) {
			d.add(positionOf(n), n, w.path, "%s", w.reason)
		}
	}
}

func ofOff(path string, all []Connector) bool {
	for i, c := range all {
		if !c.Enabled && strings.HasPrefix(path, field.At("connectors", i)+".settings.") {
			return true
		}
	}
	return false
}
