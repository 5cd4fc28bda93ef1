package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk/api"
)

// TestDoorsOfTheDeskHoldAgainstItsOwnAgents: whoever has a token is let in, but neither to fill the memory nor to decide who
// is who.
func TestDoorsOfTheDeskHoldAgainstItsOwnAgents(t *testing.T) {
	t.Parallel()
	const agent = "token-of-anna-of-support"
	d := newDaemon(t, fmt.Sprintf(standard, embedded)+`
people:
  - {name: anna, teams: [support]}
tokens:
  - {name: anna, person: anna, token: `+agent+`}
`).start()
	t.Run("many large bodies that do not end", func(t *testing.T) { bodiesAtTheDesk(t, d, agent) })
	t.Run("two customers made one", func(t *testing.T) { customersApart(t, d, agent) })
	d.healthy()
}

// bodiesAtTheDesk: one client sends many bodies at once, wherever the desk reads any, each as large as one may be.
func bodiesAtTheDesk(t *testing.T, d *daemon, token string) {
	one, another := from("127.0.0.1"), from("127.0.0.2")
	one.Timeout, another.Timeout = 0, 0 // on a busy machine they take their time
	text := func(n int) string { return `{"text":"` + strings.Repeat("x", n) }
	large := text(24 << 20)
	post := func(path string, body io.Reader, by *http.Client) *http.Response {
		req, err := http.NewRequest(http.MethodPost, d.desk+"/api/v1"+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := by.Do(req)
		if err != nil {
			t.Errorf("POST %s: %v", path, err)
			return &http.Response{}
		}
		_ = res.Body.Close()
		return res
	}
	read, write := io.Pipe()
	first := make(chan *http.Response, 1)
	go func() { first <- post("/messages", read, one) }()
	before := d.allocated()
	_, _ = io.WriteString(write, text(16<<20))
	// What is read grows by doubling: with these 64 megabytes all sixteen are there, and wait for their end.
	for deadline := time.Now().Add(time.Minute); d.allocated()-before < 60<<20; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the first body is not read")
		}
	}
	var others sync.WaitGroup
	for _, path := range []string{"/customers", "/mails"} {
		others.Go(func() {
			if res := post(path, strings.NewReader(large+`"}`), one); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
				t.Errorf("a large body to %s beside another = %d %v, want 503 and when to try again", path, res.StatusCode, res.Header)
			}
		})
	}
	others.Wait()
	if res := post("/messages", strings.NewReader("{}"), one); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a small body of the same client = %d, want it read (422)", res.StatusCode)
	}
	if res := post("/messages", strings.NewReader(large+`"}`), another); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a large body of another client = %d, want it read (422)", res.StatusCode)
	}
	_, _ = io.WriteString(write, `"}`)
	_ = write.Close()
	if res := <-first; res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("the first = %d, want it read (422)", res.StatusCode)
	}
}

// customersApart: an agent says of two customers, in every way there is, that they are one.
func customersApart(t *testing.T, d *daemon, token string) {
	boss := d.client("")
	register := func(name string, identifiers ...string) *api.Profile {
		p, err := boss.Register(t.Context(), identifiers, name, api.Because{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	kate, bob := register("Kate", "email:kate@example.com", "cno:1"), register("Bob", "email:bob@example.com", "psid:1:2")
	eve := register("Eve", "email:eve@example.com")
	post := func(path, body string) {
		res := d.ask(http.MethodPost, d.desk+"/api/v1"+path, "", token, body)
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode == http.StatusOK {
			t.Errorf("POST %s %s by an agent = %d %s", path, body, res.StatusCode, text)
		}
	}
	post("/customers", `{"identifiers":["email:kate@example.com","email:bob@example.com"],"reason":"he says so"}`)
	post("/customers", `{"identifiers":["phone:0612345678","psid:1:2","cno:1"],"name":"Joined"}`)
	post("/customers", `{"identifiers":["cno:1","email:bob@example.com"],"confirm":true}`)
	post("/customers", `{"identifiers":["cno:1","email:eve@example.com"]}`)
	post("/customers/"+kate.ID+"/link", `{"identifier":"email:eve@example.com"}`)
	post("/customers/"+kate.ID+"/link", `{"identifier":"email:BOB@Example.com"}`)
	post("/customers/"+bob.ID+"/link", `{"identifier":"cno:1","confirm":true}`)
	post("/customers/merge", fmt.Sprintf(`{"customers":["%s","%s"],"confirm":true}`, kate.ID, bob.ID))
	post("/customers/import", "email,cno\nbob@example.com,1\n")
	post("/messages", `{"channel":"phone","text":"x","from":[{"kind":"email","value":"kate@example.com","level":"attested"},{"kind":"psid","scope":"1","value":"2","level":"attested"}]}`)
	var all sync.WaitGroup
	for _, of := range []string{"cno:1", "psid:1:2"} { // both take a number that nobody has, at the same moment
		all.Go(func() {
			d.ask(http.MethodPost, d.desk+"/api/v1/customers", "", token, `{"identifiers":["`+of+`","phone:+31612345679"]}`)
		})
	}
	all.Wait()
	for _, was := range []*api.Profile{kate, bob, eve} {
		now, err := boss.Customer(t.Context(), was.ID)
		if err != nil {
			t.Fatal(err)
		}
		mine := cmpopts.IgnoreSliceElements(func(h api.Held) bool { return strings.HasPrefix(h.Identifier, "phone:") })
		if diff := cmp.Diff(was, now, mine, cmpopts.IgnoreFields(api.Profile{}, "Version", "Attributes"), cmpopts.IgnoreFields(api.Held{}, "Last")); diff != "" {
			t.Errorf("%s (-before +after):\n%s", was.Name, diff)
		}
	}
	s, err := boss.Suggestions(t.Context(), 10, "")
	if err != nil || len(s.Suggestions) != 2 {
		b, _ := json.Marshal(s)
		t.Errorf("suggestions = %s, %v; want both pairs, once", b, err)
	}
}
