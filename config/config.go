// Package config reads the configuration file and says on which line a mistake stands. Every section belongs to
// the package that uses it; the types of connectors are given by the caller.
package config

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"loket/connectors"
	"loket/desk/access"
	"loket/desk/people"
	"loket/desk/reports"
	"loket/identity"
	"loket/internal/page"
	"loket/internal/secret"
	"loket/internal/store"
	"loket/router"
	"loket/router/calendar"
)

// Config is a whole configuration without mistakes, its defaults filled in.
type Config struct {
	Store  store.Config
	Listen Listen
	// SecretKey signs the links to customers' threads. Empty when the file has none.
	SecretKey secret.String
	Identity  identity.Config
	// Zone is where times are shown that belong to no team with a calendar. It is never nil.
	Zone       *time.Location
	Calendars  map[string]calendar.Config
	Router     router.Config
	People     []access.Person
	Tokens     []access.Token
	OIDC       people.OIDC
	Connectors []Connector
	// Organisation is how pages for customers look.
	Organisation page.Organisation
	// Keep is how long closed tasks, what was said in them and events stay in the store.
	Keep time.Duration
	// ManagersSeeAnswers tells whether managers see what came of each person's answers; else only that person does.
	ManagersSeeAnswers bool
	// Reports are mailed each month.
	Reports []reports.Config
	Log     Log
	// Exposed tells which secrets others on this machine may read, and how to mend that. They are no mistakes.
	Exposed Problems
}

// A Connector is one of the section connectors.
type Connector struct {
	Name    string
	Type    string
	Enabled bool
	// Calendar is when the office of this channel is open. Empty is the fallback team's calendar.
	Calendar string
	// Settings is what the type's NewConfig gave, with the settings read into it. Those of a connector that is
	// switched off were not validated.
	Settings any
}

// Log says what is written to the log, and how.
type Log struct {
	// debug, info, warn or error: the least that is written.
	Level string `yaml:"level"`
	// console for people, json for programs.
	Format string `yaml:"format"`
}

// MaxSize is how large a configuration file may be.
const MaxSize = 1 << 20

// Load reads the file at path. When the file could be read, the error is a Problems with every mistake in it.
func Load(path string, types []connectors.Type) (*Config, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	return Parse(path, data, filepath.Dir(path), types)
}

// Parse reads a configuration that is called name in errors. Relative paths in it are relative to dir.
// The error is a Problems with every mistake, in the order of the file.
func Parse(name string, data []byte, dir string, types []connectors.Type) (*Config, error) {
	d := open(name, data, dir)
	if d.fatal {
		return nil, d.sorted()
	}
	d.expand()
	f := defaults()
	d.decode(&f)
	cfg := &Config{
		Store: f.Store, Listen: f.Listen, SecretKey: f.SecretKey, Identity: f.Identity, Calendars: f.Calendars,
		Router: router.Config{Teams: f.Teams, Rules: f.Rules, Fallback: f.Fallback},
		People: f.People, Tokens: f.Tokens, OIDC: f.OIDC, Connectors: d.connectors(f.Connectors, types), Organisation: f.Organisation, Keep: f.Keep, Log: f.Log,
		ManagersSeeAnswers: f.ManagersSee, Reports: f.Reports,
	}
	d.reportWanting(cfg.Connectors)
	if d.budget >= 0 {
		d.check(cfg)
		cfg.Zone = d.zone(f.Zone, cfg)
	}
	if len(d.problems) > 0 {
		return nil, d.sorted()
	}
	cfg.Exposed = d.exposed()
	cfg.Listen = cfg.Listen.Complete()
	cfg.OIDC = cfg.OIDC.Complete()
	cfg.Store.Data = beside(dir, cfg.Store.Data)
	cfg.Store.CA = beside(dir, cfg.Store.CA)
	cfg.Organisation.Logo = beside(dir, cfg.Organisation.Logo)
	return cfg, nil
}

// beside is path seen from dir, where the file is.
func beside(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// file is the configuration as it is written.
type file struct {
	Store        store.Config               `yaml:"store"`
	Listen       Listen                     `yaml:"listen"`
	SecretKey    secret.String              `yaml:"secret_key"`
	Identity     identity.Config            `yaml:"identity"`
	Zone         string                     `yaml:"zone"`
	Calendars    map[string]calendar.Config `yaml:"calendars"`
	Teams        map[string]router.Team     `yaml:"teams"`
	People       []access.Person            `yaml:"people"`
	Tokens       []access.Token             `yaml:"tokens"`
	OIDC         people.OIDC                `yaml:"oidc"`
	Connectors   []connector                `yaml:"connectors"`
	Rules        []router.Rule              `yaml:"rules"`
	Fallback     string                     `yaml:"fallback_team"`
	Organisation page.Organisation          `yaml:"organisation"`
	Keep         time.Duration              `yaml:"keep"`
	ManagersSee  bool                       `yaml:"managers_see_answers"`
	Reports      []reports.Config           `yaml:"reports"`
	Log          Log                        `yaml:"log"`
}

func defaults() file {
	return file{
		Store:    store.Defaults(),
		Listen:   DefaultListen(),
		Identity: identity.Defaults(),
		Keep:     90 * 24 * time.Hour,
		Log:      Log{Level: "info", Format: "console"},
	}
}
