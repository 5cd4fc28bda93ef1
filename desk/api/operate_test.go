package api_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"loket/desk/api"
	"loket/internal/message"
	"loket/internal/store/storetest"
)

// setAside brings a message into quarantine.
func (h *house) setAside(text string) string {
	h.t.Helper()
	m := &message.Message{ID: message.NewID([]byte(text)), Connector: "mail", Channel: "email", Subject: "odd", Problem: "no end of the header", Raw: []byte(text)}
	if err := h.intake.Accept(h.t.Context(), m); err != nil {
		h.t.Fatal(err)
	}
	return m.ID
}

func TestQuarantineIsSeenRetriedAndDropped(t *testing.T) {
	h := open(t)
	ctx, admin := t.Context(), h.admin("")
	first, second := h.setAside("one"), h.setAside("two")
	page, err := admin.Quarantine(ctx, 1, "")
	if err != nil || len(page.Messages) != 1 || page.Messages[0].Error != "no end of the header" || page.Messages[0].Message != nil || page.Cursor == "" {
		t.Fatalf("Quarantine = %+v, %v", page, err)
	}
	rest, err := admin.Quarantine(ctx, 0, page.Cursor)
	if err != nil || len(rest.Messages) != 1 || rest.Messages[0].ID == page.Messages[0].ID || rest.Cursor != "" {
		t.Errorf("the next page = %+v, %v", rest, err)
	}
	one, err := admin.Quarantined(ctx, first)
	if err != nil || one.Message == nil || one.Connector != "mail" {
		t.Errorf("Quarantined = %+v, %v", one, err)
	}
	if s, err := admin.Status(ctx); err != nil || s.Quarantine != 2 || s.Version != "test" || len(s.Teams) != 3 {
		t.Errorf("Status = %+v, %v", s, err)
	}
	if err := admin.RetryQuarantined(ctx, first); err != nil {
		t.Error(err)
	}
	if err := admin.DropQuarantined(ctx, second); err != nil {
		t.Error(err)
	}
	if _, err := admin.Quarantined(ctx, second); !api.IsProblem(err, "not-found") {
		t.Errorf("what was dropped: %v", err)
	}
	if err := admin.RetryQuarantined(ctx, second); !api.IsProblem(err, "not-found") {
		t.Errorf("retry of what was dropped: %v", err)
	}
}

func TestDoctorFindsNothingInAHealthyHouse(t *testing.T) {
	h := open(t)
	if _, err := h.admin("anna").Take(t.Context(), h.arrive("a matter").ID); err != nil {
		t.Fatal(err)
	}
	await(t, "a healthy house", func() bool { // the message may still be on its last step
		broken, err := h.admin("").Doctor(t.Context())
		return err == nil && len(broken) == 0
	})
}

func TestOnlyThisMachineLooksWithoutAToken(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		name, path, token string
		headers           []string
		want              int
	}{
		{"metrics", "/metrics", "", nil, 200},
		{"health", "/healthz", "", nil, 200},
		{"ready", "/readyz", "", nil, 200},
		{"document", "/openapi.yaml", "", nil, 200},
		{"localhost", "/metrics", "", []string{"Host", "localhost:8081"}, 200},
		{"through a proxy", "/metrics", "", []string{"X-Forwarded-For", "192.0.2.1"}, 401},
		{"by a name that a stranger gave", "/metrics", "", []string{"Host", "rebound.example.org"}, 421},
		{"through a proxy with a token", "/metrics", programToken, []string{"X-Forwarded-For", "192.0.2.1"}, 200},
		{"a call", "/api/v1/tasks?agent=anna", "", nil, 401},
		{"a call with a cookie", "/api/v1/tasks?agent=anna", "", []string{"Cookie", "token=" + adminToken}, 401},
		{"basic", "/api/v1/tasks?agent=anna", "", []string{"Authorization", "Basic " + adminToken}, 401},
		{"bearer in small letters", "/api/v1/tasks?agent=anna", "", []string{"Authorization", "bearer " + adminToken}, 200},
		{"nothing there", "/nothing", "", nil, 401},
		{"nothing there, with a token", "/nothing", adminToken, nil, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := h.raw("GET", c.path, c.token, "", c.headers...)
			if res.StatusCode != c.want {
				t.Errorf("status %d, want %d", res.StatusCode, c.want)
			}
			if c.want == 401 && res.Header.Get("WWW-Authenticate") == "" {
				t.Error("401 without WWW-Authenticate")
			}
		})
	}
}

