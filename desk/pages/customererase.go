package pages

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/desk/access"
	"loket/desk/customers"
	"loket/identity"
)

// exportCustomer gives everything there is about a customer, as it is read, as a file to keep.
func (h *Handler) exportCustomer(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	ref := r.PathValue("customer")
	e, err := h.customers.Export(r.Context(), v.by, ref)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTakes))
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "customer-" + fileName(ref) + ".zip"}))
	if err := h.export(r.Context(), w, e); err != nil {
		h.log.Error("export broke off", zap.String("customer", ref), zap.Error(err))
		panic(http.ErrAbortHandler) // nobody may take a part for the whole
	}
}

// exportTakes bounds how long writing an export may take.
const exportTakes = 10 * time.Minute

func noExport(context.Context, io.Writer, *customers.Export) error {
	return errors.New("no export is configured")
}

// An eraseView is what would go of a customer who is to be forgotten.
type eraseView struct {
	frame
	Problem         string
	ID, Address     string
	Name, Typed     string
	Held            []heldView
	Tasks           []row
	Claims          []row
	More            bool
	Reason          string
	Erased, Erasing bool
}

func (h *Handler) erasePage(w http.ResponseWriter, r *http.Request) {
	h.showErasure(w, r, http.StatusOK, "", nil)
}

func (h *Handler) showErasure(w http.ResponseWriter, r *http.Request, status int, problem string, typed *form) {
	v := visitorOf(r.Context())
	err := v.by.Require(access.RoleManager)
	var history *customers.History
	if err == nil {
		history, err = h.customers.History(r.Context(), v.by, r.PathValue("customer"), rowsShown, "")
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	c := history.Customer
	page := eraseView{frame: h.framed(r, v.words.Erase), Problem: problem, ID: c.ID, Address: customerAddress(c.ID), Name: mustType(c), More: history.Cursor != ""}
	if typed != nil {
		page.Typed, page.Reason = typed.Get("name"), typed.Get("reason")
	}
	page.Held = h.side(v, c).Held
	for _, t := range history.Tasks {
		page.Tasks = append(page.Tasks, h.row(v, t, ""))
	}
	for _, t := range history.Claims {
		page.Claims = append(page.Claims, h.row(v, t, ""))
	}
	page.Here = page.Address + "/erase"
	h.render(w, "customer-erase", status, page)
}

// mustType is what whoever erases a customer types: their name, or their id where they have none.
func mustType(c *identity.Customer) string {
	return cmp.Or(strings.Join(strings.Fields(c.Name), " "), c.ID)
}

// erase forgets a customer, once their name was typed.
func (h *Handler) erase(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	ref := r.PathValue("customer")
	c, err := h.customers.Profile(r.Context(), ref)
	if err == nil && !strings.EqualFold(strings.Join(strings.Fields(f.Get("name")), " "), mustType(c.Customer)) {
		h.showErasure(w, r, http.StatusUnprocessableEntity, v.words.TypeTheName, f)
		return
	}
	done := false
	if err == nil {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(exportTakes))
		done, err = h.customers.Erase(r.Context(), v.by, ref, customers.Erasure{Because: because(f), KeepClaims: f.Get("keep") != ""})
	}
	if err != nil {
		if status, text := h.toldOfCustomer(v.words, err); status == http.StatusUnprocessableEntity || status == http.StatusForbidden {
			h.showErasure(w, r, status, text, f)
			return
		}
		h.trouble(w, r, v.words, err)
		return
	}
	h.log.Info("customer erased", zap.String("customer", c.ID), zap.String("person", v.by.Agent), zap.String("address", r.RemoteAddr), zap.Bool("done", done))
	page := eraseView{frame: h.framed(r, v.words.Erase), Erased: done, Erasing: !done}
	h.render(w, "customer-erase", http.StatusOK, page)
}
