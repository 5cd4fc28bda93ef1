package webform

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"

	"loket/internal/body"
	"loket/internal/limit"
)

// maxParts bounds the fields of a multipart form. Ours has fewer than ten, besides files.
const maxParts = 100

func (rd reader) readMultipart(p *post, boundary string, r io.Reader) *problem {
	if boundary == "" {
		return badRequest("", "the content type names no boundary")
	}
	parts := body.Parts(r, boundary)
	var bad *problem
	for range maxParts + rd.maxFiles {
		part, err := parts.NextPart()
		if err == io.EOF {
			return bad
		}
		if err != nil {
			return partProblem(err)
		}
		if problem := rd.readPart(p, part); problem != nil {
			if problem.status != http.StatusUnprocessableEntity {
				return problem
			}
			bad = problem // and read on: what was typed may come after it
		}
	}
	return badRequest("", "the form has too many parts")
}

func partProblem(err error) *problem {
	if errors.Is(err, limit.ErrBusy) || errors.Is(err, limit.ErrSlow) {
		return readProblem(err)
	}
	return badRequest("", "the body is not a multipart form")
}

func (rd reader) readPart(p *post, part *multipart.Part) *problem {
	name, isFile := fileName(part)
	if !isFile {
		b, err := io.ReadAll(io.LimitReader(part, maxFields-p.typed+1))
		if err != nil {
			return readProblem(err)
		}
		if p.typed += int64(len(b)); p.typed > maxFields {
			return tooLarge(maxFields)
		}
		p.set(part.FormName(), string(b))
		return nil
	}
	p.hadFiles = p.hadFiles || name != ""
	if rd.dropFiles {
		return nil
	}
	file, err := stage(part, name, part.Header.Get("Content-Type"))
	if problem := fileProblem("", err); problem != nil {
		return problem
	}
	if name == "" && file.size == 0 {
		return nil // a file field left empty
	}
	if len(p.files) == rd.maxFiles {
		file.close()
		return rd.tooManyFiles()
	}
	p.files = append(p.files, file)
	return nil
}

// fileName is the name as it was sent: the standard library gives none both for a field and for a nameless file.
func fileName(part *multipart.Part) (string, bool) {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return "", false
	}
	name, ok := params["filename"]
	return name, ok
}
