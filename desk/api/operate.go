package api

import (
	"context"
	"net/http"
	"time"

	"loket/desk/access"
)

// Me is who makes a call, and what they may look at.
type Me struct {
	Token  string   `json:"token"`            // its name
	Person string   `json:"person,omitempty"` // the only one it acts for; absent when it may act for others
	Teams  []string `json:"teams"`
	Roles  []string `json:"roles"`
}

func me(c *call) error {
	who := c.desk.Me(c.asked())
	return c.json(http.StatusOK, Me{Token: who.Token, Person: who.Person, Teams: filled(who.Teams), Roles: filled(who.Roles)})
}

func status(c *call) error {
	s, err := c.desk.Status(c.ctx(), c.asked())
	if err != nil {
		return err
	}
	all := Status{Counts: countsOf(s)}
	if c.process != nil {
		all.Process = processOf(c.process(c.ctx()))
	}
	if all.Connectors == nil {
		all.Connectors = []ConnectorStatus{}
	}
	return c.json(http.StatusOK, all)
}

func quarantine(c *call) error {
	limit, err := c.number("limit")
	if err != nil {
		return err
	}
	found, next, err := c.desk.Quarantine(c.ctx(), c.asked(), limit, c.query().Get("cursor"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, QuarantinePage{Messages: all(found, quarantinedOf), Cursor: next})
}

func quarantined(c *call) error {
	q, err := c.desk.Quarantined(c.ctx(), c.asked(), c.r.PathValue("id"))
	if err != nil {
		return err
	}
	v := quarantinedOf(*q)
	v.Message, v.Body = q.Message, q.Body
	return c.json(http.StatusOK, v)
}

func retryQuarantined(c *call) error { return c.decide(c.desk.Retry) }
func dropQuarantined(c *call) error  { return c.decide(c.desk.Drop) }

// decide does what a person decided on a message that was set aside.
func (c *call) decide(do func(context.Context, access.Actor, string) error) error {
	if err := c.read(&person{}); err != nil {
		return err
	}
	if err := do(c.ctx(), c.asked(), c.r.PathValue("id")); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func doctor(c *call) error {
	c.mayTake(10 * time.Minute) // it reads everything
	broken, err := c.desk.Doctor(c.ctx(), c.asked())
	if err != nil {
		return err
	}
	if broken == nil {
		broken = []string{}
	}
	return c.json(http.StatusOK, diagnosis{Broken: broken})
}

func metrics(c *call) error {
	c.metrics.ServeHTTP(c.w, c.r)
	return nil
}

func healthz(c *call) error { return c.health(c.healthy) }
func readyz(c *call) error  { return c.health(c.ready) }

func (c *call) health(ask func(context.Context) (bool, []string)) error {
	h := Health{OK: true}
	if ask != nil {
		h.OK, h.Reasons = ask(c.ctx())
	}
	if h.Reasons == nil {
		h.Reasons = []string{}
	}
	if !h.OK {
		return c.json(http.StatusServiceUnavailable, h)
	}
	return c.json(http.StatusOK, h)
}

func describe(c *call) error {
	c.w.Header().Set("Content-Type", "application/yaml")
	_, _ = c.w.Write(document) // whoever asked is gone: nobody is left to be told
	return nil
}
