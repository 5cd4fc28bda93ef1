package people_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/desk/people"
	"loket/internal/field"
	"loket/internal/store"
	"loket/internal/store/storetest"
)

const password = "correct horse battery"

// admin may see to people.
func admin() access.Actor {
	return access.Actor{Principal: &access.Principal{Name: "admin", Admin: true}}
}

func newPeople(t *testing.T, configured ...access.Person) (*people.Service, *store.Store) {
	t.Helper()
	return newPeopleAt(t, time.Now, configured...)
}

func newPeopleAt(t *testing.T, now func() time.Time, configured ...access.Person) (*people.Service, *store.Store) {
	t.Helper()
	st := storetest.New(t)
	s, err := people.New(people.Options{
		Store: st, Configured: func() []access.Person { return configured }, Teams: func() []string { return []string{"network", "support"} }, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, st
}

func TestFirstOneMayDoEverythingOnce(t *testing.T) {
	s, _ := newPeople(t)
	token, err := s.First(t.Context())
	if err != nil || token == "" {
		t.Fatalf("First = %q, %v", token, err)
	}
	second, err := s.First(t.Context())
	if err != nil || second == "" || second == token {
		t.Fatalf("First again = %q, %v; want another link, as the first may be lost", second, err)
	}
	var wrong *field.Error
	for _, bad := range [][2]string{{"anna", "short"}, {"an na", password}, {"anna", strings.Repeat("a", 20)}, {"correct-horse", "correct-horse"}} {
		if _, err := s.Begin(t.Context(), token, bad[0], bad[1]); !errors.As(err, &wrong) {
			t.Errorf("Begin(%q, %q) = %v, want a field error", bad[0], bad[1], err)
		}
	}
	if name, err := s.Linked(t.Context(), token); name != "" || err != nil {
		t.Errorf("Linked = %q, %v: a mistake uses no link up", name, err)
	}
	session, err := s.Begin(t.Context(), token, "anna", password)
	if err != nil {
		t.Fatal(err)
	}
	if name, err := s.Session(t.Context(), session); name != "anna" || err != nil {
		t.Errorf("Session = %q, %v", name, err)
	}
	for _, used := range []string{token, second} { // the other one is worth nothing any more
		if _, err := s.Begin(t.Context(), used, "eve", password); !errors.Is(err, people.ErrLink) {
			t.Errorf("Begin with a used link = %v, want ErrLink", err)
		}
	}
	if token, err := s.First(t.Context()); token != "" || err != nil {
		t.Errorf("First = %q, %v; want none once somebody is there", token, err)
	}
	all, err := s.List(t.Context(), admin())
	want := []people.Person{{Name: "anna", EveryTeam: true, Roles: []string{access.RoleAdmin}, Password: true}}
	if diff := cmp.Diff(want, all); diff != "" || err != nil {
		t.Errorf("people (-want +got):\n%s%v", diff, err)
	}
}

// A link is of one, however many use it at once.
func TestLinkIsGoodOnce(t *testing.T) {
	s, _ := newPeople(t, access.Person{Name: "bob", Teams: []string{"support"}})
	token, err := s.Link(t.Context(), admin(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	var begun atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			switch _, err := s.Begin(t.Context(), token, "", password); {
			case err == nil:
				begun.Add(1)
			case !errors.Is(err, people.ErrLink):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if begun.Load() != 1 {
		t.Errorf("%d of 8 used the link, want 1", begun.Load())
	}
	if _, err := s.Link(t.Context(), admin(), "nobody"); !errors.Is(err, people.ErrNobody) {
		t.Errorf("Link of nobody = %v", err)
	}
}

func TestOnlyWhoKnowsThePasswordSignsIn(t *testing.T) {
	s, _ := newPeople(t, access.Person{Name: "anna"}, access.Person{Name: "nameless"})
	if err := s.SetPassword(t.Context(), admin(), "anna", password); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, password string }{
		{"anna", "wrong horse battery"}, {"anna", ""}, {"anna", strings.Repeat("x", 1<<20)}, {"Anna", password}, {"nameless", password}, {"eve", password}, {"", ""}, {"nameless", ""},
	} {
		if token, err := s.SignIn(t.Context(), people.Try{Name: c.name, Password: c.password, Network: "192.0.2.1"}); !errors.Is(err, people.ErrWrong) || token != "" {
			t.Errorf("SignIn(%q, %.20q) = %q, %v; want ErrWrong", c.name, c.password, token, err)
		}
	}
	token, err := s.SignIn(t.Context(), people.Try{Name: "anna", Password: password, Network: "192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	if name, err := s.Session(t.Context(), token); name != "anna" || err != nil {
		t.Errorf("Session = %q, %v", name, err)
	}
	for _, none := range []string{"", "x", token + "x"} {
		if _, err := s.Session(t.Context(), none); !errors.Is(err, people.ErrSession) {
			t.Errorf("Session(%q) = %v, want ErrSession", none, err)
		}
	}
}

func TestTriesAreSlowed(t *testing.T) {
	s, _ := newPeople(t, access.Person{Name: "anna"})
	if err := s.SetPassword(t.Context(), admin(), "anna", password); err != nil {
		t.Fatal(err)
	}
	signIn := func(name, with, network, device string) error {
		_, err := s.SignIn(t.Context(), people.Try{Name: name, Password: with, Network: network, Device: device})
		return err
	}
	slowed := func(what string, err error) {
		t.Helper()
		var s *people.SlowedError
		if !errors.As(err, &s) || s.Wait <= 0 || s.Wait > 15*time.Minute {
			t.Errorf("%s = %v, want SlowedError", what, err)
		}
	}
	for range 5 {
		if err := signIn("anna", "wrong horse battery", "192.0.2.1", ""); !errors.Is(err, people.ErrWrong) {
			t.Fatal(err)
		}
	}
	// The right one is not looked at either: guesses are not told apart from it.
	slowed("after five wrong passwords", signIn("anna", password, "192.0.2.1", ""))
	for range 19 {
		_ = signIn("nobody", password, "192.0.2.9", "")
	}
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"} { // one address that tries many names
		_ = signIn(name, password, "192.0.2.9", "")
	}
	slowed("from an address that tries many", signIn("q", password, "192.0.2.9", ""))
}

func TestStrangerLocksNobodyOut(t *testing.T) {
	s, _ := newPeople(t, access.Person{Name: "anna"}, access.Person{Name: "bob"})
	for _, name := range []string{"anna", "bob"} {
		if err := s.SetPassword(t.Context(), admin(), name, password); err != nil {
			t.Fatal(err)
		}
	}
	signIn := func(name, with, network, device string) error {
		_, err := s.SignIn(t.Context(), people.Try{Name: name, Password: with, Network: network, Device: device})
		return err
	}
	for range 9 {
		_ = signIn("anna", "wrong horse battery", "203.0.113.1", "")
	}
	if err := signIn("anna", password, "192.0.2.1", ""); err != nil {
		t.Errorf("anna from elsewhere, after a stranger tried nine times: %v", err)
	}
	device, err := s.KnowDevice(t.Context(), "anna", "")
	if err != nil || device == "" {
		t.Fatal(device, err)
	}
	// A stranger with very many addresses locks the name, and not the browsers that are hers.
	var slowed *people.SlowedError
	for n := 0; ; n++ {
		if err = signIn("anna", "wrong horse battery", fmt.Sprintf("2001:db8:%x::", n), ""); errors.As(err, &slowed) {
			break
		}
		if n > 60 {
			t.Fatal("a name may be tried without end from many addresses")
		}
	}
	if err := signIn("anna", password, "192.0.2.2", ""); !errors.As(err, &slowed) {
		t.Errorf("anna in a new browser meanwhile: %v, want SlowedError", err)
	}
	if err := signIn("anna", password, "203.0.113.1", device); err != nil {
		t.Errorf("anna in a browser of hers: %v", err)
	}
	// It is known for her alone, guesses are counted there too, and a new password makes it unknown.
	for range 5 {
		_ = signIn("bob", "wrong horse battery", "192.0.2.7", device)
	}
	if err := signIn("bob", password, "192.0.2.7", device); !errors.As(err, &slowed) {
		t.Errorf("bob in anna's browser after five wrong passwords: %v, want SlowedError", err)
	}
	for range 5 {
		if err := signIn("anna", "wrong horse battery", "192.0.2.3", device); !errors.Is(err, people.ErrWrong) {
			t.Fatal(err)
		}
	}
	if err := signIn("anna", password, "192.0.2.3", device); !errors.As(err, &slowed) {
		t.Errorf("anna's browser after five wrong passwords: %v, want SlowedError", err)
	}
	again, err := s.KnowDevice(t.Context(), "anna", device)
	if err != nil || again != device {
		t.Errorf("KnowDevice again = %q, %v; want the same", again, err)
	}
	if err := s.SetPassword(t.Context(), admin(), "anna", password+"!"); err != nil {
		t.Fatal(err)
	}
	if err := signIn("anna", password+"!", "192.0.2.4", device); !errors.As(err, &slowed) {
		t.Errorf("anna with a new password in a browser that was hers: %v, want SlowedError, as the name is locked", err)
	}
}

func TestSessionEndsWhenItMust(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, s *people.Service, token string) error{
		"signed out": func(ctx context.Context, s *people.Service, token string) error { return s.SignOut(ctx, token) },
		"disabled": func(ctx context.Context, s *people.Service, _ string) error {
			return s.Disable(ctx, admin(), "anna", true)
		},
		"signed out everywhere": func(ctx context.Context, s *people.Service, _ string) error {
			return s.SignOutEverywhere(ctx, admin(), "anna")
		},
		"another password": func(ctx context.Context, s *people.Service, _ string) error {
			return s.SetPassword(ctx, admin(), "anna", "another horse battery")
		},
		"disabled and let in again": func(ctx context.Context, s *people.Service, _ string) error {
			return errors.Join(s.Disable(ctx, admin(), "anna", true), s.Disable(ctx, admin(), "anna", false))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := newPeople(t, access.Person{Name: "anna"})
			if err := s.SetPassword(t.Context(), admin(), "anna", password); err != nil {
				t.Fatal(err)
			}
			token, err := s.SignIn(t.Context(), people.Try{Name: "anna", Password: password, Network: "192.0.2.1"})
			if err != nil {
				t.Fatal(err)
			}
			if err := end(t.Context(), s, token); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Session(t.Context(), token); !errors.Is(err, people.ErrSession) {
				t.Errorf("Session = %v, want ErrSession", err)
			}
		})
	}
}

func TestOnlyAdminsSeeToPeople(t *testing.T) {
	s, _ := newPeople(t, access.Person{Name: "anna"}, access.Person{Name: "bob"})
	manager := access.Actor{Principal: &access.Principal{Name: "annas", Person: "anna", Roles: []string{access.RoleManager}}}
	ctx := t.Context()
	_, list := s.List(ctx, manager)
	_, link := s.Link(ctx, manager, "bob")
	for name, err := range map[string]error{
		"list": list, "link": link, "add": s.Add(ctx, manager, "eve", nil, nil), "disable": s.Disable(ctx, manager, "bob", true),
		"password": s.SetPassword(ctx, manager, "bob", password), "sign out": s.SignOutEverywhere(ctx, manager, "bob"),
	} {
		if !errors.Is(err, access.ErrForbidden) {
			t.Errorf("%s by a manager = %v, want ErrForbidden", name, err)
		}
	}
	if err := s.SetPassword(ctx, manager, "anna", password); err != nil {
		t.Errorf("a password of one's own = %v", err)
	}
}

func TestAddedPeopleAreTold(t *testing.T) {
	told := make(chan []access.Person, 10)
	s, err := people.New(people.Options{
		Store: storetest.New(t), Configured: func() []access.Person { return []access.Person{{Name: "anna", Teams: []string{"network"}}} },
		Teams: func() []string { return []string{"network", "support"} }, Changed: func(p []access.Person) { told <- p },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Watch(ctx) }()
	if first := <-told; len(first) != 0 {
		t.Errorf("at first %+v, want nobody", first)
	}
	if err := s.Add(t.Context(), admin(), "bob", []string{"support"}, []string{access.RoleManager}); err != nil {
		t.Fatal(err)
	}
	want := []access.Person{{Name: "bob", Teams: []string{"support"}, Roles: []string{access.RoleManager}}}
	if diff := cmp.Diff(want, <-told); diff != "" {
		t.Errorf("then (-want +got):\n%s", diff)
	}
	for _, name := range []string{"bob", "anna"} {
		if err := s.Add(t.Context(), admin(), name, nil, nil); !errors.Is(err, people.ErrThere) {
			t.Errorf("Add(%s) again = %v, want ErrThere", name, err)
		}
	}
	var wrong *field.Error
	if err := s.Add(t.Context(), admin(), "carol", []string{"none"}, nil); !errors.As(err, &wrong) {
		t.Errorf("Add to no team = %v, want a field error", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// A store that was read by a stranger gives them neither a password nor a session, nor a link.
func TestStoreHoldsNothingThatSignsIn(t *testing.T) {
	s, st := newPeople(t, access.Person{Name: "anna"})
	link, err := s.Link(t.Context(), admin(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Link(t.Context(), admin(), "anna")
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.Begin(t.Context(), link, "", password)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, key := range st.Redis().Keys(t.Context(), "*").Val() {
		all.WriteString(key + "\n" + st.Redis().Dump(t.Context(), key).Val() + "\n")
	}
	for _, secret := range []string{password, session, second} {
		if strings.Contains(all.String(), secret) {
			t.Errorf("the store holds %q", secret)
		}
	}
}

// What somebody chose stays with them; whoever changes their password stays signed in where they did it, and nowhere else.
func TestPeopleSeeToThemselves(t *testing.T) {
	anna := access.Person{Name: "anna", Teams: []string{"network"}}
	s, _ := newPeople(t, anna, access.Person{Name: "bob", Teams: []string{"network"}})
	ctx := t.Context()
	by := access.Actor{Principal: &access.Principal{Name: "anna", Person: "anna"}}
	bob := access.Actor{Principal: &access.Principal{Name: "bob", Person: "bob"}}
	if err := s.SetPassword(ctx, admin(), "anna", password); err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for _, browser := range []string{"Firefox", "Chrome"} {
		token, err := s.SignIn(ctx, people.Try{Name: "anna", Password: password, Network: "192.0.2.1"})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Note(ctx, token, browser); err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	names := func() (all []string) {
		t.Helper()
		devices, err := s.Devices(ctx, by, tokens[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range devices {
			all = append(all, d.Name)
			if d.This != (d.Name == "Chrome") {
				t.Errorf("%s is said to be this one: %v", d.Name, d.This)
			}
			if err := s.SignOutDevice(ctx, bob, d.ID); err != nil { // is not his
				t.Fatal(err)
			}
		}
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff([]string{"Chrome", "Firefox"}, names()); diff != "" {
		t.Error(diff)
	}
	six := 6
	for want, chosen := range map[string]people.Settings{"": {Language: "nl", Regret: &six, NoKeys: true}, "regret": {Regret: new(31)}, "language": {Language: "de"}} {
		err := s.Choose(ctx, by, chosen)
		if wrong := (*field.Error)(nil); want == "" && err != nil || want != "" && (!errors.As(err, &wrong) || wrong.Path != want) {
			t.Errorf("Choose(%+v) = %v, want a mistake in %q", chosen, err, want)
		}
	}
	if got, err := s.Settings(ctx, "anna"); err != nil || !cmp.Equal(got, people.Settings{Language: "nl", Regret: &six, NoKeys: true}) {
		t.Errorf("Settings = %+v, %v", got, err)
	}
	if _, err := s.ChangePassword(ctx, by, "not "+password, "another "+password); !errors.Is(err, people.ErrWrong) {
		t.Errorf("changing the password without knowing it: %v", err)
	}
	token, err := s.ChangePassword(ctx, by, password, "another "+password)
	if err != nil {
		t.Fatal(err)
	}
	for _, over := range tokens {
		if _, err := s.Signed(ctx, over); !errors.Is(err, people.ErrSession) {
			t.Errorf("a session from before is %v, want it over", err)
		}
	}
	if name, err := s.Signed(ctx, token); name != "anna" || err != nil {
		t.Errorf("the new session is %q's, %v", name, err)
	}
	if all := names(); len(all) != 0 {
		t.Errorf("signed in at %v, want nowhere that is noted", all)
	}
}
