package e2e_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

// asks sends a request as a browser does that says something of itself.
func (d *daemon) asks(c *http.Client, method, path string, header ...string) int {
	d.tb.Helper()
	req, err := http.NewRequestWithContext(d.tb.Context(), method, d.desk+path, nil)
	if err != nil {
		d.tb.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		d.tb.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// What a message shows as a picture does nothing in the name of whoever reads it; whoever answers decides nothing that managers do.
func TestDeskIsAskedByItsPeopleOnly(t *testing.T) {
	t.Parallel()
	d := newDaemon(t, fmt.Sprintf(standard, embedded)).start()
	nora, mo := d.visitor("nora", "--team", "support"), d.visitor("mo", "--role", "manager")
	for _, path := range []string{"/desk", "/tasks/T-1-9", "/operations/doctor", "/board", "/sign-in"} {
		if got := d.asks(mo, http.MethodGet, path, "Sec-Fetch-Dest", "image"); got != http.StatusNotFound {
			t.Errorf("%s as a picture is answered %d, want 404", path, got)
		}
	}
	if got := d.asks(mo, http.MethodPost, "/operations/doctor"); got != http.StatusOK {
		t.Errorf("a manager asks the doctor: %d", got)
	}
	if got := d.asks(nora, http.MethodPost, "/operations/doctor"); got != http.StatusForbidden {
		t.Errorf("who answers asks the doctor: %d, want 403", got)
	}
	for _, what := range []string{"look", "again", "arrived", "lost"} {
		d.postForm(nora, "/operations/answers/T-1-9/none/"+what, url.Values{}, http.StatusForbidden)
		d.postForm(mo, "/operations/answers/T-1-9/none/"+what, url.Values{}, http.StatusNotFound)
	}
}
