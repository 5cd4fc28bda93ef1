package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"loket/desk/access"
	"loket/desk/figures"
	"loket/desk/people"
	"loket/router/kpi"
)

type boardView struct {
	frame
	AsOf    moment // when it was so
	Rows    []boardRow
	Size    int // of the rows, the fewer the larger
	Problem string
}

// A boardRow is how a team stands. It names no customer and nobody of ours.
type boardRow struct {
	Team                       string
	Open, Late, Oldest, InTime string
	IsLate                     bool
}

// board shows how the teams stand, large: to a board that is signed in for good, and to people.
func (h *Handler) board(w http.ResponseWriter, r *http.Request) {
	words := h.wordsFor(r)
	page := boardView{frame: h.frame(words, words.Board)}
	by, err := h.onlooker(r)
	if errors.Is(err, people.ErrSession) {
		http.Redirect(w, r, "/sign-in?to="+url.QueryEscape("/board"), http.StatusSeeOther)
		return
	}
	if err == nil {
		h.keepBoard(w, r, by)
		err = h.fillBoard(r.Context(), by, words, &page)
	}
	status := http.StatusOK
	if err != nil { // the page looks again by itself
		status, page.Problem = h.told(words, err)
	}
	h.render(w, "board.html", status, page)
}

// keepBoard renews the cookie of a board, so that it lasts for as long as the board is used.
func (h *Handler) keepBoard(w http.ResponseWriter, r *http.Request, by access.Actor) {
	if by.Agent == "" {
		http.SetCookie(w, h.cookie(r, h.token(r)))
	}
}

// onlooker is who looks at the board: a board, which is nobody, or a person.
func (h *Handler) onlooker(r *http.Request) (access.Actor, error) {
	token := h.token(r)
	b, err := h.people.Board(r.Context(), token)
	if err == nil {
		return access.Actor{Principal: b.Principal()}, nil
	}
	if !errors.Is(err, people.ErrSession) {
		return access.Actor{}, err
	}
	name, err := h.people.Signed(r.Context(), token) // that a board hangs there is no use of a person's session
	if err != nil {
		return access.Actor{}, err
	}
	who, err := h.access().Person(name)
	if errors.Is(err, access.ErrToken) {
		err = people.ErrSession
	}
	return access.Actor{Principal: who, Agent: name}, err
}

func (h *Handler) fillBoard(ctx context.Context, by access.Actor, words *words, page *boardView) error {
	report, err := h.figures.Report(ctx, by, figures.Query{Last: "1d", By: string(kpi.ByTeam)})
	if err != nil {
		return err
	}
	of := map[string]*kpi.Figures{}
	for i := range report.Groups {
		of[report.Groups[i].Key[0]] = &report.Groups[i].Figures
	}
	for _, team := range h.desk.Me(by).Teams {
		f := of[team]
		if f == nil {
			f = &kpi.Figures{}
		}
		late, oldest := f.Count("breached"), f.Longest("oldest_wait")
		row := boardRow{Team: team, Open: number(f.Count("backlog")), Late: number(late), IsLate: late > 0, Oldest: dash, InTime: share(f.Share("service_level"))}
		if oldest > 0 {
			row.Oldest = words.seconds(oldest)
		}
		page.Rows = append(page.Rows, row)
	}
	page.Size = min(len(page.Rows), 8)
	page.AsOf = h.clock(h.now(), report.Zone)
	return nil
}
