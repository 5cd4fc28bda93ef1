package api

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/desk"
)

func takeIn(c *call) error {
	wait, err := readWait(c.query().Get("wait"))
	if err != nil {
		return err
	}
	in, err := c.message()
	if err != nil {
		return err
	}
	taken, err := c.desk.TakeIn(c.ctx(), c.by(person{Agent: in.Message.Agent}), in)
	if err != nil {
		return err
	}
	return c.taken(taken, wait)
}

// taken answers that a message was taken in, once it stands in a task if the call waits for that.
func (c *call) taken(taken *desk.TakenIn, wait time.Duration) error {
	c.mayTake(wait + answerWithin)
	if err := c.desk.Placed(c.ctx(), c.asked(), taken, wait); err != nil {
		c.log.Debug("the number of a task is not known", zap.Error(err)) // the message is taken in all the same
	}
	return c.json(http.StatusAccepted, TakenIn(*taken))
}

// takeMail reads a mail as it is, not as JSON.
func takeMail(c *call) error {
	wait, err := readWait(c.query().Get("wait"))
	if err != nil {
		return err
	}
	raw, err := c.raw()
	if err != nil {
		return err
	}
	taken, err := c.desk.TakeMail(c.ctx(), c.asked(), c.query().Get("connector"), raw)
	if err != nil {
		return err
	}
	return c.taken(taken, wait)
}

func dryRun(c *call) error {
	at, err := c.instant("at")
	if err != nil {
		return err
	}
	in, err := c.message()
	if err != nil {
		return err
	}
	routed, err := c.desk.Route(c.ctx(), in, at)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, routedOf(*routed))
}

func (c *call) message() (*desk.Incoming, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	return readMessage(b, c.desk.Region())
}

// attachment answers with the bytes, as a download and nothing else: what a stranger sent must not run here.
func attachment(c *call) error {
	id := c.r.PathValue("message") + "/" + c.r.PathValue("file")
	if task := c.r.PathValue("task"); task != "" {
		id = task + "/" + id
	}
	file, err := c.desk.Attachment(c.ctx(), c.asked(), id)
	if err != nil {
		return err
	}
	defer file.Close()
	c.mayTake(10 * time.Minute)
	name := strings.NewReplacer("/", "_", `\`, "_").Replace(c.query().Get("name"))
	if name == "" {
		name = c.r.PathValue("file")
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(c.w, c.r, "", time.Time{}, file)
	return nil
}

// Found is what a search came upon.
type Found struct {
	Tasks     []*Task    `json:"tasks"`
	Customers []*Profile `json:"customers"`
	// Partial: words were looked for in the newest tasks only, or there are more that hold them.
	Partial bool `json:"partial,omitempty"`
}

func search(c *call) error {
	found, err := c.desk.Search(c.ctx(), c.asked(), c.query().Get("q"))
	if err != nil {
		return err
	}
	known, err := c.customers.Search(c.ctx(), c.query().Get("q"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, Found{Tasks: tasksOf(found.Tasks), Customers: profilesOf(known...), Partial: found.Partial})
}
