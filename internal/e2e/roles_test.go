package e2e_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
)

// What nobody who is signed in, a board, who answers for another team, who answers for the task's team, who leads it, and who runs loket are
// answered on each page and form of the desk, in this order. Whatever a page needs beside that is not there, so that who may is told so (404, 409, 422), as is whose password is not the one
// they have (403). Labels are sent as they are, which changes nothing.
func rolesOfPages() map[string]string {
	return map[string]string{
		"GET /answers":                                    "401 401 200 200 200 200",
		"GET /begin/{token}":                              "404 404 404 404 404 404",
		"GET /board":                                      "303 200 200 200 200 200",
		"GET /board/live":                                 "401 200 200 200 200 200",
		"GET /canned":                                     "401 401 403 403 200 200",
		"GET /customers/compare":                          "401 401 422 422 422 422",
		"GET /customers/{customer}":                       "401 401 200 200 200 200",
		"GET /customers/{customer}/erase":                 "401 401 403 403 200 200",
		"GET /customers/{customer}/export":                "401 401 403 403 200 200",
		"GET /customers/{customer}/why":                   "401 401 422 422 422 422",
		"GET /desk":                                       "401 401 200 200 200 200",
		"GET /figures":                                    "401 401 200 200 200 200",
		"GET /figures/csv":                                "401 401 200 200 200 200",
		"GET /figures/report":                             "401 401 200 200 200 200",
		"GET /figures/tasks":                              "401 401 422 422 422 422",
		"GET /live":                                       "401 401 200 200 200 200",
		"GET /myself":                                     "401 401 200 200 200 200",
		"GET /new":                                        "401 401 200 200 200 200",
		"GET /operations":                                 "401 401 403 403 200 200",
		"GET /operations/answers":                         "401 401 403 403 200 200",
		"GET /operations/configuration":                   "401 401 403 403 403 200",
		"GET /operations/doctor":                          "401 401 403 403 403 200",
		"GET /operations/quarantine":                      "401 401 403 403 403 200",
		"GET /operations/quarantine/{id}":                 "401 401 403 403 403 404",
		"GET /operations/quarantine/{id}/original":        "401 401 403 403 403 404",
		"GET /operations/rules":                           "401 401 403 403 200 200",
		"GET /operations/try":                             "401 401 403 403 200 200",
		"GET /people":                                     "401 401 403 403 403 200",
		"GET /s/{hash}/{file}":                            "404 404 404 404 404 404",
		"GET /search":                                     "401 401 200 200 200 200",
		"GET /sign-in":                                    "200 200 200 200 200 200",
		"GET /sign-in/oidc":                               "400 400 400 400 400 400",
		"GET /sign-in/return":                             "400 400 400 400 400 400",
		"GET /tasks/{task}":                               "401 401 403 200 200 200",
		"GET /tasks/{task}/canned/{canned}":               "401 401 403 404 404 404",
		"GET /tasks/{task}/files/{message}/{file}/{name}": "401 401 403 404 404 404",
		"GET /tasks/{task}/held/{held}":                   "401 401 403 200 200 200",
		"GET /tasks/{task}/html/{message}":                "401 401 403 404 404 404",
		"GET /tasks/{task}/messages/{message}":            "401 401 403 404 404 404",
		"GET /tasks/{task}/pictures/{message}/{file}":     "401 401 403 404 404 404",
		"GET /{$}":                                        "401 401 303 303 303 303",
		"POST /begin/{token}":                             "404 404 404 404 404 404",
		"POST /canned":                                    "401 401 403 403 403 422",
		"POST /canned/{canned}/remove":                    "401 401 404 404 404 404",
		"POST /customers/merge":                           "401 401 422 422 422 422",
		"POST /customers/{customer}/consent":              "401 401 422 422 422 422",
		"POST /customers/{customer}/erase":                "401 401 403 403 422 422",
		"POST /customers/{customer}/identifier":           "401 401 404 404 404 404",
		"POST /customers/{customer}/link":                 "401 401 422 422 422 422",
		"POST /customers/{customer}/preferred":            "401 401 422 422 422 422",
		"POST /customers/{customer}/unmerge":              "401 401 403 403 422 422",
		"POST /desk/next":                                 "401 401 404 404 404 404",
		"POST /figures/views":                             "401 401 422 422 422 422",
		"POST /figures/views/drop":                        "401 401 303 303 303 303",
		"POST /language":                                  "422 422 422 422 422 422",
		"POST /live/here":                                 "401 401 204 204 204 204",
		"POST /myself":                                    "401 401 303 303 303 303",
		"POST /myself/password":                           "401 401 403 403 403 403",
		"POST /myself/sign-out":                           "401 401 303 303 303 303",
		"POST /new":                                       "401 401 422 422 422 422",
		"POST /operations/answers/{task}/{reply}/again":   "401 401 403 403 404 404",
		"POST /operations/answers/{task}/{reply}/arrived": "401 401 403 403 404 404",
		"POST /operations/answers/{task}/{reply}/look":    "401 401 403 403 404 404",
		"POST /operations/answers/{task}/{reply}/lost":    "401 401 403 403 404 404",
		"POST /operations/doctor":                         "401 401 403 403 403 200",
		"POST /operations/quarantine/{id}/drop":           "401 401 403 403 403 404",
		"POST /operations/quarantine/{id}/retry":          "401 401 403 403 403 404",
		"POST /operations/try":                            "401 401 403 403 422 422",
		"POST /people":                                    "401 401 403 403 403 422",
		"POST /people/{person}/disable":                   "401 401 403 403 403 404",
		"POST /people/{person}/enable":                    "401 401 403 403 403 404",
		"POST /people/{person}/link":                      "401 401 403 403 403 404",
		"POST /people/{person}/sign-out":                  "401 401 403 403 403 404",
		"POST /sign-in":                                   "401 401 401 401 401 429",
		"POST /sign-out":                                  "303 303 303 303 303 303",
		"POST /tasks/{task}/claim":                        "401 401 403 303 409 409",
		"POST /tasks/{task}/close":                        "401 401 403 303 303 303",
		"POST /tasks/{task}/draft":                        "401 401 403 303 303 303",
		"POST /tasks/{task}/drafts/{draft}/drop":          "401 401 403 404 404 404",
		"POST /tasks/{task}/drafts/{draft}/send":          "401 401 403 404 404 404",
		"POST /tasks/{task}/forward":                      "401 401 403 422 422 422",
		"POST /tasks/{task}/held/{held}/now":              "401 401 403 409 409 409",
		"POST /tasks/{task}/held/{held}/undo":             "401 401 403 409 409 409",
		"POST /tasks/{task}/label":                        "401 401 303 303 303 303",
		"POST /tasks/{task}/merge":                        "401 401 403 422 422 422",
		"POST /tasks/{task}/note":                         "401 401 403 422 422 422",
		"POST /tasks/{task}/preview":                      "401 401 403 200 200 200",
		"POST /tasks/{task}/reopen":                       "401 401 403 303 303 303",
		"POST /tasks/{task}/reply":                        "401 401 403 422 422 422",
		"POST /tasks/{task}/resend":                       "401 401 403 404 404 404",
		"POST /tasks/{task}/return":                       "401 401 403 303 409 409",
		"POST /tasks/{task}/transfer":                     "401 401 403 422 422 422",
		"POST /tasks/{task}/wait":                         "401 401 403 303 303 303",
	}
}

