package api_test

import (
	"strings"
	"testing"
	"time"

	"loket/desk/api"
)

// customerAnswers makes each call about customers so that it gives each answer the document has for it.
func (h *house) customerAnswers() {
	h.t.Helper()
	const base, unknown = "/api/v1/customers", "01ARZ3NDEKTSV4RRFFQ69G5FAV"
	kate := h.register("Kate", "cno:1", "email:kate@example.com", "phone:+31612345678")
	bob := h.register("Bob", "cno:2", "email:bob@example.com")
	gone := h.register("Gone", "email:gone@example.com", "phone:+31201234567")
	late := h.register("Late", "email:late@example.com")
	answered, err := h.admin("anna").Reply(h.t.Context(), h.sent("email:late@example.com", "attested").ID, api.Answer{Text: "x"})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.queue.BeginSend(h.t.Context(), answered.Message, time.Hour); err != nil {
		h.t.Fatal(err)
	}
	h.raw("DELETE", base+"/"+late.ID, adminToken, "") // the answer is being sent
	h.raw("DELETE", base+"/"+gone.ID, programToken, "")
	h.raw("DELETE", base+"/"+gone.ID+"?reason="+strings.Repeat("x", 1001), adminToken, "")
	h.raw("DELETE", base+"/"+gone.ID+"?agent=anna&reason=asked", adminToken, "")
	h.raw("DELETE", base+"/"+gone.ID, adminToken, "")
	h.raw("DELETE", base+"/"+unknown, adminToken, "")

	h.raw("GET", base+"?identifier=email:kate@example.com", adminToken, "")
	h.raw("GET", base+"?identifier=email:nobody@example.com", adminToken, "")
	h.raw("GET", base, adminToken, "")
	h.raw("POST", base, adminToken, `{"identifiers":["email:gone@example.com"]}`)
	h.raw("POST", base, adminToken, `{"identifiers":["email:kate@example.com","cno:7"]}`)
	h.raw("POST", base, adminToken, `{"identifiers":["cno:3"],"agent":"eve"}`)

	one := base + "/" + kate.ID
	for verb, body := range map[string]string{
		"link": `"identifier":"email:kate2@example.com"`, "share": `"identifier":"phone:+31612345678","shared":false`,
		"retire": `"identifier":"phone:+31612345678"`, "unlink": `"identifier":"email:kate@example.com"`,
		"split": `"identifiers":["email:kate@example.com"]`,
	} {
		for _, id := range []string{unknown, gone.ID} {
			h.raw("POST", base+"/"+id+"/"+verb, adminToken, `{`+body+`}`)
		}
		h.raw("POST", one+"/"+verb, adminToken, `{"agent":"eve",`+body+`}`)
	}
	h.raw("POST", one+"/link", adminToken, `{"agent":"anna","identifier":"email:kate2@example.com"}`)
	h.raw("POST", one+"/link", adminToken, `{"identifier":"email:bob@example.com"}`)
	h.raw("GET", base+"/suggestions?limit=x", adminToken, "")
	page := read[api.SuggestionPage](h.t, h.raw("GET", base+"/suggestions", adminToken, ""))
	if len(page.Suggestions) == 0 {
		h.t.Fatalf("Suggestions = %+v, want the two who contradict each other", page)
	}
	decide := base + "/suggestions/" + page.Suggestions[0].ID + "/decide"
	h.raw("POST", decide, programToken, `{"same":true}`)
	h.raw("POST", decide, adminToken, `{"same":true}`)
	h.raw("POST", decide, adminToken, `{"same":false}`)
	h.raw("POST", decide, adminToken, `{"same":false}`)
	h.raw("GET", one+"/export", programToken, "")
	h.raw("POST", one+"/share", adminToken, `{"identifier":"phone:+31612345678"}`)
	h.raw("POST", one+"/share", adminToken, `{"identifier":"phone:+31612345678","shared":false}`)
	h.raw("POST", one+"/split", adminToken, `{"identifiers":["email:kate2@example.com"]}`)
	h.raw("POST", one+"/unlink", adminToken, `{"identifier":"email:kate@example.com"}`)

	for verb, body := range map[string]string{
		"/consent": `"identifier":"phone:+31612345678","purpose":"newsletter","allowed":true`, "/preferred": `"identifier":""`,
	} {
		for _, id := range []string{kate.ID, unknown, gone.ID} {
			h.raw("PUT", base+"/"+id+verb, adminToken, `{`+body+`}`)
		}
		h.raw("PUT", one+verb, adminToken, `{"agent":"eve",`+body+`}`)
		h.raw("PUT", one+verb, adminToken, `{"purpose":"NO","identifier":""}`)
	}

	h.raw("POST", one+"/retire", adminToken, `{"identifier":"phone:+31612345678"}`)

	two := `{"customers":["` + kate.ID + `","` + bob.ID + `"]`
	h.raw("POST", base+"/merge", adminToken, two+`}`)
	h.raw("POST", base+"/merge", adminToken, two+`,"confirm":true}`)
	h.raw("POST", base+"/merge", programToken, two+`}`)
	h.raw("POST", base+"/unmerge", adminToken, two+`}`)
	h.raw("POST", base+"/unmerge", programToken, two+`}`)
	for _, verb := range []string{"/merge", "/unmerge"} {
		h.raw("POST", base+verb, adminToken, `{"customers":["`+kate.ID+`","`+gone.ID+`"]}`)
	}
	for _, what := range []string{"", "/why?x=cno:1", "/consent", "/history", "/log", "/export"} {
		for _, id := range []string{kate.ID, unknown, gone.ID} {
			h.raw("GET", base+"/"+id+what, adminToken, "")
		}
	}
	h.raw("GET", one+"/why", adminToken, "")
	h.raw("GET", one+"/history?limit=x", adminToken, "")
	h.raw("GET", one+"/export?format=json", adminToken, "")
	h.raw("GET", one+"/export?format=x", adminToken, "")
	h.raw("GET", one+"/log?limit=x", adminToken, "")

	h.raw("POST", "/api/v1/senders/block", adminToken, `{"identifier":"email:robot@example.com"}`)
	h.raw("POST", "/api/v1/senders/block", adminToken, `{"identifier":"email:robot@example.com","agent":"eve"}`)
	h.raw("POST", "/api/v1/senders/block", adminToken, `{"identifier":"email:gone@example.com"}`)

	h.raw("POST", base+"/import", adminToken, `{"customer_no":"17","emails":["new@example.com"]}`)
	h.raw("POST", base+"/import", programToken, `{"customer_no":"17"}`)
}

