package customers

import (
	"context"
	"errors"
	"io"

	"loket/desk/access"
	"loket/identity"
	"loket/internal/field"
	"loket/internal/message"
)

// An Import says how rows of customers are to be taken in.
type Import struct {
	Format  string // csv or ndjson; "" by the look of it
	Charset string // what the rows are written in; "" by the look of it, UTF-8, UTF-16 or windows-1252
	System  string // of rows that name none
	Mode    string // add or replace; "" is add
	DryRun  bool   // tell what would be, and write nothing
	Because
}

func (i Import) validate() error {
	var errs []error
	switch identity.Format(i.Format) {
	case identity.FormatAuto, identity.FormatCSV, identity.FormatNDJSON:
	default:
		errs = append(errs, field.Errorf("format", "must be csv or ndjson, not %q%s", i.Format, field.DidYouMean(i.Format, []string{"csv", "ndjson"})))
	}
	switch identity.Mode(i.Mode) {
	case "", identity.Add, identity.Replace:
	default:
		errs = append(errs, field.Errorf("mode", "must be add or replace, not %q%s", i.Mode, field.DidYouMean(i.Mode, []string{"add", "replace"})))
	}
	if i.System != "" {
		if _, err := message.NewIdentifier("crm", i.System, "1", message.Vouched); err != nil {
			errs = append(errs, field.Errorf("system", "%v", err))
		}
	}
	return errors.Join(errs...)
}

// Import takes in customers row by row as they are read, and tells progress now and then how far it is. What cannot be
// taken in, and what contradicts what is known, stands in the report; the rest goes on. One that ended half-way is
// run again. It needs the role manager. Beside an error the report tells how far it came.
func (s *Service) Import(ctx context.Context, by access.Actor, src io.Reader, i Import, progress func(identity.ImportReport)) (identity.ImportReport, error) {
	who, err := s.govern(by, i.Because)
	if err := errors.Join(err, i.validate()); err != nil {
		return identity.ImportReport{}, err
	}
	return s.registry.Import(ctx, src, identity.ImportOptions{
		Format: identity.Format(i.Format), Charset: i.Charset, System: i.System, Mode: identity.Mode(i.Mode), DryRun: i.DryRun,
		By: who, Progress: progress,
	})
}
