package meta

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"loket/connectors/vendor"
)

// Setup says what must stand at Meta, and what does, as far as Meta tells.
func (a *App) Setup(ctx context.Context) (lines []string, err error) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if !strings.HasPrefix(a.env.PublicURL, "https://") {
		say("listen.public_url is %s: Meta needs one that it can reach, with https", a.env.PublicURL)
	}
	say("developers.facebook.com, the app %s, Webhooks, while loket runs (Meta looks at once whether it answers):", a.cfg.AppID)
	say("  Callback URL  %s", a.env.HookURL("/"))
	say("  Verify token  verify_token of the configuration")
	if len(a.cfg.WhatsApp) > 0 {
		say("  WhatsApp Business Account: messages, message_template_status_update, user_preferences, smb_message_echoes")
	}
	if len(a.cfg.Pages) > 0 {
		say("  Page: %s", pageFields)
		say("  Instagram: messages, messaging_seen, messaging_postbacks, message_reactions, comments, live_comments, mentions")
	}
	var errs []error
	for _, n := range a.cfg.WhatsApp {
		line, err := a.lookAtNumber(ctx, n)
		if err != nil {
			errs = append(errs, fmt.Errorf("look at the number %s: %w", n.ID, err))
			continue
		}
		lines = append(lines, line...)
	}
	for _, p := range a.cfg.Pages {
		line, err := a.lookAtPage(ctx, p)
		if lines = append(lines, line...); err != nil {
			errs = append(errs, fmt.Errorf("look at the Page %s: %w", p.ID, err))
		}
	}
	errs = append(errs, a.lookAtTemplates(ctx))
	for _, t := range a.cfg.Templates {
		switch state := a.states.of(t); state {
		case "":
			say("LOOK     whether the template %s%s is approved is not known", templateSign, t.Name)
		case approved:
			say("right    the template %s%s is approved", templateSign, t.Name)
		default:
			say("WRONG    the template %s%s is %s", templateSign, t.Name, strings.ToLower(state))
		}
	}
	return lines, errors.Join(errs...)
}

// lookAtNumber compares a number with what Meta has, and looks whether its account tells the app anything.
func (a *App) lookAtNumber(ctx context.Context, n Number) (lines []string, err error) {
	of := a.assets[objectWhatsApp+" "+n.ID]
	has, err := of.api.Fields(ctx, vendor.Call{Path: "/" + n.ID, Query: url.Values{"fields": {"display_phone_number,verified_name,quality_rating"}}})
	if err != nil {
		return nil, err
	}
	shown := "+" + strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, has["display_phone_number"])
	word := map[bool]string{true: "right", false: "WRONG"}[shown == n.Number]
	lines = []string{fmt.Sprintf("%s    %s is %s, %q, quality %s", word, n.ID, shown, has["verified_name"], cmp.Or(strings.ToLower(has["quality_rating"]), "unknown"))}
	if n.Account == "" {
		return lines, nil
	}
	apps, err := of.api.Fields(ctx, vendor.Call{Path: "/" + n.Account + "/subscribed_apps"})
	if err != nil {
		return lines, err
	}
	for one := range apps.Each("data") {
		if one["whatsapp_business_api_data.id"] == a.cfg.AppID {
			return append(lines, "right    the account "+n.Account+" tells the app what comes"), nil
		}
	}
	return append(lines, fmt.Sprintf("MISSING  the account tells the app nothing: POST %s/%s/%s/subscribed_apps", a.cfg.APIURL, a.cfg.Version, n.Account)), nil
}

// pageFields are what a Page is to tell the app.
const pageFields = "messages,messaging_postbacks,message_echoes,message_deliveries,message_reads,messaging_referrals,message_reactions,message_edits,feed,mention"

// lookAtPage looks whether a Page tells the app all that it should, and which Instagram account is linked to it.
func (a *App) lookAtPage(ctx context.Context, p Page) (lines []string, err error) {
	of := a.assets[objectPage+" "+p.ID]
	is, err := of.api.Fields(ctx, vendor.Call{Path: "/" + p.ID, Query: url.Values{"fields": {"name,instagram_business_account"}}})
	if err != nil {
		return nil, err
	}
	lines = append(lines, fmt.Sprintf("right    the token is one of %q", is["name"]))
	if linked := is["instagram_business_account.id"]; linked != p.Instagram {
		lines = append(lines, fmt.Sprintf("WRONG    the Instagram account of the Page is %q", linked))
	}
	apps, err := of.api.Fields(ctx, vendor.Call{Path: "/" + p.ID + "/subscribed_apps"})
	if err != nil {
		return lines, err
	}
	has := map[string]bool{}
	for one := range apps.Each("data") {
		for _, f := range one.List("subscribed_fields") {
			has[f] = has[f] || one["id"] == a.cfg.AppID
		}
	}
	for f := range strings.SplitSeq(pageFields, ",") {
		if !has[f] {
			return append(lines, fmt.Sprintf("MISSING  the Page does not tell the app of %s: POST %s/%s/%s/subscribed_apps?subscribed_fields=%s", f, a.cfg.APIURL, a.cfg.Version, p.ID, pageFields)), nil
		}
	}
	return append(lines, "right    the Page tells the app what happens there"), nil
}
