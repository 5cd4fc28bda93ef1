package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"loket/desk"
	"loket/desk/customers"
	"loket/identity"
)

// A decision changes what is known about a customer as a form asks for. It gives what is said when it is done.
type decision func(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (done string, err error)

// onCustomer serves the form of a decision. What is refused leaves the page with what was typed; where a person must look at two
// customers first, they are shown side by side.
func (h *Handler) onCustomer(do decision) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := visitorOf(r.Context())
		f, ok := h.readForm(w, r, v.words)
		if !ok {
			return
		}
		ref := r.PathValue("customer")
		done, err := do(r.Context(), h, v, ref, f)
		if err == nil {
			http.Redirect(w, r, afterwards(f.Get("to"), ref)+"?done="+done, http.StatusSeeOther)
			return
		}
		unsure := (*customers.Unsure)(nil)
		if errors.As(err, &unsure) && len(unsure.Customers) == 2 {
			h.showComparison(w, r, refused{http.StatusConflict, unsure.Text, f.Get("reason")}, unsure.Customers[0].ID, unsure.Customers[1].ID)
			return
		}
		status, text := h.toldOfCustomer(v.words, err)
		if status == http.StatusInternalServerError {
			h.trouble(w, r, v.words, err)
			return
		}
		h.showCustomer(w, r, status, text, f)
	}
}

// afterwards is where a form of a customer leads when it is done: back to the task that it stood in, else to the customer.
func afterwards(to, customer string) string {
	if strings.HasPrefix(to, "/tasks/") {
		return localPath(to)
	}
	return customerAddress(customer)
}

// toldOfCustomer is told of what the registry says too.
func (h *Handler) toldOfCustomer(words *words, err error) (int, string) {
	unsure := (*customers.Unsure)(nil)
	switch {
	case errors.As(err, &unsure):
		return http.StatusConflict, unsure.Text
	case errors.Is(err, desk.ErrUnsettled):
		return http.StatusServiceUnavailable, words.Busy
	case errors.Is(err, desk.ErrJoins):
		return http.StatusConflict, words.TooManyJoins
	case errors.Is(err, desk.ErrContradiction):
		return http.StatusConflict, words.Contradicts
	}
	return h.told(words, err)
}

func because(f *form) customers.Because {
	return customers.Because{Reason: f.Get("reason"), Message: f.Get("message"), Confirm: f.Get("confirm") != ""}
}

func linkIdentifier(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	text := strings.TrimSpace(f.Get("identifier"))
	if strings.Contains(text, "@") && !strings.Contains(text, ":") {
		text = "email:" + text
	}
	_, err := h.customers.LinkIdentifier(ctx, v.by, ref, text, because(f))
	return "linked", err
}

// changeIdentifier decides about one identifier of a customer, by the button that was pressed.
func changeIdentifier(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	x, why := f.Get("identifier"), because(f)
	var err error
	switch do := f.Get("do"); do {
	case "unlink":
		_, err = h.customers.UnlinkIdentifier(ctx, v.by, ref, x, why)
	case "split":
		_, _, err = h.customers.Split(ctx, v.by, ref, []string{x}, why)
	case "share", "unshare":
		_, err = h.customers.Share(ctx, v.by, ref, x, do == "share", why)
	case "retire":
		_, err = h.customers.Retire(ctx, v.by, ref, x, f.Get("at"), why)
	default:
		return "", fmt.Errorf("change identifier: %w", desk.ErrNotFound)
	}
	return "changed", err
}

func setConsent(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	allowed := f.Get("allowed") == "yes"
	_, err := h.customers.SetConsent(ctx, v.by, ref, customers.ConsentChange{Identifier: f.Get("identifier"), Purpose: strings.TrimSpace(f.Get("purpose")), Allowed: &allowed}, because(f))
	return "consent", err
}

func setPreferred(ctx context.Context, h *Handler, v *visitor, ref string, f *form) (string, error) {
	_, err := h.customers.SetPreferred(ctx, v.by, ref, identity.Service, f.Get("identifier"), because(f))
	return "preferred", err
}

func unmerge(ctx context.Context, h *Handler, v *visitor, _ string, f *form) (string, error) {
	_, err := h.customers.UnmergeCustomers(ctx, v.by, []string{f.Get("a"), f.Get("b")}, because(f))
	return "parted", err
}

// A whyView is why an identifier is a customer's.
type whyView struct {
	frame
	Name, Address, X, Y string
	Same                bool
	Only                bool // there is no other to compare it with
	Rule                string
	Steps               []stepView
}

type stepView struct {
	A, B, Level, Rule, Evidence string
	Since                       moment
}

func (h *Handler) whyPage(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	ref, q := r.PathValue("customer"), r.URL.Query()
	c, err := h.customers.Profile(r.Context(), ref)
	var e *customers.Explanation
	if err == nil {
		e, err = h.customers.Why(r.Context(), v.by, ref, q.Get("x"), q.Get("y"))
	}
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	name := cmp.Or(c.Name, v.words.Unknown)
	page := whyView{frame: h.framed(r, name), Name: name, Address: customerAddress(c.ID), X: v.words.identifier(e.X), Y: v.words.identifier(e.Y), Same: e.Same, Rule: e.Rule, Only: e.X.Node() == e.Y.Node()}
	for _, s := range e.Steps {
		page.Steps = append(page.Steps, stepView{
			A: v.words.identifier(s.A), B: v.words.identifier(s.B), Level: known(v.words.Level, s.Level.String()), Rule: s.Rule, Evidence: s.Evidence, Since: h.moment(v.words, s.Since, h.desk.Zone()),
		})
	}
	h.render(w, "customer-why", http.StatusOK, page)
}
