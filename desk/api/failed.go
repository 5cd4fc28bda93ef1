package api

import (
	"context"
	"net/http"

	"loket/desk"
	"loket/desk/access"
	"loket/internal/field"
)

// FailedList are the tasks in which an answer did not arrive, or may not have, of each team the oldest.
type FailedList struct {
	Tasks []FailedTask `json:"tasks"`
	More  bool         `json:"more,omitempty"` // there are others
}

// A FailedTask is one of them, with the answers that somebody may decide about.
type FailedTask struct {
	Task    *Task         `json:"task"`
	Replies []FailedReply `json:"replies"`
}

// A FailedReply is an answer that failed or is in doubt.
type FailedReply struct {
	Delivery Delivery `json:"delivery"`
	To       []string `json:"to"`
	Channel  string   `json:"channel,omitempty"`
	Text     string   `json:"text,omitempty"` // absent when it is not kept any more: it can't be sent again then
	Since    Time     `json:"since"`
}

func failed(c *call) error {
	found, more, err := c.desk.Failed(c.ctx(), c.asked())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, FailedList{Tasks: all(found, failedOf), More: more})
}

func failedOf(f desk.Failed) FailedTask {
	v := FailedTask{Task: taskOf(f.Task), Replies: []FailedReply{}}
	for _, r := range f.Replies {
		one := FailedReply{Delivery: *deliveryOf(r), To: []string{}, Since: instant(max(r.Since, r.Created))}
		if m := r.Message; m != nil {
			one.To, one.Channel, one.Text = names(m.To), m.Channel, m.Text
		}
		v.Replies = append(v.Replies, one)
	}
	return v
}

func resend(c *call) error    { return c.onReply(c.desk.Resend) }
func lookAgain(c *call) error { return c.onReply(c.desk.LookAgain) }

// onReply does what a person decided about an answer.
func (c *call) onReply(do func(ctx context.Context, by access.Actor, task, reply string) (*desk.Task, error)) error {
	return c.act(func(ctx context.Context, by access.Actor, task string) (*desk.Task, error) {
		return do(ctx, by, task, c.r.PathValue("reply"))
	})
}

func settle(c *call) error {
	var b settleBody
	if err := c.read(&b); err != nil {
		return err
	}
	if b.Arrived == nil {
		return field.Errorf("arrived", "must be given: true or false")
	}
	return c.task(c.desk.Settle(c.ctx(), c.by(b.person), c.r.PathValue("task"), c.r.PathValue("reply"), *b.Arrived))
}

// Failed gives the tasks in which an answer did not arrive, or may not have.
func (c *Client) Failed(ctx context.Context) (*FailedList, error) {
	var l *FailedList
	err := c.get(ctx, path("failed"), nil, &l)
	return l, err
}

// Resend sends an answer once more that failed or is in doubt.
func (c *Client) Resend(ctx context.Context, task, reply string) (*Task, error) {
	return c.decide(ctx, task, reply, "retry", c.who())
}

// LookAgain asks the channel once more whether it has an answer that is in doubt.
func (c *Client) LookAgain(ctx context.Context, task, reply string) (*Task, error) {
	return c.decide(ctx, task, reply, "look", c.who())
}

// Settle says whether an answer that is in doubt, or failed, arrived.
func (c *Client) Settle(ctx context.Context, task, reply string, arrived bool) (*Task, error) {
	return c.decide(ctx, task, reply, "settle", settleBody{c.who(), &arrived})
}

func (c *Client) decide(ctx context.Context, task, reply, verb string, body any) (*Task, error) {
	var t *Task
	err := c.post(ctx, path("tasks", task, "replies", reply, verb), body, &t)
	return t, err
}
