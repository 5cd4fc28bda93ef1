package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"loket/identity"
)

// A compareView is two customers side by side, and what they would become.
type compareView struct {
	frame
	Problem string
	Sides   []sideView
	Would   sideView
	Against string
	A, B    string
	Reason  string
}

type sideView struct {
	ID, Name, Address string
	Held              []heldView
}

func compareAddress(a, b string) string {
	return "/customers/compare?" + url.Values{"a": {a}, "b": {b}}.Encode()
}

// comparePage shows two customers side by side. The second may be named by an identifier, or by words that find one alone.
func (h *Handler) comparePage(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	a, b := q.Get("a"), strings.TrimSpace(q.Get("b"))
	if b != "" && strings.Trim(b, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" { // no id
		found, err := h.customers.Search(r.Context(), b)
		if err != nil || len(found) != 1 {
			http.Redirect(w, r, "/search?q="+url.QueryEscape(b), http.StatusSeeOther)
			return
		}
		b = found[0].ID
	}
	h.showComparison(w, r, refused{status: http.StatusOK}, a, b)
}

// refused is why joining two was refused, and the reason that was typed.
type refused struct {
	status       int
	text, reason string
}

func (h *Handler) showComparison(w http.ResponseWriter, r *http.Request, why refused, a, b string) {
	v := visitorOf(r.Context())
	c, err := h.customers.Compare(r.Context(), a, b)
	if err != nil {
		h.trouble(w, r, v.words, err)
		return
	}
	page := compareView{frame: h.framed(r, v.words.Compare), Problem: why.text, Against: c.Against, A: c.A.ID, B: c.B.ID, Reason: why.reason}
	page.Here = compareAddress(page.A, page.B)
	for _, one := range []*identity.Customer{c.A.Customer, c.B.Customer} {
		page.Sides = append(page.Sides, h.side(v, one))
	}
	page.Would = h.side(v, c.WouldBe)
	h.render(w, "customer-compare", why.status, page)
}

func (h *Handler) side(v *visitor, c *identity.Customer) sideView {
	s := sideView{ID: c.ID, Name: cmp.Or(c.Name, v.words.Unknown), Address: customerAddress(c.ID)}
	for _, held := range c.Held {
		s.Held = append(s.Held, h.held(v, c.ID, held, h.desk.Zone()))
	}
	return s
}

// merge makes two customers one.
func (h *Handler) merge(w http.ResponseWriter, r *http.Request) {
	v := visitorOf(r.Context())
	f, ok := h.readForm(w, r, v.words)
	if !ok {
		return
	}
	a, b := f.Get("a"), f.Get("b")
	c, err := h.customers.MergeCustomers(r.Context(), v.by, []string{a, b}, because(f))
	if err == nil {
		http.Redirect(w, r, customerAddress(c.ID)+"?done=joined", http.StatusSeeOther)
		return
	}
	if status, text := h.toldOfCustomer(v.words, err); status != http.StatusInternalServerError && status != http.StatusNotFound {
		h.showComparison(w, r, refused{status, text, f.Get("reason")}, a, b)
		return
	}
	h.trouble(w, r, v.words, err)
}
