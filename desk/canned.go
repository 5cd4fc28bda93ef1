package desk

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"loket/desk/access"
	"loket/internal/field"
	"loket/internal/store"
	"loket/router/queue"
)

// A Canned answer is a text that agents begin answers with. It is of one team, or of all, and may be meant for one language and channel.
type Canned struct {
	ID       string    `json:"-"`
	Team     string    `json:"team,omitempty"`     // "" for every team
	Language string    `json:"language,omitempty"` // "" for every language
	Channel  string    `json:"channel,omitempty"`  // "" for every channel
	Name     string    `json:"name"`
	Text     string    `json:"text"` // with variables, as {{name}}
	By       string    `json:"by,omitempty"`
	At       time.Time `json:"at"`
}

// What a canned answer may be, and how many there are.
const (
	maxCannedName = 80
	maxCannedText = 20_000
	maxCanned     = 1000
)

// CannedVariables are what stands in canned answers for what is of the task.
func CannedVariables() []string { return []string{"name", "number", "subject", "team", "agent", "due"} }

var variableForm = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// Canned gives the canned answers of a team and those of every team, by name; with team "" those of all teams that may be seen.
func (d *Desk) Canned(ctx context.Context, by access.Actor, team string) ([]Canned, error) {
	if team != "" {
		if err := errors.Join(d.team(team), by.Sees(team)); err != nil {
			return nil, err
		}
	}
	kept, err := d.store.Redis().HGetAll(ctx, cannedKey).Result()
	if err != nil {
		return nil, fmt.Errorf("list canned answers: %w", store.Cause(err))
	}
	all := []Canned{}
	for id, text := range kept {
		c, err := decodeCanned(id, text)
		if err != nil {
			return nil, err
		}
		if c.Team == "" || c.Team == team || team == "" && by.Sees(c.Team) == nil {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b Canned) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

func decodeCanned(id, text string) (Canned, error) {
	c := Canned{ID: id}
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return c, fmt.Errorf("read canned answer %s: %w", id, err)
	}
	return c, nil
}

// SetCanned keeps a canned answer: a new one without an id, else another text for the one that has it. It needs the role manager of its team, and of
// the one that it was of.
func (d *Desk) SetCanned(ctx context.Context, by access.Actor, c Canned) (*Canned, error) {
	if err := d.mayCan(by, c.Team); err != nil {
		return nil, err
	}
	if err := d.cannedMistakes(&c); err != nil {
		return nil, err
	}
	was := ""
	if c.ID != "" {
		have, kept, err := d.oneCanned(ctx, c.ID)
		if err == nil {
			err = d.mayCan(by, have.Team)
		}
		if err != nil {
			return nil, err
		}
		was = kept
	} else {
		n, err := d.store.Redis().HLen(ctx, cannedKey).Result()
		if err != nil {
			return nil, fmt.Errorf("count canned answers: %w", store.Cause(err))
		}
		if n >= maxCanned {
			return nil, field.Errorf("", "must be fewer than %d canned answers; remove some", maxCanned)
		}
		c.ID = rand.Text()[:10]
	}
	c.By, c.At = by.Agent, d.now().UTC()
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encode canned answer: %w", err)
	}
	var tx store.Tx
	tx.IfField(cannedKey, c.ID, was)
	tx.SetField(cannedKey, c.ID, string(b))
	switch done, err := d.store.Commit(ctx, &tx); {
	case err != nil:
		return nil, fmt.Errorf("set canned answer: %w", err)
	case !done:
		return nil, fmt.Errorf("set canned answer: %w", ErrConflict)
	}
	return &c, nil
}

