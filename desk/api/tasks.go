package api

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/field"
)

func claim(c *call) error {
	var b claimBody
	if err := c.read(&b); err != nil {
		return err
	}
	wait, err := readWait(b.Wait)
	if err != nil {
		return err
	}
	c.mayTake(wait + answerWithin)
	ctx, cancel := c.untilStopping()
	defer cancel()
	t, err := c.desk.Claim(ctx, c.by(person{Agent: b.Agent}), c.r.PathValue("team"), b.RequestID, wait)
	if errors.Is(err, desk.ErrNothing) || ctx.Err() != nil && c.ctx().Err() == nil && t == nil {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, taskOf(t))
}

func readWait(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	d, err := field.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, field.Errorf("wait", "must be a duration such as 30s, at most %v", desk.MaxWait)
	}
	return min(d, desk.MaxWait), nil
}

// untilStopping is the call's context, ended too when the daemon stops.
func (c *call) untilStopping() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(c.ctx())
	var watch sync.WaitGroup
	watch.Go(func() {
		select {
		case <-c.stopping:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, func() {
		cancel()
		watch.Wait()
	}
}

func list(c *call) error {
	limit, err := c.number("limit")
	if err != nil {
		return err
	}
	q := c.query()
	unattended, err := truth("unattended", q.Get("unattended"))
	if err != nil {
		return err
	}
	page, err := c.desk.List(c.ctx(), c.asked(), desk.Listing{
		Team: c.r.PathValue("team"), State: q.Get("state"), Limit: limit, Cursor: q.Get("cursor"), Unattended: unattended,
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pageOf(page))
}

func held(c *call) error {
	page, err := c.desk.Held(c.ctx(), c.asked())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pageOf(page))
}

func show(c *call) error {
	t, err := c.desk.TaskBefore(c.ctx(), c.asked(), c.r.PathValue("task"), c.query().Get("before"))
	return c.task(t, err)
}

// task answers with a task.
func (c *call) task(t *desk.Task, err error) error {
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, taskOf(t))
}

// act is for what needs nothing but who does it.
func (c *call) act(do func(context.Context, access.Actor, string) (*desk.Task, error)) error {
	var b person
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(do(c.ctx(), c.by(b), c.r.PathValue("task")))
}

func take(c *call) error      { return c.act(c.desk.Take) }
func heartbeat(c *call) error { return c.act(c.desk.Heartbeat) }
func giveBack(c *call) error  { return c.act(c.desk.Return) }
func reopen(c *call) error    { return c.act(c.desk.Reopen) }

func assign(c *call) error {
	var b assignBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Assign(c.ctx(), c.by(person{}), c.r.PathValue("task"), b.Agent))
}

func note(c *call) error {
	var b noteBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Note(c.ctx(), c.by(b.person), c.r.PathValue("task"), b.Text))
}

func transfer(c *call) error {
	var b transferBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Transfer(c.ctx(), c.by(b.person), c.r.PathValue("task"), b.Team, b.Note))
}

func wait(c *call) error {
	var b waitBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Wait(c.ctx(), c.knowing(b.person, b.looked), c.r.PathValue("task"), b.Until))
}

func finish(c *call) error {
	var b closeBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Close(c.ctx(), c.knowing(b.person, b.looked), c.r.PathValue("task"), b.Outcome))
}

func answered(c *call) error {
	var b answeredBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.AnsweredOtherwise(c.ctx(), c.knowing(b.person, b.looked), c.r.PathValue("task"), desk.Otherwise{
		By: b.By, Text: b.Text, Close: b.Close, Outcome: b.Outcome, Key: c.r.Header.Get("Idempotency-Key"),
	}))
}

func byPerson(c *call) error {
	var b personBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.ByPerson(c.ctx(), c.by(b.person), c.r.PathValue("task"), desk.Judgement{Message: b.Message, Machine: b.Machine}))
}

func link(c *call) error {
	var b linkBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Link(c.ctx(), c.by(b.person), c.r.PathValue("task"), b.Task))
}

func merge(c *call) error {
	var b linkBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Merge(c.ctx(), c.by(b.person), c.r.PathValue("task"), b.Task))
}

func label(c *call) error {
	var b labelBody
	if err := c.read(&b); err != nil {
		return err
	}
	return c.task(c.desk.Label(c.ctx(), c.by(b.person), c.r.PathValue("task"), desk.Labelling{
		Tag: b.Tag, Untag: b.Untag, Priority: b.Priority, Language: b.Language,
	}))
}

type replyBody struct {
	person
	looked
	Text        string       `json:"text"`
	HTML        string       `json:"html"`
	Attachments []fileToTake `json:"attachments"`
	Via         string       `json:"via"`
	All         bool         `json:"all"`
	To          []string     `json:"to"`
	Cc          []string     `json:"cc"`
	Without     []string     `json:"without"`
	Close       bool         `json:"close"`
	Outcome     string       `json:"outcome"`
}

func reply(c *call) error {
	var b replyBody
	if err := c.read(&b); err != nil {
		return err
	}
	answered, err := c.desk.Reply(c.ctx(), c.knowing(b.person, b.looked), c.r.PathValue("task"), desk.Answer{
		Text: b.Text, HTML: b.HTML, Attachments: takeFiles(b.Attachments), Via: b.Via, Close: b.Close, Outcome: b.Outcome,
		Key: c.r.Header.Get("Idempotency-Key"), Whom: desk.Whom{All: b.All, To: b.To, Cc: b.Cc, Without: b.Without},
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusAccepted, answeredOf(answered))
}

type forwardBody struct {
	person
	To          []string     `json:"to"`
	Text        string       `json:"text"`
	Attachments []fileToTake `json:"attachments"`
	Whole       bool         `json:"whole"`
	NoFiles     bool         `json:"no_files"`
}

func forward(c *call) error {
	var b forwardBody
	if err := c.read(&b); err != nil {
		return err
	}
	done, err := c.desk.Forward(c.ctx(), c.by(b.person), c.r.PathValue("task"), desk.Forward{
		To: b.To, Text: b.Text, Attachments: takeFiles(b.Attachments), Whole: b.Whole, NoFiles: b.NoFiles, Key: c.r.Header.Get("Idempotency-Key"),
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusAccepted, forwardedOf(done))
}

func drafts(c *call) error {
	list, err := c.desk.Drafts(c.ctx(), c.asked(), c.r.PathValue("task"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, draftList{all(list, draftOf)})
}

func sendDraft(c *call) error {
	var b sendDraftBody
	if err := c.read(&b); err != nil {
		return err
	}
	answered, err := c.desk.SendDraft(c.ctx(), c.knowing(b.person, b.looked), c.r.PathValue("task"), desk.DraftToSend{
		Draft: c.r.PathValue("draft"), Close: b.Close, Outcome: b.Outcome,
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusAccepted, answeredOf(answered))
}

func dropDraft(c *call) error {
	dropped, err := c.desk.DropDraft(c.ctx(), c.asked(), c.r.PathValue("task"), c.r.PathValue("draft"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, draftOf(*dropped))
}