// Every page and every form of the desk is for those who may, and each is told.
func TestEveryPageIsForThoseWhoMay(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	kate, err := d.client("").Register(t.Context(), []string{"email:kate@example.org"}, "Kate", api.Because{})
	if err != nil {
		t.Fatal(err)
	}
	d.attested("email", "email", "kate@example.org", "Where is my parcel?")
	d.settled()
	task := d.tasks("support")[0]
	visitors := []*http.Client{
		{Transport: http.DefaultTransport}, d.boardOf("hall"), d.signedIn("nora", "--team", "network"), d.signedIn("mia", "--team", "support"),
		d.signedIn("mo", "--team", "support", "--role", "agent", "--role", "manager"), d.signedIn("op", "--role", "admin"),
	}
	for _, v := range visitors {
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	place := strings.NewReplacer("{task}", task.Number, "{customer}", kate.ID, "{hash}", "nothing", "{$}", "")
	form := url.Values{"text": {" "}, "identifier": {"nothing"}, "reason": {"asked"}}
	got := map[string]string{}
	routes := pageRoutes(t)
	last := slices.Index(routes, "POST /sign-out") // after which nobody is signed in
	for _, route := range append(slices.Delete(slices.Clone(routes), last, last+1), routes[last]) {
		method, path, _ := strings.Cut(route, " ")
		path = strings.NewReplacer("{", "", "}", "").Replace(place.Replace(path))
		var answers []string
		for _, v := range visitors {
			answers = append(answers, strconv.Itoa(d.asksForm(v, method, path, form)))
		}
		got[route] = strings.Join(answers, " ")
	}
	if diff := cmp.Diff(rolesOfPages(), got); diff != "" {
		t.Errorf("answered (-want +got):\n%s", diff)
	}
	d.healthy()
}

// boardOf is a board on a wall, which was just added.
func (d *daemon) boardOf(name string) *http.Client {
	d.tb.Helper()
	link, code := d.loket("", "people", "add", name, "--board")
	if code != 0 {
		d.tb.Fatal(link)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.tb.Fatal(err)
	}
	c := &http.Client{Jar: jar}
	res, err := c.PostForm(strings.TrimSpace(link), url.Values{"board": {"1"}})
	if err != nil || res.StatusCode != http.StatusOK {
		d.tb.Fatalf("sign in as the board: %v, %v", res, err)
	}
	_ = res.Body.Close()
	return c
}

// asksForm is what a script of a page is answered, which sends a form where the method is POST.
func (d *daemon) asksForm(c *http.Client, method, path string, form url.Values) int {
	d.tb.Helper()
	req, err := http.NewRequestWithContext(d.tb.Context(), method, d.desk+path, nil)
	if method == http.MethodPost {
		req, err = http.NewRequestWithContext(d.tb.Context(), method, d.desk+path, strings.NewReader(form.Encode()))
	}
	if err != nil {
		d.tb.Fatal(err)
	}
	req.Header.Set("X-Loket-Region", "page")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.Do(req)
	if err != nil {
		d.tb.Fatal(err)
	}
	_ = res.Body.Close() // a stream has no end
	return res.StatusCode
}

// pageRoutes are the routes of the pages as they stand in their code, as "METHOD /path".
func pageRoutes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../desk/pages/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("the pages are %v, %v", files, err)
	}
	var parsed []*ast.File
	constants := map[string]string{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				constants[spec.Names[0].Name] = literal(spec.Values[0], nil)
			}
			return true
		})
	}
	var routes []string
	for _, file := range parsed {
		ast.Inspect(file, func(n ast.Node) bool {
			if of, ok := n.(*ast.CompositeLit); ok && len(of.Elts) == 4 {
				if method := literal(of.Elts[0], nil); method == http.MethodGet || method == http.MethodPost {
					routes = append(routes, method+" "+literal(of.Elts[1], constants))
				}
			}
			return true
		})
	}
	return routes
}

// literal is the text that an expression is, or the constant that it names; "" when it is neither.
func literal(e ast.Expr, constants map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if text, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return text
		}
	case *ast.Ident:
		return constants[e.Name]
	}
	return ""
}
