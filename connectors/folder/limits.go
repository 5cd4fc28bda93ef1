package folder

import (
	"context"

	"loket/connectors"
)

// Limits are those of a text that somebody prints.
func (f *Folder) Limits() []connectors.Limits {
	l := connectors.Limits{Channel: f.cfg.Channel}
	if f.cfg.Out == "" {
		l.Window = "never from here: " + errByHand.Error()
	}
	return []connectors.Limits{l}
}

// Setup says which directories must be there, and who must be let in.
func (f *Folder) Setup(context.Context) ([]string, error) {
	lines := []string{
		"Put letters to come in, each as one file that is written whole or renamed into place, into:", "  " + f.cfg.Directory,
		"The account that loket runs under must be let read, write and rename there. What was taken goes to done/ in it, what can't be to failed/.",
	}
	if f.cfg.Out == "" {
		return append(lines, "Answers are posted by hand, and noted with:  loket answered --by letter"), nil
	}
	return append(lines, "Answers are put, for whoever prints and posts them, into the following, where loket must be let write:", "  "+f.cfg.Out), nil
}

var (
	_ connectors.Limited = (*Folder)(nil)
	_ connectors.Guide   = (*Folder)(nil)
)
