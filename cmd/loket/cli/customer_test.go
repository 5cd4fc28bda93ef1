package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	aCustomer = `{"id":"C1","name":"Kate\u001b[2J","former":["C9"],"version":3,"identifiers":[
{"identifier":"cno:1","level":"vouched","since":"2026-01-02T10:00:00.000Z","last":"2026-11-22T10:00:00.000Z"},
{"identifier":"email:kate@example.org","level":"attested","contested":true}]}`
	another = `{"id":"C2","name":"Bob","former":[],"version":1,"identifiers":[{"identifier":"cno:2","level":"vouched"}]}`
	noTwo   = `409 {"type":"urn:loket:confirm","status":409,"detail":"one is cno:1, the other cno:2","customers":[` + aCustomer + `,` + another + `],"would_be":` + aCustomer + `}`
	aFind   = `200 {"customers":[` + aCustomer + `],"candidates":[]}`
)

func TestCustomerCommandsCallTheAPI(t *testing.T) {
	customer := "200 " + aCustomer
	said := `200 {"customer":"C1","consent":[{"identifier":"email:kate@example.org","purpose":"newsletter","allowed":true,"agent":"anna"},` +
		`{"purpose":"phone","allowed":false,"agent":"bob\u001b[2J"}],"preferred":[{"purpose":"service","identifier":"email:kate@example.org"}]}`
	for _, tt := range []struct {
		name, args, stdin string
		answer            string
		call, body        string
		code              int
		out, err          string // part of
	}{
		{"find", "find kate", "", `200 {"tasks":[],"customers":[` + aCustomer + `]}`, "GET /search?q=kate", "", 0, "email:kate@example.org", ""},
		{"find nobody", "find kate", "", `200 {"tasks":[],"customers":[]}`, "GET /search?q=kate", "", 1, "", "nobody found"},
		{"consent", "consent C1", "", said, "GET /customers/C1/consent", "", 0, "written to for service at email:kate@example.org", ""},
		{"allow", "consent C1 email:kate@example.org newsletter --allow --reason counter", "", said, "PUT /customers/C1/consent", `{"agent":"anna","reason":"counter","identifier":"email:kate@example.org","purpose":"newsletter","allowed":true}`, 0, "allowed", ""},
		{"refuse", "consent C1 email:kate@example.org newsletter --refuse", "", said, "PUT /customers/C1/consent", `{"agent":"anna","identifier":"email:kate@example.org","purpose":"newsletter","allowed":false}`, 0, "every address", ""},
		{"opt out", "optout C1 newsletter", "", said, "PUT /customers/C1/consent", `{"agent":"anna","purpose":"newsletter","allowed":false}`, 0, "refused", ""},
		{"opt out no more", "optout C1 newsletter --not", "", said, "PUT /customers/C1/consent", `{"agent":"anna","purpose":"newsletter","allowed":true}`, 0, "by anna", ""},
		{"prefer", "prefer C1 email:kate@example.org", "", said, "PUT /customers/C1/preferred", `{"agent":"anna","purpose":"service","identifier":"email:kate@example.org"}`, 0, "written to", ""},
		{"prefer none", "prefer C1 --none --purpose billing", "", said, "PUT /customers/C1/preferred", `{"agent":"anna","purpose":"billing","identifier":""}`, 0, "written to", ""},
		{"gone", "show C1", "", `410 {"status":410,"detail":"it was erased"}`, "GET /customers/C1", "", 1, "", "it was erased"},
		{"register", "register cno:1 email:kate@example.org --name Kate --reason counter", "", customer, "POST /customers", `{"agent":"anna","reason":"counter","identifiers":["cno:1","email:kate@example.org"],"name":"Kate"}`, 0, "since 2026-01-02", ""},
		{"link", "link C1 phone:0612345678", "", customer, "POST /customers/C1/link", `{"agent":"anna","identifier":"phone:0612345678"}`, 0, "C1", ""},
		{"unlink", "unlink C1 phone:0612345678 --reason hers", "", customer, "POST /customers/C1/unlink", `{"agent":"anna","reason":"hers","identifier":"phone:0612345678"}`, 0, "C1", ""},
		{"share", "share C1 phone:0612345678", "", customer, "POST /customers/C1/share", `{"agent":"anna","identifier":"phone:0612345678","shared":true}`, 0, "C1", ""},
		{"unshare", "share C1 phone:0612345678 --not", "", customer, "POST /customers/C1/share", `{"agent":"anna","identifier":"phone:0612345678","shared":false}`, 0, "C1", ""},
		{"retire", "retire C1 phone:0612345678", "", customer, "POST /customers/C1/retire", `{"agent":"anna","identifier":"phone:0612345678"}`, 0, "C1", ""},
		{"merge", "merge C1 C2 --reason same", "", customer, "POST /customers/merge", `{"agent":"anna","reason":"same","customers":["C1","C2"]}`, 0, "also known as C9", ""},
		{"merge of two numbers", "merge C1 C2", "", noTwo, "POST /customers/merge", `{"agent":"anna","customers":["C1","C2"]}`, 1, "With --confirm they would be", "one is cno:1, the other cno:2"},
		{"merge confirmed", "merge C1 C2 --confirm", "", customer, "POST /customers/merge", `{"agent":"anna","confirm":true,"customers":["C1","C2"]}`, 0, "C1", ""},
		{"unmerge", "unmerge C1 C2", "", `200 {"customers":[` + aCustomer + `,` + another + `]}`, "POST /customers/unmerge", `{"agent":"anna","customers":["C1","C2"]}`, 0, "C2 Bob", ""},
		{"split", "split C1 email:kate@example.org", "", `200 {"kept":` + aCustomer + `,"fresh":` + another + `}`, "POST /customers/C1/split", `{"agent":"anna","identifiers":["email:kate@example.org"]}`, 0, "C2 Bob", ""},
		{"history", "history C1", "", `200 {"customer":` + aCustomer + `,"tasks":[` + aTask + `],"claims":[` + aTask + `],"more":true,"cursor":"c9"}`, "GET /customers/C1/history?limit=50", "", 0, "May have been somebody else", ""},
		{"log", "log C1", "", `200 {"entries":[{"id":"L1","at":"2026-11-22T10:00:00.000Z","op":"merge","actor":"anna","reason":"same","identifiers":[],"before":[],"after":[]}],"cursor":"L1"}`, "GET /customers/C1/log?limit=50", "", 0, "merge", ""},
		{"erase", "erase C1 --confirm --reason asked", "", "204 ", "DELETE /customers/C1?agent=anna&reason=asked", "", 0, "C1 is forgotten", ""},
		{"erase unconfirmed", "erase C1", "", `200 {"customer":` + aCustomer + `,"tasks":[` + aTask + `],"claims":[],"more":true,"cursor":"c9"}`, "GET /customers/C1/history?limit=50", "", 1, "in older ones and in the archive", "--confirm does it"},
		{"export", "export C1", "", `200 {"registry":{},"tasks":[]}`, "GET /customers/C1/export?agent=anna", "", 0, `{"registry":{},"tasks":[]}`, ""},
		{"older history", "history C1 --cursor c9", "", `200 {"customer":` + aCustomer + `,"tasks":[],"claims":[` + aTask + `],"more":false,"cursor":""}`, "GET /customers/C1/history?cursor=c9&limit=50", "", 0, "T-1042-8", ""},
		{"erase all but claims", "erase C1 --confirm --keep-claims", "", "202 ", "DELETE /customers/C1?agent=anna&keep_claims=true", "", 0, "is being forgotten", ""},
		{"export as JSON", "export C1 --format json", "", `200 {"registry":{}}`, "GET /customers/C1/export?agent=anna&format=json", "", 0, `{"registry":{}}`, ""},
		{"import", "import --system erp --dry-run -", "id\n1\n", `200 {"progress":{"rows":500}}` + "\n" + `{"report":{"rows":1,"created":1}}`, "POST /customers/import?agent=anna&dry_run=true&system=erp", "id\n1\n", 0, "Nothing was changed", ""},
		{"bad rows", "import", "id\n1\n", `200 {"report":{"rows":1,"bad":1,"problems":[{"line":2,"key":"1","kind":"bad","reason":"it was erased"}]}}`, "POST /customers/import?agent=anna", "id\n1\n", 1, "it was erased", ""},
		{"import half-way", "import", "id\n1\n", `200 {"report":{"rows":7},"problem":{"status":503,"detail":"the store is away"}}`, "POST /customers/import?agent=anna", "id\n1\n", 2, "7", "run it again"},
		{"suggest", "suggest", "", `200 {"suggestions":[{"id":"C1+C2","customers":[` + aCustomer + `,` + another + `],"score":40,"reasons":[{"text":"same name"}],"against":["two numbers"]}],"cursor":""}`, "GET /customers/suggestions?limit=20", "", 0, "but two numbers", ""},
		{"no suggestion", "suggest", "", `200 {"suggestions":[],"cursor":""}`, "GET /customers/suggestions?limit=20", "", 0, "nobody", ""},
		{"differ", "suggest differ C1+C2 --reason typo", "", "204 ", "POST /customers/suggestions/C1+C2/decide", `{"agent":"anna","reason":"typo","same":false}`, 0, "stay apart", ""},
		{"same", "suggest same C1+C2", "", noTwo, "POST /customers/suggestions/C1+C2/decide", `{"agent":"anna","same":true}`, 1, "With --confirm", "one is cno:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCounter(t, map[string]string{tt.call: tt.answer})
			got := typed(t, tt.stdin, nil, append([]string{"--server", c.URL, "customer"}, strings.Fields(tt.args)...)...)
			if got.code != tt.code || !strings.Contains(got.out, tt.out) || !strings.Contains(got.err, tt.err) || tt.err == "" && got.err != "" {
				t.Errorf("loket customer %s = %d\n%s%s\nwant %d with %q and %q", tt.args, got.code, got.out, got.err, tt.code, tt.out, tt.err)
			}
			if strings.Contains(got.out+got.err, "\x1b") {
				t.Errorf("loket customer %s lets an escape sequence through: %q", tt.args, got.out)
			}
			if a := c.last(t); a.call != tt.call || a.body != tt.body {
				t.Errorf("loket customer %s asked %s %s, want %s %s", tt.args, a.call, a.body, tt.call, tt.body)
			}
		})
	}
}

