package pages

import "net/http"

// A route is one page or one form. Only those that say so are open to whoever is not signed in.
type route struct {
	method, path string
	open         bool
	handle       http.HandlerFunc
}

func (h *Handler) routes() []route {
	all := []route{
		{"GET", "/s/{hash}/{file}", true, h.static},
		{"GET", "/sign-in", true, h.signInPage},
		{"POST", "/sign-in", true, h.signIn},
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
		{"POST", "/tasks/{task}/draft", false, h.keep},
		{"POST", "/tasks/{task}/note", false, h.act(note)},
		{"POST", "/tasks/{task}/transfer", false, h.act(transfer)},
		{"POST", "/tasks/{task}/wait", false, h.act(wait)},
		{"POST", "/tasks/{task}/close", false, h.act(finish)},
		{"POST", "/tasks/{task}/reopen", false, h.act(reopen)},
		{"GET", "/tasks/{task}/files/{message}/{file}/{name}", false, h.file},
		{"GET", "/live", false, h.live},
		{"GET", "/search", false, h.searchPage},
		{"GET", "/customers/{customer}", false, h.customerPage},
	}
	for i, r := range all {
		if !r.open {
			all[i].handle = h.signedIn(r.handle)
		}
	}
	return all
}
