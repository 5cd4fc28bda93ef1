package desk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/store/storetest"
)

func TestCannedAnswers(t *testing.T) {
	t.Parallel()
	h := newEnv(t, storetest.New(t), t.TempDir(), nil)
	ctx, anna := t.Context(), h.by("anna")
	task, _ := h.says("kate", "where is it?", "")
	set := func(c desk.Canned) *desk.Canned {
		t.Helper()
		done, err := h.desk.SetCanned(ctx, anna, c)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	hello := set(desk.Canned{Name: "Hello", Text: "Dear {{name}},\nabout {{ number }} ({{subject}}), by {{agent}} of {{team}}"})
	web := set(desk.Canned{Team: "webcare", Name: "a public word", Text: "Hi", Channel: "x", Language: "en"})
	list := func(by access.Actor, team string, want ...string) {
		t.Helper()
		all, err := h.desk.Canned(ctx, by, team)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range all {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("Canned(%q) (-want +got):\n%s", team, diff)
		}
	}
	list(anna, "", "a public word", "Hello")
	list(anna, "support", "Hello")
	text, err := h.desk.FillCanned(ctx, anna, task, hello.ID)
	number := h.task(task).Card.Number
	if want := "Dear kate,\nabout "; err != nil || !strings.HasPrefix(text, want) || !strings.HasSuffix(text, "(about where is it?), by anna of support") || number == 0 {
		t.Errorf("FillCanned = %q, %v", text, err)
	}

	// Who is no manager of the team changes nothing, and of another team sees nothing.
	bob := access.Actor{Principal: &access.Principal{Name: "bob", Person: "bob", Teams: []string{"support"}, Roles: []string{access.RoleAgent}}, Agent: "bob"}
	list(bob, "", "Hello")
	for name, err := range map[string]error{
		"set":             second(h.desk.SetCanned(ctx, bob, desk.Canned{Team: "support", Name: "mine", Text: "x"})),
		"change":          second(h.desk.SetCanned(ctx, bob, desk.Canned{ID: hello.ID, Team: "support", Name: "mine", Text: "x"})),
		"remove":          h.desk.RemoveCanned(ctx, bob, hello.ID),
		"fill of another": second(h.desk.FillCanned(ctx, bob, task, web.ID)),
		"list of another": second(h.desk.Canned(ctx, bob, "webcare")),
	} {
		if !errors.Is(err, access.ErrForbidden) {
			t.Errorf("bob's %s = %v, want ErrForbidden", name, err)
		}
	}

	for text, want := range map[string]string{
		"":               "must be 1 to",
		"Dear {{nam}}":   `did you mean "name"`,
		"Dear {{name":    "does not end",
		"Dear {{}}":      "unknown variable",
		"{{ .Secret }} ": "unknown variable",
	} {
		if _, err := h.desk.SetCanned(ctx, anna, desk.Canned{Name: "x", Text: text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("SetCanned(%q) = %v, want %s", text, err, want)
		}
	}
	hello.Name = "Goodbye"
	set(*hello)
	list(anna, "support", "Goodbye")
	if err := h.desk.RemoveCanned(ctx, anna, hello.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.RemoveCanned(ctx, anna, hello.ID); !errors.Is(err, desk.ErrNotFound) {
		t.Errorf("RemoveCanned again = %v, want ErrNotFound", err)
	}
	list(anna, "support")
}

func second[T any](_ T, err error) error { return err }
