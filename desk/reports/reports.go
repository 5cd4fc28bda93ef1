package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/desk/figures"
	"loket/internal/field"
	"loket/internal/message"
	"loket/internal/store"
	"loket/router/calendar"
	"loket/router/kpi"
)

// Options are what a Service works with. Zone, Now and Log may be nil, all else must be given.
type Options struct {
	Store   *store.Store
	Figures *figures.Service
	Reports []Config
	Teams   func() []string // those that there are
	// Send hands a mail to the connector of that name. An error that is final says so: then it is not tried again.
	Send  func(ctx context.Context, connector string, m *message.Message) error
	Final func(error) bool
	Zone  *time.Location // of the house; nil is UTC
	Now   func() time.Time
	Log   *zap.Logger
}

// A Service mails reports. Several processes may do so at the same time: each report goes out once a month.
type Service struct{ o Options }

// New makes a Service.
func New(o Options) (*Service, error) {
	if err := field.Given(o, "Store", "Figures", "Teams", "Send", "Final"); err != nil {
		return nil, err
	}
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	return &Service{o}, nil
}

const (
	lookEvery = time.Minute
	// claimed is for how long one process has a report to itself; longer than sending takes.
	claimed    = 5 * time.Minute
	sendWithin = 2 * time.Minute
	noteWithin = 5 * time.Second
	// tryAgain is how soon a report that was not taken is tried again.
	tryAgain = 10 * time.Minute
	// lateBy is how late a report still goes out, after everything stood still.
	lateBy = 10 * 24 * time.Hour
)

// Run mails what is due until ctx ends, and returns nil then.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		s.SendDue(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// SendDue mails what is due now and nobody has mailed. What fails is tried again by a later call.
func (s *Service) SendDue(ctx context.Context) {
	for _, c := range s.o.Reports {
		if err := s.sendDue(ctx, c.complete()); err != nil && ctx.Err() == nil && !errors.Is(err, store.ErrAway) {
			s.o.Log.Warn("report not sent", zap.String("report", c.Name), zap.Error(err))
		}
	}
}

// reportsKey is the hash of what was sent: name and month → state.
func reportsKey() string { return "lk:{desk}:reports" }

// state is how far a report is. Who dies while it sends leaves it to another, under the same Message-ID: it is better had twice than never.
type state struct {
	Until  int64  `json:"until,omitempty"` // until when nobody else tries, ms
	Sent   int64  `json:"sent,omitempty"`
	Failed string `json:"failed,omitempty"` // why it never will be
}

func (s *Service) sendDue(ctx context.Context, c Config) error {
	now := s.o.Now().In(s.o.Zone)
	at, err := time.Parse("15:04", c.At)
	if err != nil {
		return fmt.Errorf("read time of report: %w", err)
	}
	// The one that was due last, perhaps in the month before: what could not be sent on the 28th goes out on the 1st.
	turn := now.Month()
	dueIn := func(month time.Month) time.Time {
		return time.Date(now.Year(), month, c.Day, at.Hour(), at.Minute(), 0, 0, s.o.Zone)
	}
	if now.Before(dueIn(turn)) {
		turn--
	}
	if now.After(dueIn(turn).Add(lateBy)) {
		return nil
	}
	month := calendar.DayBegins(now.Year(), turn-1, 1, s.o.Zone)
	name := c.Name + " " + month.Format("2006-01")
	mine, err := s.change(ctx, name, func(was state) (state, bool) {
		return state{Until: now.Add(claimed).UnixMilli()}, was.Sent == 0 && was.Failed == "" && was.Until <= now.UnixMilli()
	})
	if err != nil || !mine {
		return err
	}
	after, sendErr := s.send(ctx, c, month)
	// It is out: that must be noted though the daemon stops.
	noting, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	if _, err := s.change(noting, name, func(state) (state, bool) { return after, true }); err != nil {
		return errors.Join(sendErr, fmt.Errorf("note report: %w", err))
	}
	return sendErr
}

// send mails a report, and gives how far it is.
func (s *Service) send(ctx context.Context, c Config, month time.Time) (state, error) {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	again := state{Until: s.o.Now().Add(tryAgain).UnixMilli()}
	m, err := s.compose(ctx, c, month)
	if err != nil {
		return again, err
	}
	err = s.o.Send(ctx, c.Connector, m)
	switch {
	case err == nil:
		s.o.Log.Info("report sent", zap.String("report", c.Name), zap.String("month", month.Format("2006-01")))
		return state{Sent: s.o.Now().UnixMilli()}, nil
	case s.o.Final(err):
		return state{Failed: err.Error()}, fmt.Errorf("it will not be tried again: %w", err)
	}
	return again, err
}

// change changes the state of a report, and tells whether it did: another may have been first.
func (s *Service) change(ctx context.Context, name string, to func(was state) (state, bool)) (bool, error) {
	_, was, err := s.o.Store.Load(ctx, store.Field{Key: reportsKey(), Name: name})
	if err != nil {
		return false, err
	}
	var before state
	if was[0] != "" {
		if err := json.Unmarshal([]byte(was[0]), &before); err != nil {
			return false, fmt.Errorf("read state of report: %w", err)
		}
	}
	after, changes := to(before)
	if !changes {
		return false, nil
	}
	text, err := json.Marshal(after)
	if err != nil {
		return false, fmt.Errorf("encode state of report: %w", err)
	}
	var tx store.Tx
	tx.IfField(reportsKey(), name, was[0])
	tx.SetField(reportsKey(), name, string(text))
	return s.o.Store.Commit(ctx, &tx)
}

// compose writes the mail. Its id is the same whoever sends it, and whenever.
func (s *Service) compose(ctx context.Context, c Config, month time.Time) (*message.Message, error) {
	w := languages[c.Language]
	teams, about := c.Teams, strings.Join(c.Teams, ", ")
	if len(teams) == 0 {
		teams, about = s.o.Teams(), w.all
	}
	last := calendar.DayBegins(month.Year(), month.Month()+1, 0, s.o.Zone)
	var text strings.Builder
	for _, team := range teams {
		by := access.Actor{Principal: &access.Principal{Name: "reports", Admin: true}}
		r, err := s.o.Figures.Report(ctx, by, figures.Query{
			Team: team, From: month.Format(time.DateOnly), To: last.Format(time.DateOnly), Previous: "true", By: string(kpi.ByWeek),
		})
		if err != nil {
			return nil, fmt.Errorf("sum up report of %s: %w", team, err)
		}
		text.WriteString(w.section(team, r) + "\n")
	}
	id := message.NewID([]byte("report"), []byte(c.Name), []byte(month.Format("2006-01")))
	m := &message.Message{
		ID: id, Thread: id, Direction: message.Out, Connector: c.Connector, Channel: "email", Automatic: message.Report, Language: c.Language,
		Subject: fmt.Sprintf(w.subject, w.month(month), about), Text: text.String(), Sent: s.o.Now(),
	}
	for _, address := range c.To {
		to, err := message.Email(address, message.Claimed)
		if err != nil {
			return nil, fmt.Errorf("read address of report: %w", err)
		}
		m.To = append(m.To, to)
	}
	return m, nil
}
