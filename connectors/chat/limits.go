package chat

import (
	"context"
	"fmt"
	"net/url"

	"loket/connectors"
)

// Limits are those of the customer's page, on which answers stand.
func (c *Chat) Limits() []connectors.Limits {
	return []connectors.Limits{{Channel: "chat", Files: "any, on the customer's page", States: []connectors.State{connectors.Delivered, connectors.Read}}}
}

// Setup says what must stand in the pages that show the chat.
func (c *Chat) Setup(context.Context) ([]string, error) {
	lines := []string{
		"Paste this into each page that is to show the chat:",
		fmt.Sprintf("  <script src=%q async></script>", c.env.HookURL("/chat.js")),
	}
	if u, err := url.Parse(c.env.PublicURL); err == nil && u.Host != "" {
		origin := u.Scheme + "://" + u.Host
		lines = append(lines, "A page with a Content-Security-Policy adds to it:", "  script-src "+origin+"; frame-src "+origin)
	}
	if len(c.pages.origins) == 0 {
		lines = append(lines, "The pages must be of a site in origins, of which there are none.")
	}
	if c.login.key != nil {
		lines = append(lines, fmt.Sprintf("It says who is signed in by data-visitor, a token (JWT, %s) with iss %s, aud %s, sub and exp.", c.login.algorithm, c.login.issuer, c.login.audience))
	}
	if c.login.userSecret != "" {
		lines = append(lines, "It says who is signed in by data-user, their id, and data-user-hash, its HMAC-SHA256 with user_secret in hex.")
	}
	return lines, nil
}

var (
	_ connectors.Limited = (*Chat)(nil)
	_ connectors.Guide   = (*Chat)(nil)
)
