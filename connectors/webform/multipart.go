package webform

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"loket/internal/body"
	"loket/internal/limit"
)

// maxParts bounds the fields of a multipart form. Ours has fewer than ten, besides files.
const maxParts = 100

func (rd reader) readMultipart(p *post, boundary string, r io.Reader) *refusal {
	if boundary == "" {
		return badRequest("", "the content type names no boundary")
	}
	parts := body.Parts(r, boundary)
	var bad *refusal
	var fields []typed
	for range maxParts + rd.maxFiles {
		part, err := parts.NextPart()
		if err != nil {
			unread := rd.settle(p, fields)
			switch {
			case err != io.EOF:
				return partProblem(err)
			case unread != nil:
				return unread
			}
			return bad
		}
		field, problem := rd.readPart(p, part)
		if problem != nil {
			if problem.status != http.StatusUnprocessableEntity {
				_ = rd.settle(p, fields) // for the page that shows again what was typed
				return problem
			}
			bad = problem // and read on: what was typed may come after it
		}
		fields = append(fields, field)
	}
	return badRequest("", "the form has too many parts")
}

func partProblem(err error) *refusal {
	if errors.Is(err, limit.ErrBusy) || errors.Is(err, limit.ErrSlow) {
		return readProblem(err)
	}
	return badRequest("", "the body is not a multipart form")
}

// readPart keeps a file, or gives what was typed.
func (rd reader) readPart(p *post, part *multipart.Part) (typed, *refusal) {
	d := body.ReadDisposition(part.Header.Get("Content-Disposition"))
	kind := part.Header.Get("Content-Type")
	var content io.Reader = part
	at := "" // what is wrong when the file breaks off is not known, unless it is coded
	if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
		content, at = base64.NewDecoder(base64.StdEncoding, part), fieldFiles
	}
	if !isFile(p, d, kind) {
		return rd.readField(p, d.Name, kind, content)
	}
	p.hadFiles = p.hadFiles || d.FileName != ""
	if rd.dropFiles {
		return typed{}, nil
	}
	file, err := stage(content, d.FileName, kind)
	if problem := fileProblem(at, err); problem != nil {
		return typed{}, problem
	}
	if d.FileName == "" && file.size == 0 {
		return typed{}, nil // a file field left empty
	}
	if len(p.files) == rd.maxFiles {
		file.close()
		return typed{}, rd.tooManyFiles()
	}
	p.files = append(p.files, file)
	return typed{}, nil
}

// isFile tells a file from what was typed: it has a file name, or stands where files are expected, or is said to be no text
// and is none of our fields.
func isFile(p *post, d body.Disposition, kind string) bool {
	if d.IsFile || d.Name == fieldFiles || d.Name == fieldFiles+"[]" {
		return true
	}
	return kind != "" && !strings.HasPrefix(strings.ToLower(kind), "text/") && p.field(d.Name) == nil
}

func (rd reader) readField(p *post, name, kind string, r io.Reader) (typed, *refusal) {
	b, err := io.ReadAll(io.LimitReader(r, maxFields-p.typed+1))
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &corrupt):
		return typed{}, badRequest(name, "must be base64 as its head says")
	case err != nil:
		return typed{}, readProblem(err)
	case name == "" && len(b) > 0:
		return typed{}, badRequest("", "a part of the form has no name that can be read")
	}
	if p.typed += int64(len(b)); p.typed > maxFields {
		return typed{}, tooLarge(maxFields)
	}
	_, params, _ := mime.ParseMediaType(kind)
	return typed{name, params["charset"], b}, nil
}
