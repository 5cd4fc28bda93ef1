package figures

import (
	"context"
	"fmt"
	"slices"

	"loket/desk/access"
	"loket/router/kpi"
	"loket/router/queue"
)

// Answers are what somebody answered in a span, the newest first, and what came of it.
type Answers struct {
	Person  string
	Total   kpi.Figures // of all that they did
	Answers []Answer
	Back    int  // how many of them came back
	Partial bool // there were more, which are neither listed nor counted in Back
	*kpi.Report
}

// An Answer is one of them.
type Answer struct {
	Task
	Back    int64  // when the customer wrote again in the task, which was closed, with no answer of the same person between; 0 when they did not
	Outcome string // of the task, when it is closed now
	// Rating is what the customer said of the closing, of the last answer of whoever answered last; "" when they said nothing.
	Rating queue.Rating
}

// maxAnswers is how many are listed.
const maxAnswers = 1000

// Answers lists what somebody answered. Everybody may ask for their own; managers for those of others where the configuration says so.
func (s *Service) Answers(ctx context.Context, by access.Actor, person string, asked Query) (*Answers, error) {
	if err := s.mayRead(by, person); err != nil {
		return nil, err
	}
	asked.Agent, asked.By, asked.Previous = person, "", ""
	report, err := s.Report(ctx, by, asked)
	if err != nil {
		return nil, err
	}
	out := &Answers{Person: person, Total: report.Total, Report: report.Report}
	given, err := s.given(ctx, by, asked, out)
	if err != nil {
		return nil, err
	}
	cards, err := s.cards(ctx, given)
	if err != nil {
		return nil, err
	}
	later := map[int64]int64{} // of each task, the next answer
	for i := len(given) - 1; i >= 0; i-- {
		a, card := Answer{Task: taskOf(by, given[i], cards[given[i].Task])}, cards[given[i].Task]
		if card != nil && a.ID != "" {
			a.Back, a.Outcome = cameBack(card, a.At, later[a.Task.Task]), outcomeOf(card)
			if later[a.Task.Task] == 0 && card.Answerer == person && card.RatedAt > a.At {
				a.Rating = card.Rating
			}
		}
		if a.Back != 0 {
			out.Back++
		}
		later[a.Task.Task] = a.At
		out.Answers = append(out.Answers, a)
	}
	return out, nil
}

func (s *Service) mayRead(by access.Actor, person string) error {
	if person != "" && (person == by.Person || s.managersSee() && by.Has(access.RoleManager)) {
		return nil
	}
	return fmt.Errorf("%w: what came of answers is for those who gave them", access.ErrForbidden)
}

// given are the answers, oldest first.
func (s *Service) given(ctx context.Context, by access.Actor, asked Query, out *Answers) ([]kpi.Item, error) {
	now := s.now()
	q, err := s.read(ctx, by, asked, now)
	if err != nil {
		return nil, err
	}
	var all []kpi.Item
	for cursor := ""; ; {
		page, next, err := s.ledger.Tasks(ctx, *q, "replies", kpi.Page{Limit: 500, Cursor: cursor}, now)
		if err != nil {
			return nil, err
		}
		all, cursor = append(all, page...), next
		if over := len(all) - maxAnswers; over > 0 {
			all, out.Partial = all[over:], true
		}
		if cursor == "" {
			return all, nil
		}
	}
}

// cards are the tasks of items, by number.
func (s *Service) cards(ctx context.Context, items []kpi.Item) (map[int64]*queue.Task, error) {
	numbers := make([]int64, len(items))
	for i := range items {
		numbers[i] = items[i].Task
	}
	slices.Sort(numbers)
	return s.queue.ByNumbers(ctx, slices.Compact(numbers)...)
}

// cameBack is when the customer reopened the task after one answer, and before the next.
func cameBack(t *queue.Task, at, next int64) int64 {
	for _, step := range t.History {
		if step.Type == queue.Reopened && step.Message != "" && step.At >= at && (next == 0 || step.At < next) {
			return step.At
		}
	}
	return 0
}

func outcomeOf(t *queue.Task) string {
	if t.State != queue.Closed {
		return ""
	}
	return t.Outcome
}
