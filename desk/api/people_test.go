package api_test

// peopleAnswers makes each call about who may sign in so that it gives each answer the document has for it.
func (h *house) peopleAnswers() {
	h.t.Helper()
	const base = "/api/v1/people"
	const password = `{"password":"correct horse battery"}`
	h.raw("GET", base, adminToken, "")
	h.raw("GET", base, managerToken, "")
	h.raw("POST", base, adminToken, `{"name":"joris","teams":["support"],"roles":["manager"]}`)
	h.raw("POST", base, adminToken, `{"name":"joris"}`)
	h.raw("POST", base, managerToken, `{"name":"mia"}`)
	h.raw("POST", base, adminToken, `{"name":"with a space"}`)
	for _, who := range []string{"/joris", "/nobody"} {
		h.raw("POST", base+who+"/link", adminToken, `{}`)
		h.raw("PUT", base+who+"/password", adminToken, password)
		h.raw("POST", base+who+"/disable", adminToken, `{}`)
	}
	h.raw("POST", base+"/joris/link", managerToken, `{}`)
	h.raw("PUT", base+"/joris/password", managerToken, password)
	h.raw("PUT", base+"/joris/password", adminToken, `{"password":"short"}`)
	h.raw("POST", base+"/joris/disable", managerToken, `{}`)
}
