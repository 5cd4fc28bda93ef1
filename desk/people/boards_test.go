package people_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/desk/access"
	"loket/desk/people"
	"loket/internal/field"
)

// A board is signed in by its link, for good, until it is disabled; it is nobody, and opens nothing else.
func TestABoardStaysSignedInUntilItIsDisabled(t *testing.T) {
	now := time.Now()
	s, st := newPeopleAt(t, func() time.Time { return now })
	if err := s.AddBoard(t.Context(), access.Actor{Principal: &access.Principal{Name: "anna"}}, "hall", nil); !errors.Is(err, access.ErrForbidden) {
		t.Errorf("an agent adds a board: %v", err)
	}
	var wrong *field.Error
	if err := s.AddBoard(t.Context(), admin(), "hall", []string{"nobody"}); !errors.As(err, &wrong) {
		t.Errorf("a board of no team: %v", err)
	}
	if err := s.AddBoard(t.Context(), admin(), "hall", []string{"network"}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddBoard(t.Context(), admin(), "hall", nil); !errors.Is(err, people.ErrThere) {
		t.Errorf("added twice: %v", err)
	}
	link, err := s.Link(t.Context(), admin(), "hall")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(t.Context(), link, "", password); !errors.As(err, &wrong) {
		t.Errorf("a board gets a password: %v", err)
	}
	session, err := s.BeginBoard(t.Context(), link)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginBoard(t.Context(), link); !errors.Is(err, people.ErrLink) {
		t.Errorf("the link is good twice: %v", err)
	}
	now = now.Add(400 * 24 * time.Hour)
	want := people.Board{Name: "hall", Teams: []string{"network"}}
	if got, err := s.Board(t.Context(), session); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("after a year the board is %+v, %v", got, err)
	}
	if name, err := s.Session(t.Context(), session); !errors.Is(err, people.ErrSession) {
		t.Errorf("a board is taken for %q, %v", name, err)
	}
	keys, err := st.Redis().Keys(t.Context(), "lk:{desk}:s:*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	if left := st.Redis().TTL(t.Context(), keys[0]).Val(); left >= 0 {
		t.Errorf("the session ends in %v", left)
	}
	if _, err := s.SignIn(t.Context(), people.Try{Name: "hall", Password: password, Network: "192.0.2.1"}); !errors.Is(err, people.ErrWrong) {
		t.Errorf("a board signs in by a password: %v", err)
	}
	if err := s.SetPassword(t.Context(), admin(), "hall", password); !errors.As(err, &wrong) {
		t.Errorf("a board gets a password: %v", err)
	}
	if err := s.Disable(t.Context(), admin(), "hall", true); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Board(t.Context(), session); !errors.Is(err, people.ErrSession) {
		t.Errorf("disabled it is still %+v, %v", got, err)
	}
}

// A person's session and link open no board.
func TestAPersonIsNoBoard(t *testing.T) {
	s, _ := newPeople(t)
	token, err := s.First(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginBoard(t.Context(), token); !errors.Is(err, people.ErrLink) {
		t.Errorf("the first one's link opens a board: %v", err)
	}
	session, err := s.Begin(t.Context(), token, "anna", password)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Board(t.Context(), session); !errors.Is(err, people.ErrSession) {
		t.Errorf("anna is the board %+v, %v", got, err)
	}
}