// RemoveCanned removes a canned answer. It needs the role manager of its team.
func (d *Desk) RemoveCanned(ctx context.Context, by access.Actor, id string) error {
	c, kept, err := d.oneCanned(ctx, id)
	if err == nil {
		err = d.mayCan(by, c.Team)
	}
	if err != nil {
		return err
	}
	var tx store.Tx
	tx.IfField(cannedKey, id, kept)
	tx.DelField(cannedKey, id)
	switch done, err := d.store.Commit(ctx, &tx); {
	case err != nil:
		return fmt.Errorf("remove canned answer: %w", err)
	case !done:
		return fmt.Errorf("remove canned answer: %w", ErrConflict)
	}
	return nil
}

func (d *Desk) oneCanned(ctx context.Context, id string) (Canned, string, error) {
	_, kept, err := d.store.Load(ctx, store.Field{Key: cannedKey, Name: id})
	if err != nil {
		return Canned{}, "", err
	}
	if kept[0] == "" {
		return Canned{}, "", fmt.Errorf("canned answer: %w", ErrNotFound)
	}
	c, err := decodeCanned(id, kept[0])
	return c, kept[0], err
}

// mayCan is an error for who does not manage a team, or all of them.
func (d *Desk) mayCan(by access.Actor, team string) error {
	if team == "" {
		return by.Overall()
	}
	return errors.Join(by.Require(access.RoleManager), by.Sees(team))
}

// cannedMistakes is what is wrong with a canned answer.
func (d *Desk) cannedMistakes(c *Canned) error {
	c.Name, c.Text = strings.TrimSpace(c.Name), strings.TrimSpace(strings.ReplaceAll(c.Text, "\r\n", "\n"))
	errs := []error{LongMistake("channel", c.Channel, 40)}
	if c.Team != "" {
		errs = append(errs, d.team(c.Team))
	}
	if c.Language != "" {
		errs = append(errs, LanguageMistake(c.Language))
	}
	if n := utf8.RuneCountInString(c.Name); n == 0 || n > maxCannedName {
		errs = append(errs, field.Errorf("name", "must be 1 to %d characters", maxCannedName))
	}
	if n := utf8.RuneCountInString(c.Text); n == 0 || n > maxCannedText {
		errs = append(errs, field.Errorf("text", "must be 1 to %d characters", maxCannedText))
	}
	for _, m := range variableForm.FindAllStringSubmatch(c.Text, -1) {
		if !slices.Contains(CannedVariables(), m[1]) {
			errs = append(errs, field.Errorf("text", "has the unknown variable {{%s}}%s; there are {{%s}}", m[1], field.DidYouMean(m[1], CannedVariables()),
				strings.Join(CannedVariables(), "}}, {{")))
		}
	}
	if left := variableForm.ReplaceAllString(c.Text, ""); strings.Contains(left, "{{") || strings.Contains(left, "}}") {
		errs = append(errs, field.Errorf("text", "has a variable that does not end: it must be as {{name}}"))
	}
	return errors.Join(errs...)
}

// FillCanned gives the text of a canned answer for a task. What is not known of the task stays as its variable, so that the agent sees what is missing.
func (d *Desk) FillCanned(ctx context.Context, by access.Actor, ref, id string) (string, error) {
	t, agent, err := d.writes(ctx, by, ref)
	if err != nil {
		return "", err
	}
	c, _, err := d.oneCanned(ctx, id)
	if err != nil {
		return "", err
	}
	if c.Team != "" {
		if err := by.Sees(c.Team); err != nil {
			return "", err
		}
	}
	v := d.card(t)
	if err := d.customer(ctx, t, v); err != nil {
		return "", err
	}
	due := ""
	if t.Due > 0 {
		due = time.UnixMilli(t.Due).In(d.zone(t.Team)).Format("2006-01-02 15:04")
	}
	values := map[string]string{
		"name": cmp.Or(v.Customer.Name, t.Name), "number": queue.FormatNumber(t.Number), "subject": t.Subject, "team": t.Team, "agent": agent, "due": due,
	}
	return variableForm.ReplaceAllStringFunc(c.Text, func(found string) string {
		return cmp.Or(values[variableForm.FindStringSubmatch(found)[1]], found)
	}), nil
}
