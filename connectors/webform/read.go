package webform

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"loket/internal/body"
	"loket/internal/limit"
	"loket/internal/message"
)

// A post is what somebody sent us, as far as it could be read.
type post struct {
	name, email, phone, customerNo, subject, text string

	files    []*staged
	hadFiles bool

	key      string // idempotency key; empty when there is none
	proof    string // that the key was made by us for this page, where it was
	typed    int64  // bytes of all fields but files
	rendered string // when the form was rendered, as the form says
	trap     string // what stands in the field that people do not see
}

func (p *post) close() {
	for _, f := range p.files {
		f.close()
	}
}

// maxFields bounds what is typed, which waits in memory. The longest text is shorter, however it is encoded.
const maxFields = 2 << 20

// What JSON may have in it, beside the files: ours has seven values, and senders may carry their own.
const (
	maxDepth  = 16
	maxValues = 1000
	maxEach   = 100
)

// A reader reads posts within bounds.
type reader struct {
	maxBytes  int64
	maxFiles  int
	dropFiles bool // files are not looked at: the post will not be taken
	charset   body.Charset
}

const (
	typeJSON      = "application/json"
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

// read gives what could be read of the request's body, never nil, and what stopped it. The caller closes the post.
func (rd reader) read(kind string, params map[string]string, r io.Reader) (*post, *refusal) {
	p := &post{}
	most := rd.maxBytes
	if kind == typeForm { // without files
		most = min(most, maxFields)
	}
	limited := &limitedBody{r: r, left: most}
	bad := rd.readInto(p, kind, params, limited)
	if limited.exceeded {
		bad = tooLarge(most)
	}
	p.clean()
	return p, bad
}

func tooLarge(most int64) *refusal {
	return &refusal{
		status: http.StatusRequestEntityTooLarge,
		detail: fmt.Sprintf("the request is larger than %d bytes", most),
		say:    func(w *words) string { return fmt.Sprintf(w.TooLarge, size(most)) },
	}
}

func (rd reader) readInto(p *post, kind string, params map[string]string, r io.Reader) *refusal {
	var err error
	if rd.charset, err = body.FindCharset(params["charset"]); err != nil {
		return unknownCharset(err)
	}
	switch kind {
	case typeJSON:
		return rd.readJSON(p, r)
	case typeForm:
		return rd.readForm(p, r)
	case typeMultipart:
		return rd.readMultipart(p, params["boundary"], r)
	}
	return &refusal{
		status: http.StatusUnsupportedMediaType,
		detail: "the content type must be " + typeJSON + ", " + typeForm + " or " + typeMultipart,
		say:    func(w *words) string { return w.Unreadable },
	}
}

type jsonPost struct {
	Name        string     `json:"name"`
	Email       string     `json:"email"`
	Phone       string     `json:"phone"`
	CustomerNo  string     `json:"customer_no"`
	Subject     string     `json:"subject"`
	Text        string     `json:"text"`
	Attachments []jsonFile `json:"attachments"`
}

type jsonFile struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Data string `json:"data"`
}

// Fields it does not know are left alone, so that senders may carry their own.
func (rd reader) readJSON(p *post, r io.Reader) *refusal {
	b, err := body.JSON(rd.charset.Reader(r), body.Limits{Depth: maxDepth, Values: maxValues + 4*rd.maxFiles, Each: maxEach + rd.maxFiles})
	if err != nil {
		return rd.shapeProblem(err)
	}
	var j jsonPost
	if err := json.Unmarshal(b, &j); err != nil {
		return jsonProblem(err)
	}
	p.name, p.email, p.phone, p.customerNo = j.Name, j.Email, j.Phone, j.CustomerNo
	p.subject, p.text = j.Subject, j.Text
	if len(j.Attachments) > rd.maxFiles {
		return rd.tooManyFiles()
	}
	for i, f := range j.Attachments {
		path := fmt.Sprintf("attachments[%d].data", i)
		file, err := stage(base64.NewDecoder(base64.StdEncoding, strings.NewReader(f.Data)), f.Name, f.Type)
		if problem := fileProblem(path, err); problem != nil {
			return problem
		}
		p.files = append(p.files, file)
	}
	return nil
}

// shapeProblem is what the reading ended with.
func (rd reader) shapeProblem(err error) *refusal {
	var shape *body.ShapeError
	switch {
	case !errors.As(err, &shape):
		return readProblem(err)
	case shape.At == "attachments" && body.TooMany(err):
		return rd.tooManyFiles()
	case shape.At != "":
		return badRequest(shape.At, shape.Reason)
	}
	return badRequest("", "the body "+shape.Reason)
}

// readProblem is what a body ended with that did not come whole.
func readProblem(err error) *refusal {
	switch {
	case errors.Is(err, limit.ErrBusy):
		return unavailable()
	case errors.Is(err, body.ErrCharset):
		return badRequest("", "the body "+body.ErrCharset.Error())
	case errors.Is(err, limit.ErrSlow):
		return &refusal{status: http.StatusRequestTimeout, detail: err.Error(), say: func(w *words) string { return w.Unreadable }}
	}
	return badRequest("", "the body broke off")
}

func jsonProblem(err error) *refusal {
	var mistyped *json.UnmarshalTypeError
	if errors.As(err, &mistyped) && mistyped.Field != "" {
		return wrong(mistyped.Field, "must be "+jsonKind(mistyped)+", not "+mistyped.Value, func(w *words) string { return w.Unreadable })
	}
	return badRequest("", "the body is not one JSON object")
}

func jsonKind(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "string":
		return "a string"
	case "slice":
		return "a list"
	}
	return "an object"
}

func fileProblem(path string, err error) *refusal {
	var corrupt base64.CorruptInputError
	var ours *stageError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return unavailable()
	case errors.As(err, &corrupt), path != "" && errors.Is(err, io.ErrUnexpectedEOF):
		return wrong(path, "must be base64 with padding", func(w *words) string { return w.Unreadable })
	}
	return readProblem(err)
}

func (rd reader) readForm(p *post, r io.Reader) *refusal {
	b, err := body.Form(r, body.Limits{Each: maxParts})
	if err != nil {
		return rd.shapeProblem(err)
	}
	values, err := url.ParseQuery(string(b))
	var fields []typed
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fields = append(fields, typed{name: name, raw: []byte(values[name][0])})
	}
	bad := rd.settle(p, fields)
	switch {
	case err != nil:
		return badRequest("", "the body is not a URL-encoded form")
	case bad == nil && values.Get(fieldFiles) != "": // a page that forgot how its form is to be sent
		return wrong(fieldFiles, "must be sent as multipart/form-data, or in JSON: in a URL-encoded form only their names come", func(w *words) string { return w.Unreadable })
	}
	return bad
}

func (rd reader) tooManyFiles() *refusal {
	return wrong("attachments", fmt.Sprintf("must be at most %d", rd.maxFiles), func(w *words) string {
		return fmt.Sprintf(w.TooManyFiles, rd.maxFiles)
	})
}

// field is where a form field is kept, nil when it is none of ours.
func (p *post) field(name string) *string {
	return map[string]*string{
		"name": &p.name, "email": &p.email, "phone": &p.phone, "customer_no": &p.customerNo,
		"subject": &p.subject, "text": &p.text,
		fieldKey: &p.key, fieldProof: &p.proof, fieldRendered: &p.rendered, fieldTrap: &p.trap,
	}[name]
}

func (p *post) clean() {
	for _, line := range []*string{&p.name, &p.email, &p.phone, &p.customerNo, &p.subject} {
		*line = message.CleanLine(*line)
	}
	p.text = message.CleanText(p.text)
}
