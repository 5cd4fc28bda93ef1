package pages

import "net/http"

// A route is one page or one form. Only those that say so are open to whoever is not signed in.
type route struct {
	method, path string
	open         bool
	handle       http.HandlerFunc
}

// What browsers show as pictures.
const (
	picturePath = "/tasks/{task}/pictures/{message}/{file}"
	staticPath  = "/s/{hash}/{file}"
)

func (h *Handler) routes() []route {
	all := []route{
		{"GET", staticPath, true, h.static},
		{"GET", "/sign-in", true, h.signInPage},
		{"POST", "/sign-in", true, h.signIn},
		{"GET", "/sign-in/oidc", true, h.beginOIDC},
		{"GET", "/sign-in/return", true, h.endOIDC},
		{"GET", "/begin/{token}", true, h.beginPage},
		{"POST", "/begin/{token}", true, h.begin},
		{"POST", "/sign-out", true, h.signOut},
		{"POST", "/language", true, h.chooseLanguage},

		{"GET", "/{$}", false, h.home},
		{"GET", "/desk", false, h.queuePage},
		{"POST", "/desk/next", false, h.takeNext},
		{"GET", "/tasks/{task}", false, h.taskPage},
		{"POST", "/tasks/{task}/claim", false, h.act(claim)},
		{"POST", "/tasks/{task}/return", false, h.act(giveBack)},
		{"POST", "/tasks/{task}/reply", false, h.act(reply)},
		{"GET", "/new", false, h.newPage},
		{"POST", "/new", false, h.beginConversation},
		{"GET", "/canned", false, h.cannedPage},
		{"POST", "/canned", false, h.setCanned},
		{"POST", "/canned/{canned}/remove", false, h.removeCanned},
		{"GET", "/tasks/{task}/canned/{canned}", false, h.canned},
		{"POST", "/tasks/{task}/draft", false, h.keep},
		{"POST", "/tasks/{task}/preview", false, h.preview},
		{"POST", "/tasks/{task}/held/{held}/undo", false, h.actOn(undo)},
		{"POST", "/tasks/{task}/held/{held}/now", false, h.actOn(sendNow)},
		{"GET", "/tasks/{task}/held/{held}", false, h.heldState},
		{"POST", "/tasks/{task}/drafts/{draft}/send", false, h.actOn(sendDraft)},
		{"POST", "/tasks/{task}/drafts/{draft}/drop", false, h.actOn(dropDraft)},
		{"POST", "/tasks/{task}/note", false, h.act(note)},
		{"POST", "/tasks/{task}/transfer", false, h.act(transfer)},
		{"POST", "/tasks/{task}/wait", false, h.act(wait)},
		{"POST", "/tasks/{task}/close", false, h.act(finish)},
		{"POST", "/tasks/{task}/reopen", false, h.act(reopen)},
		{"GET", picturePath, false, h.picture},
		{"GET", "/tasks/{task}/html/{message}", false, h.formatted},
		{"GET", "/tasks/{task}/messages/{message}", false, h.messagePage},
		{"GET", "/tasks/{task}/files/{message}/{file}/{name}", false, h.file},
		{"GET", "/live", false, h.live},
		{"POST", "/live/here", false, h.here},
		{"GET", "/myself", false, h.selfPage},
		{"POST", "/myself", false, h.choose},
		{"POST", "/myself/password", false, h.changePassword},
		{"POST", "/myself/sign-out", false, h.signOutDevice},
		{"POST", "/tasks/{task}/label", false, h.act(label)},
		{"POST", "/tasks/{task}/merge", false, h.act(merge)},
		{"POST", "/tasks/{task}/forward", false, h.act(forward)},
		{"POST", "/tasks/{task}/resend", false, h.act(resend)},
		{"GET", "/search", false, h.searchPage},
		{"GET", "/customers/compare", false, h.comparePage},
		{"POST", "/customers/merge", false, h.merge},
		{"GET", "/customers/{customer}", false, h.customerPage},
		{"GET", "/customers/{customer}/why", false, h.whyPage},
		{"GET", "/customers/{customer}/export", false, h.exportCustomer},
		{"GET", "/customers/{customer}/erase", false, h.erasePage},
		{"POST", "/customers/{customer}/erase", false, h.erase},
		{"POST", "/customers/{customer}/link", false, h.onCustomer(linkIdentifier)},
		{"POST", "/customers/{customer}/identifier", false, h.onCustomer(changeIdentifier)},
		{"POST", "/customers/{customer}/consent", false, h.onCustomer(setConsent)},
		{"POST", "/customers/{customer}/preferred", false, h.onCustomer(setPreferred)},
		{"POST", "/customers/{customer}/unmerge", false, h.onCustomer(unmerge)},

		{"GET", "/people", false, h.peoplePage},
		{"POST", "/people", false, h.addPerson},
		{"POST", "/people/{person}/link", false, h.linkPerson},
		{"POST", "/people/{person}/sign-out", false, h.onPerson("signedout", h.people.SignOutEverywhere)},
		{"POST", "/people/{person}/disable", false, h.onPerson("disabled", h.disable(true))},
		{"POST", "/people/{person}/enable", false, h.onPerson("enabled", h.disable(false))},

		{"GET", "/operations", false, h.operationsPage},
		{"GET", "/operations/quarantine", false, h.quarantinePage},
		{"GET", "/operations/quarantine/{id}", false, h.asidePage},
		{"GET", "/operations/quarantine/{id}/original", false, h.asideOriginal},
		{"POST", "/operations/quarantine/{id}/retry", false, h.decideAside("retried", h.desk.Retry)},
		{"POST", "/operations/quarantine/{id}/drop", false, h.decideAside("dropped", h.desk.Drop)},
		{"GET", "/operations/answers", false, h.failedPage},
		{"POST", "/operations/answers/{task}/{reply}/look", false, h.decideFailed("asked", h.desk.LookAgain)},
		{"POST", "/operations/answers/{task}/{reply}/again", false, h.decideFailed("again", h.desk.Resend)},
		{"POST", "/operations/answers/{task}/{reply}/arrived", false, h.decideFailed("arrived", h.settle(true))},
		{"POST", "/operations/answers/{task}/{reply}/lost", false, h.decideFailed("lost", h.settle(false))},
		{"GET", "/operations/rules", false, h.rulesPage},
		{"GET", "/operations/try", false, h.tryPage},
		{"POST", "/operations/try", false, h.try},
		{"GET", "/operations/doctor", false, h.doctorPage},
		{"POST", "/operations/doctor", false, h.diagnose},
		{"GET", "/operations/configuration", false, h.configurationPage},
	}
	all = append(all, h.figureRoutes()...)
	for i, r := range all {
		if !r.open {
			all[i].handle = h.signedIn(r.handle)
		}
	}
	return all
}