func TestStoreAwayIsToldAndPasses(t *testing.T) {
	t.Parallel()
	h := openOn(t, storetest.Start(t, "--appendonly", "yes", "--appendfsync", "always"))
	task := h.arrive("a matter")
	h.redis.Kill()
	ctx, anna := t.Context(), h.admin("anna")
	for name, call := range map[string]func() error{
		"claim": func() error { _, err := anna.Claim(ctx, "support", 0, ""); return err },
		"show":  func() error { _, err := anna.Task(ctx, task.ID); return err },
		"list":  func() error { _, err := anna.List(ctx, api.Listing{Team: "support"}); return err },
		"reply": func() error { _, err := anna.Reply(ctx, task.ID, api.Answer{Text: "x"}); return err },
	} {
		err := call()
		p, ok := errors.AsType[*api.Problem](err)
		if !ok || p.Status != http.StatusServiceUnavailable || p.Type != "urn:loket:away" || p.RetryAfter == 0 {
			t.Errorf("%s: %v, want the store away", name, err)
		}
		if ok && strings.Contains(p.Detail, "/") {
			t.Errorf("%s tells where the store is: %s", name, p.Detail)
		}
	}
	if ready, err := anna.Ready(ctx); err != nil || ready.OK || len(ready.Reasons) != 1 {
		t.Errorf("Ready = %+v, %v", ready, err)
	}
	if _, err := anna.TakeIn(ctx, api.NewMessage{Channel: "phone", Text: "taken all the same"}); err != nil {
		t.Fatalf("TakeIn with the store away: %v", err)
	}
	s, err := anna.Status(ctx)
	if err != nil || !s.StoreAway || s.Spool.Messages != 1 {
		t.Errorf("Status = %+v, %v; want the spooled message", s, err)
	}
	h.redis.Restart()
	await(t, "the store to be back", func() bool {
		seen, err := anna.Task(ctx, task.ID)
		return err == nil && seen.Replies == 0
	})
}

func TestStatusDoesNotWaitForAStoreThatHangs(t *testing.T) {
	h := open(t)
	h.arrive("a matter")
	pauser := redis.NewClient(&redis.Options{Network: "unix", Addr: h.redis.Socket})
	t.Cleanup(func() { _ = pauser.Close() })
	if err := pauser.Do(t.Context(), "client", "pause", "60000", "all").Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.redis.Kill)
	began := time.Now()
	s, err := h.admin("anna").Status(t.Context())
	if took := time.Since(began); err != nil || !s.StoreAway || len(s.Teams) > 0 || took > 8*time.Second {
		t.Errorf("Status = %+v, %v after %v; want the store away within seconds", s, err, took)
	}
}

func TestMeIsWhoTheTokenIsOf(t *testing.T) {
	h := open(t)
	for token, want := range map[string]api.Me{
		annaToken:    {Token: "annas own", Person: "anna", Teams: []string{"network", "support", "webcare"}, Roles: []string{"agent"}},
		webcareToken: {Token: "webcare tool", Teams: []string{"webcare"}, Roles: []string{"agent"}},
		adminToken:   {Token: "admin", Teams: []string{"network", "support", "webcare"}, Roles: []string{"admin"}},
	} {
		got, err := h.as(token, "").Me(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&want, got); diff != "" {
			t.Errorf("Me (-want +got):\n%s", diff)
		}
	}
}
