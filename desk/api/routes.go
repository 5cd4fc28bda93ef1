package api

// A route is one call of the API. The document openapi.yaml describes each.
type route struct {
	method, path string
	handle       func(*call) error
}

func (s *server) routes() []route {
	return []route{
		{"POST", "/api/v1/teams/{team}/claim", claim},
		{"GET", "/api/v1/teams/{team}/tasks", list},

		{"GET", "/api/v1/tasks", held},
		{"GET", "/api/v1/tasks/{task}", show},
		{"POST", "/api/v1/tasks/{task}/claim", take},
		{"POST", "/api/v1/tasks/{task}/heartbeat", heartbeat},
		{"POST", "/api/v1/tasks/{task}/return", giveBack},
		{"POST", "/api/v1/tasks/{task}/assign", assign},
		{"POST", "/api/v1/tasks/{task}/reply", reply},
		{"POST", "/api/v1/tasks/{task}/replies/{reply}/retry", resend},
		{"POST", "/api/v1/tasks/{task}/replies/{reply}/look", lookAgain},
		{"POST", "/api/v1/tasks/{task}/replies/{reply}/settle", settle},
		{"GET", "/api/v1/tasks/{task}/drafts", drafts},
		{"POST", "/api/v1/tasks/{task}/drafts/{draft}/send", sendDraft},
		{"DELETE", "/api/v1/tasks/{task}/drafts/{draft}", dropDraft},
		{"POST", "/api/v1/tasks/{task}/note", note},
		{"POST", "/api/v1/tasks/{task}/forward", forward},
		{"POST", "/api/v1/tasks/{task}/transfer", transfer},
		{"POST", "/api/v1/tasks/{task}/wait", wait},
		{"POST", "/api/v1/tasks/{task}/answered", answered},
		{"POST", "/api/v1/tasks/{task}/close", finish},
		{"POST", "/api/v1/tasks/{task}/reopen", reopen},
		{"POST", "/api/v1/tasks/{task}/person", byPerson},
		{"POST", "/api/v1/tasks/{task}/link", link},
		{"POST", "/api/v1/tasks/{task}/label", label},
		{"POST", "/api/v1/tasks/{task}/merge", merge},

		{"POST", "/api/v1/threads", begin},
		{"POST", "/api/v1/messages", takeIn},
		{"POST", "/api/v1/mails", takeMail},
		{"GET", "/api/v1/attachments/{task}/{message}/{file}", attachment},
		{"GET", "/api/v1/attachments/{message}/{file}", attachment},
		{"GET", "/api/v1/customers", owners},
		{"POST", "/api/v1/customers", register},
		{"POST", "/api/v1/customers/import", importCustomers},
		{"POST", "/api/v1/customers/merge", mergeCustomers},
		{"POST", "/api/v1/customers/unmerge", unmergeCustomers},
		{"GET", "/api/v1/customers/suggestions", suggestions},
		{"POST", "/api/v1/customers/suggestions/{suggestion}/decide", decideSuggestion},
		{"GET", "/api/v1/customers/{customer}", showCustomer},
		{"DELETE", "/api/v1/customers/{customer}", eraseCustomer},
		{"POST", "/api/v1/customers/{customer}/link", linkCustomer},
		{"POST", "/api/v1/customers/{customer}/unlink", unlinkCustomer},
		{"POST", "/api/v1/customers/{customer}/split", splitCustomer},
		{"POST", "/api/v1/customers/{customer}/share", shareCustomer},
		{"POST", "/api/v1/customers/{customer}/retire", retireCustomer},
		{"GET", "/api/v1/customers/{customer}/consent", showConsent},
		{"PUT", "/api/v1/customers/{customer}/consent", setConsent},
		{"PUT", "/api/v1/customers/{customer}/preferred", setPreferred},
		{"GET", "/api/v1/customers/{customer}/why", whyCustomer},
		{"GET", "/api/v1/customers/{customer}/history", customerHistory},
		{"GET", "/api/v1/customers/{customer}/log", customerLog},
		{"GET", "/api/v1/customers/{customer}/export", exportCustomer},
		{"POST", "/api/v1/senders/block", blockSender},

		{"GET", "/api/v1/canned", listCanned},
		{"POST", "/api/v1/canned", setCanned},
		{"DELETE", "/api/v1/canned/{canned}", removeCanned},

		{"GET", "/api/v1/search", search},
		{"POST", "/api/v1/route", dryRun},
		{"GET", "/api/v1/events", events},
		{"GET", "/api/v1/kpi", getFigures},
		{"GET", "/api/v1/kpi/tasks", getFigureTasks},
		{"POST", "/api/v1/kpi/rebuild", rebuildFigures},

		{"GET", "/api/v1/people", listPeople},
		{"POST", "/api/v1/people", addPerson},
		{"POST", "/api/v1/people/{person}/link", linkPerson},
		{"PUT", "/api/v1/people/{person}/password", setPassword},
		{"POST", "/api/v1/people/{person}/disable", disablePerson},

		{"GET", "/api/v1/me", me},
		{"GET", "/api/v1/status", status},
		{"GET", "/api/v1/failed", failed},
		{"GET", "/api/v1/quarantine", quarantine},
		{"GET", "/api/v1/quarantine/{id}", quarantined},
		{"POST", "/api/v1/quarantine/{id}/retry", retryQuarantined},
		{"POST", "/api/v1/quarantine/{id}/drop", dropQuarantined},
		{"GET", "/api/v1/doctor", doctor},

		{"GET", "/metrics", metrics},
		{"GET", "/healthz", healthz},
		{"GET", "/readyz", readyz},
		{"GET", "/openapi.yaml", describe},
	}
}
