package cli

import (
	"context"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"loket/cmd/loket/cli/format"
	"loket/desk/api"
)

type peopleCommand struct {
	List    peopleListCommand    `cmd:"" help:"List who may sign in to the desk's pages."`
	Add     peopleAddCommand     `cmd:"" help:"Add somebody who does not stand in the configuration, and give them a link."`
	Link    peopleLinkCommand    `cmd:"" help:"Give somebody a link by which they choose a password, once, within an hour."`
	Passwd  peoplePasswdCommand  `cmd:"" help:"Give somebody a password. They are signed out everywhere."`
	Disable peopleDisableCommand `cmd:"" help:"Sign somebody out everywhere and let them in no more."`
	Enable  peopleEnableCommand  `cmd:"" help:"Let somebody in again."`
}

type peopleListCommand struct{ outputFlags }

func (c *peopleListCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return answer(w, d, c.outputFlags, func(client *api.Client) (*api.SignIns, error) { return client.SignIns(ctx) }, (*page).signIns)
}

func (p *page) signIns(all *api.SignIns) {
	rows := make([][]any, len(all.People))
	for i, s := range all.People {
		teams, state := strings.Join(s.Teams, ", "), "no password yet"
		if s.EveryTeam {
			teams = "every team"
		}
		switch {
		case s.Disabled:
			state = "disabled"
		case s.Password:
			state = "may sign in"
		case slices.Contains(s.Roles, "board"):
			state = "shows numbers"
		}
		rows[i] = []any{format.Bold.Of("%s", s.Name), strings.Join(s.Roles, ", "), teams, state}
	}
	p.Table([]string{"NAME", "ROLES", "TEAMS", ""}, rows)
}

type peopleAddCommand struct {
	Name  string   `arg:"" help:"What they are called, as it stands with what they do."`
	Teams []string `name:"team" ask:"teams" sep:"none" placeholder:"TEAM" help:"A team they answer for. May be given several times; left out, every team."`
	Roles []string `name:"role" sep:"none" enum:"agent,manager,vouch,admin" xor:"role" placeholder:"ROLE" help:"agent, manager, vouch or admin; agent. May be given several times."`
	Board bool     `xor:"role" help:"A screen on a wall: it shows how many wait, names nobody, and stays signed in until it is disabled."`
}

func (c *peopleAddCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	if c.Board {
		err = client.AddBoard(ctx, c.Name, c.Teams)
	} else {
		err = client.AddPerson(ctx, c.Name, c.Teams, c.Roles)
	}
	if err != nil {
		return err
	}
	return giveLink(ctx, w, d, client, c.Name)
}

type peopleLinkCommand struct {
	Name string `arg:"" help:"Whose it is."`
}

func (c *peopleLinkCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	return giveLink(ctx, w, d, client, c.Name)
}

// giveLink prints a link, and nothing else, so that it can be sent on.
func giveLink(ctx context.Context, w *streams, d *daemon, client *api.Client, name string) error {
	link, err := client.LinkPerson(ctx, name)
	if err != nil {
		return err
	}
	w.page().Printf("%s%s\n", strings.TrimSuffix(d.Server, "/"), link.Path)
	return nil
}

type peoplePasswdCommand struct {
	Name string `arg:"" help:"Whose it is."`
}

func (c *peoplePasswdCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	password, err := readPassword(w)
	if err != nil {
		return err
	}
	client, err := d.client(w)
	if err != nil {
		return err
	}
	return client.SetPassword(ctx, c.Name, password)
}

// readPassword reads one line, which a terminal does not show.
func readPassword(w *streams) (string, error) {
	var raw []byte
	var err error
	if f, ok := w.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		_, _ = io.WriteString(w.err, "Password: ")
		raw, err = term.ReadPassword(int(f.Fd()))
		_, _ = io.WriteString(w.err, "\n")
	} else {
		raw, err = io.ReadAll(io.LimitReader(w.in, 4096))
	}
	if err != nil {
		return "", usagef("read password: %w", err)
	}
	password, _, _ := strings.Cut(string(raw), "\n")
	return strings.TrimSuffix(password, "\r"), nil
}

type peopleDisableCommand struct {
	Name string `arg:"" help:"Who it is."`
}

func (c *peopleDisableCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return disable(ctx, w, d, c.Name, true)
}

type peopleEnableCommand struct {
	Name string `arg:"" help:"Who it is."`
}

func (c *peopleEnableCommand) Run(ctx context.Context, w *streams, d *daemon) error {
	return disable(ctx, w, d, c.Name, false)
}

func disable(ctx context.Context, w *streams, d *daemon, name string, disabled bool) error {
	client, err := d.client(w)
	if err != nil {
		return err
	}
	return client.DisablePerson(ctx, name, disabled)
}
