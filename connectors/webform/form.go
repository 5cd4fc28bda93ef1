package webform

import (
	"fmt"
	"net/http"
	"strconv"

	"loket/internal/form"
	"loket/internal/page"
)

// The fields that people do not fill in.
const (
	fieldKey      = "idempotency_key"
	fieldProof    = "proof" // that the key is one of ours
	fieldRendered = "rendered"
	fieldTrap     = "homepage"
)

// fieldFiles is where they choose files.
const fieldFiles = "attachments"

// An input is a field of one line.
type input struct {
	Name, Type, Label, Autocomplete string
	Max                             int
	Value, Problem                  string
}

// formView is what the template of the form shows.
type formView struct {
	frame
	Heading  string
	Intro    string
	Others   []*words // the languages this page is not in
	Inputs   []input
	Text     input
	Files    input // no Max: the form has no files
	Hint     string
	Problems []fieldNote
	HadFiles bool

	Key, Proof, Rendered string
}

type fieldNote struct{ Field, Label, Text string }

// show renders the empty form.
func (f *Form) show(w http.ResponseWriter, r *http.Request) {
	p := &post{Post: &form.Post{}, rendered: strconv.FormatInt(f.now().UnixMilli(), 10)}
	f.newKey(p)
	v := f.view(f.pages.language(r), p, nil)
	for _, l := range f.cfg.Languages {
		if l != v.W.Lang {
			v.Others = append(v.Others, f.pages.words[l])
		}
	}
	f.pages.look.Render(w, f.pages.html, "form.html", http.StatusOK, v)
}

// showAgain renders the form with what was typed and what is wrong with it. Key and time stay: sending the same
// once more is the same message, and whoever read the page was not too fast.
func (f *Form) showAgain(w http.ResponseWriter, r *http.Request, p *post, problems []*refusal) {
	if p.key == "" || len(p.key) > maxKey {
		f.newKey(p)
	}
	v := f.view(f.pages.language(r), p, problems)
	v.Title = v.W.ProblemTitle + " – " + v.Title
	asProblem(problems).RetryAfter(w.Header())
	f.pages.look.Render(w, f.pages.html, "form.html", problems[0].status, v)
}

func (f *Form) view(w *words, p *post, problems []*refusal) formView {
	v := formView{
		frame: f.pages.frame(w), Intro: f.cfg.intro(w), HadFiles: p.HadFiles, Key: p.key, Proof: p.proof, Rendered: p.rendered,
		Hint: fmt.Sprintf(w.FilesHint, f.cfg.MaxAttachments, page.Size(f.cfg.MaxBytes)),
	}
	v.Heading = f.cfg.title(w)
	v.Title = v.Heading
	v.Inputs = []input{
		{Name: "name", Type: "text", Label: w.Name, Autocomplete: "name", Max: maxName, Value: p.name},
		{Name: "email", Type: "email", Label: w.Email, Autocomplete: "email", Max: maxTyped, Value: p.email},
		{Name: "phone", Type: "tel", Label: w.Phone, Autocomplete: "tel", Max: maxTyped, Value: p.phone},
	}
	if f.cfg.CustomerNo {
		v.Inputs = append(v.Inputs, input{Name: "customer_no", Type: "text", Label: w.CustomerNo, Autocomplete: "off", Max: maxTyped, Value: p.customerNo})
	}
	v.Inputs = append(v.Inputs, input{Name: "subject", Type: "text", Label: w.Subject, Autocomplete: "off", Max: maxSubject, Value: p.subject})
	v.Text = input{Name: "text", Label: w.Text, Max: maxText, Value: p.text}
	v.Files = input{Name: fieldFiles, Label: w.Files, Max: f.cfg.MaxAttachments}
	v.complain(problems)
	return v
}

// complain puts each problem at its field, and all of them together above the form.
func (v *formView) complain(problems []*refusal) {
	fields := map[string]*input{"text": &v.Text, fieldFiles: &v.Files}
	for i := range v.Inputs {
		fields[v.Inputs[i].Name] = &v.Inputs[i]
	}
	for _, p := range problems {
		note := fieldNote{Text: p.say(v.W)}
		if in := fields[p.field]; in != nil {
			note.Field, note.Label, in.Problem = in.Name, in.Label, note.Text
		}
		v.Problems = append(v.Problems, note)
	}
}

func (c *Config) title(w *words) string {
	if t := c.Title[w.Lang]; t != "" {
		return t
	}
	return w.Title
}

func (c *Config) intro(w *words) string {
	if t := c.Intro[w.Lang]; t != "" {
		return t
	}
	return w.Intro
}
