package router_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"loket/internal/field"
	"loket/router"
)

func TestNewNamesEveryMistake(t *testing.T) {
	_, err := router.New(router.Config{
		Teams: map[string]router.Team{
			"billing": {Lease: time.Second, FirstReply: -time.Hour, Languages: []string{"nl", "Dutch"}},
			"Web":     {Reopen: 400 * 24 * time.Hour},
		},
		Rules: []router.Rule{
			{Name: "one", When: `public`, Team: "biling", Priority: "hgih", Lane: "anna", Tags: []string{"two words"}},
			{Name: "one", When: `chanel == "web"`, Team: "billing"},
			{Name: "fallback", When: " ", NextReply: time.Millisecond},
			{When: `public and`, Team: "billing"},
		},
		Fallback: "bill",
	})
	var got []string
	for _, e := range field.All(err) {
		got = append(got, e.Error())
	}
	want := []string{
		`teams.Web: a team is called by at most 40 small letters, digits, - and _, beginning with a letter or digit`,
		`teams.Web.reopen: must be at most 366d, not 400d`,
		`teams.billing.first_reply: must be at least 1s, not -1h`,
		`teams.billing.lease: must be at least 5s, not 1s`,
		`teams.billing.languages[1]: must be a language code such as nl or en, not "Dutch"`,
		`rules[0].team: no team is called "biling" (did you mean "billing"?)`,
		`rules[0].priority: must be urgent, high, normal or low, not "hgih" (did you mean "high"?)`,
		`rules[0].lane: must be empty, or @ and the name of an agent, not "anna"`,
		`rules[0].tags[0]: must be one word of at most 40 characters, not "two words"`,
		`rules[1].name: rules[0] is called "one" too`,
		`rules[1].when: unknown name "chanel" at column 1 (did you mean "channel"?)`,
		`rules[2].name: must not be "fallback": the fallback team decides under that name`,
		`rules[2].team: must name a team`,
		`rules[2].next_reply: must be at least 1s, not 1ms`,
		`rules[2].when: must be an expression such as channel == "web", or true for every message`,
		`rules[3].name: must be given: it stands with every decision of the rule`,
		`rules[3].when: the expression ends too early at column 10`,
		`fallback_team: no team is called "bill"`,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("mistakes (-got +want):\n%s", diff)
	}
}

func TestNewNeedsATeam(t *testing.T) {
	_, err := router.New(router.Config{})
	if got, want := err.Error(), "teams: must have at least one team\nfallback_team: must name a team"; got != want {
		t.Errorf("New = %q, want %q", got, want)
	}
}

func TestExpressionMistakesHaveAColumn(t *testing.T) {
	for _, row := range []struct {
		when, want string
		column     int
	}{
		{`chanel == "web"`, `unknown name "chanel" at column 1 (did you mean "channel"?)`, 1},
		{`public and Channel == "web"`, `unknown name "Channel" at column 12 (did you mean "channel"?)`, 12},
		{`"é" == chanel`, `unknown name "chanel" at column 8 (did you mean "channel"?)`, 8},
		{`customer.segmnt == "x"`, `customer has no "segmnt" at column 10 (did you mean "segment"?)`, 10},
		{`customer.Tags == nil`, `customer has no "Tags" at column 10 (did you mean "tags"?)`, 10},
		{`channel = "web"`, `one = does not compare, == does at column 9`, 9},
		{`channel == 3`, `invalid operation: == (mismatched types text and number) at column 9`, 9},
		{`channel == "web`, `a text is not closed with its quote at column 16`, 16},
		{`text matches "("`, "the pattern is wrong: missing closing ): `(` at column 6", 6},
		{`text matches subject`, `the pattern of matches must be a text between quotes at column 14`, 14},
		{`len(filter(from, # == "a")) > 0`, `function "filter" cannot be used in a rule at column 5`, 5},
		{`repeat(text, 1000000) == ""`, `function "repeat" cannot be used in a rule at column 1`, 1},
		{`now() == nil`, `function "now" cannot be used in a rule at column 1`, 1},
		{`len(1..9) == 9`, `a range (..) cannot be used in a rule at column 6`, 6},
		{`$env["text"] == ""`, `unknown name "$env" at column 1`, 1},
		{`any(from, any(from, true))`, `any, all, none, one and count cannot stand inside one another at column 11`, 11},
		{`public; public`, `only one expression can stand in a rule: join them with and at column 1`, 1},
		{`customer.assurance == "claimd"`, `customer.assurance is never "claimd": it is one of none, mentioned, claimed, attested, proven, vouched, decided, at column 23 (did you mean "claimed"?)`, 23},
		{`public or "unknown" != customer?.assurance`, `customer.assurance is never "unknown": it is one of none, mentioned, claimed, attested, proven, vouched, decided, at column 11`, 11},
		{`customer["assurance"] not in ["claimed", ""]`, `customer.assurance is never "": it is one of none, mentioned, claimed, attested, proven, vouched, decided, at column 42`, 42},
		{`customer.assurance >= "attested"`, `customer.assurance is a word and has no order: compare it by ==, != or in, at column 20`, 20},
		{`automatic == "yes"`, `automatic is never "yes": it is one of no, reply, bounce, list, notice, report, at column 14`, 14},
		{`channel`, `must be true or false, not text`, 0},
		{`len(from)`, `must be true or false, not number`, 0},
		{strings.Repeat(" ", 4000) + "true", `must be at most 4000 characters, not 4004`, 0},
	} {
		_, err := router.New(config(router.Rule{Name: "it", When: row.when, Team: "support"}))
		all := field.All(err)
		if len(all) != 1 {
			t.Errorf("%s: %v, want one mistake", row.when, err)
			continue
		}
		got := *all[0]
		if want := (field.Error{Path: "rules[0].when", Reason: row.want, Column: row.column}); got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", row.when, got, want)
		}
	}
}

func TestFactsHaveNothingToCall(t *testing.T) {
	for _, of := range []any{router.Facts{}, &router.Facts{}, router.Customer{}, &router.Customer{}} {
		if typ := reflect.TypeOf(of); typ.NumMethod() > 0 {
			t.Errorf("%v has a method that expressions could call: %s", typ, typ.Method(0).Name)
		}
	}
}