func TestCustomerIsNamedByAnIdentifierToo(t *testing.T) {
	owners := "GET /customers?identifier=email%3Akate%40example.org"
	kate := strings.Replace(aCustomer, `"version":3`, `"version":3,"attributes":[{"name":"town","value":"Utrecht","source":"cno:1"}]`, 1)
	c := newCounter(t, map[string]string{
		owners: aFind, "GET /customers/C1": "200 " + kate,
		"GET /customers/C1/consent": `200 {"customer":"C1","consent":[],"preferred":[]}`,
	})
	got := typed(t, "", nil, "customer", "show", "email:kate@example.org", "--server", c.URL)
	if got.code != exitDone || !strings.Contains(got.out, "contested") || !strings.Contains(got.out, "Utrecht") || !strings.Contains(got.out, "nothing was said") {
		t.Errorf("show = %+v", got)
	}
	c = newCounter(t, map[string]string{owners: `200 {"customers":[],"candidates":[{"id":"C1","name":"Kate","why":"x"},{"id":"C2","why":"x"}]}`})
	if got := typed(t, "", nil, "customer", "erase", "email:kate@example.org", "--server", c.URL); got.code != exitNo || !strings.Contains(got.err, "name one of C1 Kate, C2") {
		t.Errorf("erase of a shared one = %+v", got)
	}
	c = newCounter(t, map[string]string{owners: `200 {"customers":[],"candidates":[]}`})
	if got := typed(t, "", nil, "customer", "export", "email:kate@example.org", "--server", c.URL); got.code != exitNo || !strings.Contains(got.err, "no customer with the identifier email:kate@example.org") {
		t.Errorf("export of nobody = %+v", got)
	}
}

