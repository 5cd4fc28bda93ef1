package form

import (
	"cmp"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"loket/internal/body"
	"loket/internal/limit"
)

func (rd Reader) readMultipart(p *Post, charset body.Charset, boundary string, src io.Reader) error {
	if boundary == "" {
		return malformed("", "the content type names no boundary")
	}
	parts := body.Parts(src, boundary)
	var bad error
	var fields []typed
	for range rd.Fields + rd.Files {
		part, end := parts.NextPart()
		if end == io.EOF {
			return cmp.Or(rd.settle(p, charset, fields), bad)
		}
		if end != nil {
			_ = rd.settle(p, charset, fields)
			return partError(end)
		}
		field, err := rd.readPart(p, part)
		var refused *Error
		if errors.As(err, &refused) && refused.ofValue() {
			bad = err // and read on: what was typed may come after it
			continue
		}
		if err != nil {
			_ = rd.settle(p, charset, fields) // for the page that shows again what was typed
			return err
		}
		fields = append(fields, field)
	}
	_, err := parts.NextPart()
	unread := rd.settle(p, charset, fields)
	if err == io.EOF {
		return cmp.Or(unread, bad)
	}
	if err != nil {
		return partError(err)
	}
	return &Error{Fault: TooManyFields, Reason: "the form has too many parts"}
}

func partError(err error) error {
	if errors.Is(err, limit.ErrBusy) || errors.Is(err, limit.ErrSlow) {
		return readError(err)
	}
	return malformed("", "the body is not a multipart form")
}

// readPart keeps a file, or gives what was typed.
func (rd Reader) readPart(p *Post, part *multipart.Part) (typed, error) {
	d := body.ReadDisposition(part.Header.Get("Content-Disposition"))
	kind := part.Header.Get("Content-Type")
	var content io.Reader = part
	at := "" // what is wrong when the file breaks off is not known, unless it is coded
	if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "base64") {
		content, at = base64.NewDecoder(base64.StdEncoding, part), rd.FilesIn
	}
	if !rd.isFile(d, kind) {
		return rd.readField(p, d.Name, kind, content)
	}
	p.HadFiles = p.HadFiles || d.FileName != ""
	if rd.DropFiles {
		return typed{}, nil
	}
	file, err := stage(content, d.FileName, kind, rd.InMemory)
	if err != nil {
		return typed{}, fileError(at, err)
	}
	if d.FileName == "" && file.Size == 0 {
		return typed{}, nil // a file field left empty
	}
	if len(p.Files) == rd.Files {
		file.close()
		return typed{}, rd.tooManyFiles()
	}
	p.Files = append(p.Files, file)
	return typed{}, nil
}

// isFile tells a file from what was typed: it has a file name, or stands where files are expected, or is said to be no text
// and is none of the fields that are known.
func (rd Reader) isFile(d body.Disposition, kind string) bool {
	if d.IsFile || rd.FilesIn != "" && (d.Name == rd.FilesIn || d.Name == rd.FilesIn+"[]") {
		return true
	}
	return kind != "" && !strings.HasPrefix(strings.ToLower(kind), "text/") && !rd.knows(d.Name)
}

func (rd Reader) readField(p *Post, name, kind string, src io.Reader) (typed, error) {
	b, err := io.ReadAll(io.LimitReader(src, rd.Typed-p.typed+1))
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &corrupt):
		return typed{}, malformed(name, "must be base64 as its head says")
	case err != nil:
		return typed{}, readError(err)
	case name == "" && len(b) > 0:
		return typed{}, malformed("", "a part of the form has no name that can be read")
	}
	if p.typed += int64(len(b)); p.typed > rd.Typed {
		return typed{}, tooLarge(rd.Typed)
	}
	_, params, _ := mime.ParseMediaType(kind)
	return typed{name, params["charset"], b}, nil
}
