package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/cmd/loket/cli/format"
	"loket/config"
	"loket/connectors"
	"loket/connectors/all"
	"loket/internal/message"
)

type connectorsCommand struct {
	Setup   connectorsSetupCommand   `cmd:"" local:"" help:"Say what must be set at the provider of a channel, and what is."`
	Measure connectorsMeasureCommand `cmd:"" local:"" help:"Say what a channel takes, and how a text would go out: its length, or the messages that each cost, such as SMS."`
}

type connectorsSetupCommand struct {
	Name string `arg:"" help:"The connector, as it is called in the configuration."`
}

// setupWithin bounds asking the provider.
const setupWithin = 30 * time.Second

// Run prints what to enter where. It needs no daemon; what the provider tells is compared.
func (c *connectorsSetupCommand) Run(ctx context.Context, w *streams, from *configured) error {
	made, found, err := from.connector(w.out, c.Name)
	if err != nil {
		return err
	}
	guide, ok := made.(connectors.Guide)
	if !ok {
		return usagef("connector %s is of type %s, which needs nothing set elsewhere", c.Name, found.Type)
	}
	ctx, cancel := context.WithTimeout(ctx, setupWithin)
	defer cancel()
	lines, err := guide.Setup(ctx)
	for _, l := range lines {
		_, _ = fmt.Fprintln(w.out, format.Clean(l))
	}
	if err != nil {
		return fmt.Errorf("%s; what stands above is to be set all the same", err) // its cause would be taken for the daemon's not being there
	}
	return nil
}

type connectorsMeasureCommand struct {
	Name string `arg:"" help:"The connector, as it is called in the configuration."`
	Text string `placeholder:"TEXT" help:"The text; left out, standard input."`
}

// Run prints what each channel of the connector takes, and how the text would go out there.
func (c *connectorsMeasureCommand) Run(w *streams, from *configured) error {
	made, found, err := from.connector(w.out, c.Name)
	if err != nil {
		return err
	}
	limited, ok := made.(connectors.Limited)
	if !ok {
		return usagef("connector %s is of type %s, and carries no answers as it is configured", c.Name, found.Type)
	}
	text := c.Text
	if text == "" {
		b, err := io.ReadAll(io.LimitReader(w.in, 1<<20))
		if err != nil {
			return fmt.Errorf("read text: %w", err)
		}
		text = strings.TrimRight(string(b), "\n")
	}
	for _, l := range limited.Limits() {
		for _, line := range printLimits(l, measured(made, l, text)) {
			_, _ = fmt.Fprintln(w.out, format.Clean(line))
		}
	}
	return nil
}

// measured says how a text goes out on a channel: in how many messages that cost, else how long it is.
func measured(made connectors.Connector, l connectors.Limits, text string) string {
	if measurer, ok := made.(connectors.Measurer); ok {
		if cut := measurer.Measure(&message.Message{Channel: l.Channel, Text: text}); cut != "" {
			return cut
		}
	}
	return l.Measure(text)
}

func printLimits(l connectors.Limits, measured string) []string {
	name, reports := l.Channel, make([]string, len(l.States))
	if l.Public {
		name += ", in public"
	}
	for i, s := range l.States {
		reports[i] = string(s)
	}
	return []string{
		name + ": " + measured,
		"  files      " + cmp.Or(l.Files, "none"),
		"  free text  " + cmp.Or(l.Window, "always"),
		"  reports    " + cmp.Or(strings.Join(reports, ", "), "none"),
	}
}

// connector makes one of the configuration, switched on or not, without a daemon around it.
func (c *configured) connector(out io.Writer, name string) (connectors.Connector, config.Connector, error) {
	cfg, err := c.load(out)
	if err != nil {
		return nil, config.Connector{}, err
	}
	var names []string
	for _, found := range cfg.Connectors {
		names = append(names, found.Name)
		if found.Name != name {
			continue
		}
		for _, t := range all.Types() {
			if t.Name != found.Type {
				continue
			}
			if v, ok := found.Settings.(interface{ Validate() error }); ok { // those of one switched off were not looked at
				if err := v.Validate(); err != nil {
					return nil, found, usagef("connector %s is not ready:\n%w", name, err)
				}
			}
			made, err := t.New(found.Settings, connectors.Env{
				Name: name, Log: zap.NewNop(), Region: cfg.Identity.Region, PublicURL: cfg.Listen.PublicURL,
			})
			return made, found, err
		}
	}
	return nil, config.Connector{}, usagef("no connector is called %q: there are %s", name, strings.Join(names, ", "))
}
