package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"loket/desk"
	"loket/desk/access"
	"loket/router/queue"
)

// beat is how often a stream says that it is there.
const beat = 15 * time.Second

// An Event is one change of a task.
type Event struct {
	ID     string `json:"id"` // events sort by it; following begins again after it
	Type   string `json:"type"`
	At     Time   `json:"at,omitzero"`
	Task   string `json:"task"`
	Number string `json:"number"`
	Team   string `json:"team"`  // after it
	Zone   string `json:"zone"`  // in which people read its times
	State  string `json:"state"` // after it
	Lane   string `json:"lane,omitempty"`
	Agent  string `json:"agent,omitempty"`

	Channel   string   `json:"channel,omitempty"`
	Connector string   `json:"connector,omitempty"`
	Priority  string   `json:"priority,omitempty"`
	Rule      string   `json:"rule,omitempty"`
	Tags      []string `json:"tags,omitempty"`

	Message   string `json:"message,omitempty"`
	Automatic bool   `json:"automatic,omitempty"`
	FromTeam  string `json:"from_team,omitempty"`
	Outcome   string `json:"outcome,omitempty"`
	Abandoned bool   `json:"abandoned,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Rating    string `json:"rating,omitempty"` // rated: good, bad
	Due       Time   `json:"due,omitzero"`
	Created   Time   `json:"created,omitzero"`
	Unseen    int    `json:"unseen,omitempty"` // done over so many messages that the agent was not shown
}

func eventOf(e desk.Event) Event {
	return Event{
		ID: e.ID, Type: string(e.Type), At: instant(e.At), Task: e.Task, Number: queue.FormatNumber(e.Number), Team: e.Team,
		Zone: e.Zone, State: string(e.State), Lane: e.Lane, Agent: e.Agent, Channel: e.Channel, Connector: e.Connector,
		Priority: e.Priority, Rule: e.Rule, Tags: e.Tags, Message: e.Message, Automatic: e.Automatic, FromTeam: e.FromTeam,
		Outcome: e.Outcome, Abandoned: e.Abandoned, Reason: e.Reason, Rating: string(e.Rating), Due: instant(e.Due), Created: instant(e.Created),
		Unseen: e.Unseen,
	}
}

// events streams what happens to tasks (server-sent events). A follower that cannot keep up, or loses the
// connection, comes back with Last-Event-ID and misses nothing.
func events(c *call) error {
	ctx, cancel := c.untilStopping()
	defer cancel()
	stream := &stream{call: c, control: http.NewResponseController(c.w)}
	err := c.desk.Follow(ctx, c.asked(), desk.Following{
		Team: c.query().Get("team"), After: c.r.Header.Get("Last-Event-ID"),
		Begin: stream.begin, Event: stream.event, Idle: stream.idle, Beat: beat,
	})
	if stream.begun {
		return nil // the answer is on its way: an error can only end it
	}
	return err
}

type stream struct {
	*call
	control *http.ResponseController
	begun   bool
}

func (s *stream) begin() error {
	_ = s.control.SetReadDeadline(time.Time{}) // nothing more is to be read, but it must not end the stream
	h := s.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	s.begun = true
	return s.send(": here\nretry: 2000\n\n")
}

// event sends one, as long as the token still is what it was when the stream began: a reload may have taken it away.
func (s *stream) event(e desk.Event) error {
	if err := s.stillHeld(); err != nil {
		return err
	}
	data, err := json.Marshal(eventOf(e))
	if err != nil {
		return err
	}
	return s.send(fmt.Sprintf("id: %s\nevent: %s\ndata: %s\n\n", e.ID, e.Type, data))
}

func (s *stream) idle() error {
	if err := s.stillHeld(); err != nil {
		return err
	}
	return s.send(": still here\n\n")
}

// stillHeld is an error when the token is none any more, or may see other things: its holder may follow again.
func (s *stream) stillHeld() error {
	who, err := s.desk.Authenticate(bearer(s.r))
	if err == nil && !reflect.DeepEqual(who, s.who) {
		err = access.ErrToken
	}
	return err
}

// send writes and flushes, and gives up on a reader who does not take it.
func (s *stream) send(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(beat))
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.control.Flush()
}

// Events follows what happens to tasks, of one team or of all with "", after the event with the id after, or
// from now on with "". It calls f for each, and returns nil when the stream ends or ctx does: go on from the last
// one seen. An error of f ends it.
func (c *Client) Events(ctx context.Context, team, after string, f func(Event) error) error {
	req, err := c.request(ctx, http.MethodGet, path("events"), url.Values{"team": {team}}, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "text/event-stream")
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	res, err := c.send(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e Event
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return fmt.Errorf("read event: %w", err)
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return nil // however it broke off, it is followed again in the same way
}
