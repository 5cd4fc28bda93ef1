package webform

import (
	"context"

	"loket/connectors"
)

// Limits are those of the customer's page.
func (f *Form) Limits() []connectors.Limits {
	return []connectors.Limits{{Channel: "web", Files: "any, on the customer's page", States: []connectors.State{connectors.Delivered}}}
}

// Setup says where the form is.
func (f *Form) Setup(context.Context) ([]string, error) {
	lines := []string{
		"The form is at the following address; link to it from your pages, which can't show it in a frame:", "  " + f.env.HookURL("/"),
		"Programs and forms of your own may post to the same address. Nothing must be set elsewhere, and no rights are needed.",
	}
	if len(f.origins) == 0 {
		lines = append(lines, "Pages of yours that post by script must stand in origins, of which there are none.")
	}
	return lines, nil
}

var (
	_ connectors.Limited = (*Form)(nil)
	_ connectors.Guide   = (*Form)(nil)
)
