package pages

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"go.uber.org/zap"

	"loket/desk"
	"loket/desk/access"
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
	page := whyView{frame: h.framed(r, name), Name: name, Address: customerAddress(c.ID), X: v.words.identifier(e.X), Y: v.words.identifier(e.Y), Same: e.Same, Rule: e.Rule}
	for _, s := range e.Steps {
		page.Steps = append(page.Steps, stepView{
			A: v.words.identifier(s.A), B: v.words.identifier(s.B), Level: known(v.words.Level, s.Level.String()), Rule: s.Rule, Evidence: s.Evidence, Since: h.moment(v.words, s.Since, h.desk.Zone()),
		})
	}
	h.render(w, "customer-why", http.StatusOK, page)
}

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