// customerBodies are what calls about customers need to come as far as the store.
func customerBody(path string) string {
	switch path[strings.LastIndex(path, "/")+1:] {
	case "decide":
		return `{"same":true}`
	case "customers":
		return `{"identifiers":["email:kate@example.com"]}`
	case "import":
		return `{"customer_no":"17"}`
	case "merge", "unmerge":
		return `{"customers":["01ARZ3NDEKTSV4RRFFQ69G5FAV","01ARZ3NDEKTSV4RRFFQ69G5FAW"]}`
	case "consent":
		return `{"purpose":"newsletter","allowed":false}`
	case "split":
		return `{"identifiers":["email:kate@example.com"]}`
	}
	return `{"identifier":"email:kate@example.com"}`
}

func TestWrongFieldsOfCustomersAreNamed(t *testing.T) {
	h := open(t)
	kate, bob := h.register("Kate", "email:kate@example.com", "cno:1"), h.register("Bob", "email:bob@example.com")
	one := "/api/v1/customers/" + kate.ID
	for _, c := range []struct {
		method, path, body string
		status             int
		field              string
	}{
		{"POST", "/api/v1/customers", `{}`, 422, "identifiers"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5","email:x"]}`, 422, "identifiers[1]"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5","cno:6"]}`, 422, "identifiers[1]"},
		{"POST", "/api/v1/customers", `{"identifiers":["~email:x@example.com"]}`, 422, "identifiers[0]"},
		{"POST", "/api/v1/customers", `{"identifiers":["session:abcdefgh"]}`, 422, "identifiers[0]"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:0000"]}`, 422, "identifiers[0]"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5"],"message":"x"}`, 422, "message"},
		{"POST", "/api/v1/customers", `{"identifiers":["cno:5"],"reason":"` + strings.Repeat("x", 1001) + `"}`, 422, "reason"},
		{"POST", one + "/link", `{}`, 422, "identifier"},
		{"POST", one + "/unlink", `{"identifier":"email:bob@example.com"}`, 422, "identifier"},
		{"POST", "/api/v1/customers/" + bob.ID + "/unlink", `{"identifier":"email:bob@example.com"}`, 422, "identifier"},
		{"POST", one + "/split", `{"identifiers":["email:kate@example.com","cno:1"]}`, 422, "identifiers"},
		{"POST", one + "/split", `{"identifiers":["email:bob@example.com"]}`, 422, "identifiers[0]"},
		{"POST", one + "/retire", `{"identifier":"cno:1","at":"2999-01-01T00:00:00Z"}`, 422, "at"},
		{"POST", one + "/retire", `{"identifier":"cno:1","at":"soon"}`, 422, "at"},
		{"POST", one + "/share", `{"identifier":"cno:9"}`, 422, "identifier"},
		{"POST", one + "/share", `{"identifier":"cno:1","confirm":true}`, 422, "confirm"},
		{"POST", "/api/v1/customers/merge", `{"customers":["` + kate.ID + `"]}`, 422, "customers"},
		{"POST", "/api/v1/customers/merge", `{"customers":["` + kate.ID + `","x"]}`, 422, "customers[1]"},
		{"POST", "/api/v1/customers/merge", `{"customers":["` + kate.ID + `","` + kate.ID + `"]}`, 422, "customers"},
		{"POST", "/api/v1/senders/block", `{"identifier":"cno:1"}`, 422, "identifier"},
		{"GET", one + "/why?x=nothing", ``, 422, "x"},
		{"GET", one + "/why?x=cno:1&y=nothing", ``, 422, "y"},
		{"GET", one + "/why?x=cno:404", ``, 404, ""},
		{"GET", "/api/v1/customers/none", ``, 404, ""},
		{"GET", one + "/history?cursor=x", ``, 422, "cursor"},
		{"GET", one + "/export?format=xml", ``, 422, "format"},
		{"PUT", one + "/consent", `{"purpose":"newsletter"}`, 422, "allowed"},
		{"PUT", one + "/consent", `{"purpose":"News","allowed":true}`, 422, "purpose"},
		{"PUT", one + "/consent", `{"purpose":"newsletter","allowed":true,"identifier":"email:bob@example.com"}`, 422, "identifier"},
		{"PUT", one + "/preferred", `{"identifier":"cno:1"}`, 422, "identifier"},
		{"DELETE", one + "?keep_claims=perhaps", ``, 422, "keep_claims"},
		{"POST", "/api/v1/customers/import?mode=overwrite&format=xlsx&system=a%20b", `x`, 422, "format"},
		{"POST", "/api/v1/customers/import?dry_run=perhaps", `x`, 422, "dry_run"},
		{"POST", "/api/v1/customers/import", "id,town\n1,Utrecht\n", 422, ""},
	} {
		t.Run(c.method+" "+c.path[len("/api/v1"):]+" "+c.body[:min(40, len(c.body))], func(t *testing.T) {
			res := h.raw(c.method, c.path, adminToken, c.body)
			if p := read[api.Problem](t, res); res.StatusCode != c.status || p.Field != c.field || p.Detail == "" {
				t.Errorf("answer = %d %+v, want %d about %q", res.StatusCode, p, c.status, c.field)
			}
		})
	}
}