func TestWhyPrintsTheChainOfEvidence(t *testing.T) {
	c := newCounter(t, map[string]string{
		"GET /customers?identifier=cno%3A1": aFind,
		"GET /customers/C1/why?x=cno%3A1&y=email%3Akate%40example.org": `200 {"x":"cno:1","y":"email:kate@example.org","same":true,
"steps":[{"a":"cno:1","b":"email:kate@example.org","level":"vouched","since":"2026-01-02T10:00:00.000Z","evidence":"anna"}]}`,
		"GET /customers/C1/why?x=cno%3A1&y=cno%3A2": `200 {"x":"cno:1","y":"cno:2","same":false,"rule":"both have a number","steps":[]}`,
	})
	got := typed(t, "", nil, "customer", "why", "cno:1", "email:kate@example.org", "--server", c.URL)
	if got.code != exitDone || !strings.Contains(got.out, "vouched") || !strings.Contains(got.out, "by anna") {
		t.Errorf("why = %+v", got)
	}
	got = typed(t, "", nil, "customer", "why", "cno:1", "cno:2", "--server", c.URL)
	if got.code != exitNo || !strings.Contains(got.out, "are not one customer's: both have a number") {
		t.Errorf("why not = %+v", got)
	}
}

func TestExportIsWrittenForItsOwnerOnly(t *testing.T) {
	c := newCounter(t, map[string]string{"GET /customers/C1/export?agent=anna": `200 {"registry":{}}`})
	path := filepath.Join(t.TempDir(), "kate.json")
	if got := typed(t, "", nil, "customer", "export", "C1", "-o", path, "--server", c.URL); got.code != exitDone || got.out != "" {
		t.Fatalf("export = %+v", got)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("the archive is %v, %v", info, err)
	}
	if got := typed(t, "", nil, "customer", "export", "C1", "-o", path, "--server", c.URL); got.code != exitUsage {
		t.Errorf("export over it = %+v, want that it refuses", got)
	}
}

func TestErasureSaysWhatIsLeftToWhoeverRunsTheRedis(t *testing.T) {
	for kind, want := range map[string]bool{"redis": true, "embedded": false} {
		c := newCounter(t, map[string]string{
			"GET /status":                     `200 {"store":{"kind":"` + kind + `","durable":true}}`,
			"DELETE /customers/C1?agent=anna": "204 ",
		})
		got := typed(t, "", nil, "customer", "erase", "C1", "--confirm", "--server", c.URL)
		if got.code != exitDone || strings.Contains(got.out, "BGREWRITEAOF") != want {
			t.Errorf("with %s: %+v, want the hint: %v", kind, got, want)
		}
	}
}
