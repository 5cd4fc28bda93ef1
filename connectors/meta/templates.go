package meta

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"loket/connectors"
	"loket/connectors/vendor"
)

// fieldTemplate is the change by which Meta tells that a template was approved, refused, paused or taken away.
const fieldTemplate = "message_template_status_update"

const approved = "APPROVED"

// unusable are the states in which WhatsApp takes no answer by a template. All names of states stand in Meta's reference of the webhook
// message_template_status_update (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference); which of them hinder
// an answer is said there of none but APPROVED, FLAGGED, REINSTATED and LOCKED, which do not: of the rest it is our reading of their names.
var unusable = []string{"PENDING", "IN_APPEAL", "REJECTED", "PAUSED", "DISABLED", "ARCHIVED", "PENDING_DELETION", "DELETED", "LIMIT_EXCEEDED"}

// templateStates are what Meta last told of the templates, by name and language. What is not known is no hindrance: the process that
// asks is one of several. Their methods may be called concurrently.
type templateStates struct {
	mu sync.Mutex
	is map[string]string
}

func (s *templateStates) set(name, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.is == nil {
		s.is = map[string]string{}
	}
	s.is[name] = strings.ToUpper(state)
}

func (s *templateStates) of(t Template) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.is[t.stateName()]
}

// check says in words for people why a template can't be used now.
func (s *templateStates) check(t Template) error {
	if state := s.of(t); slices.Contains(unusable, state) {
		return connectors.Refuse("the template %s%s is not approved now: WhatsApp has it as %s", templateSign, t.Name, strings.ToLower(state))
	}
	return nil
}

// noteTemplate takes what a webhook tells of a template.
func (a *App) noteTemplate(value vendor.Fields) {
	a.states.set(value["message_template_name"]+" "+value["message_template_language"], value["event"])
	a.Took("template", byWebhook)
}

// lookAtTemplates asks for the states of the templates.
func (a *App) lookAtTemplates(ctx context.Context) error {
	for _, n := range a.cfg.WhatsApp {
		if n.Account == "" || len(a.cfg.Templates) == 0 {
			continue
		}
		answer, err := a.assets[objectWhatsApp+" "+n.ID].api.Fields(ctx, vendor.Call{
			Path: "/" + n.Account + "/message_templates", Query: url.Values{"fields": {"name,language,status"}, "limit": {"1000"}},
		})
		if err != nil {
			return fmt.Errorf("look up templates: %w", err)
		}
		for t := range answer.Each("data") {
			a.states.set(t["name"]+" "+t["language"], t["status"])
		}
	}
	return nil
}
