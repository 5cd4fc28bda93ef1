package poll

import (
	"context"
	"fmt"

	"loket/connectors"
)

// Pages reads page after page, the first of which is called "", until read gives "" for the next, most pages at the most:
// more are an error. Where the vendor wants us to wait in between (connectors.After), Pages waits and goes on with that page;
// to begin again could cost what was read. An error on the first page is given at once.
func Pages(ctx context.Context, most int, read func(page string) (next string, err error)) error {
	page := ""
	for n := 0; n < most; {
		next, err := read(page)
		if wait := connectors.RetryAfter(err); wait > 0 && n > 0 {
			if !sleep(ctx, wait) {
				return ctx.Err()
			}
			continue
		}
		if err != nil || next == "" {
			return err
		}
		page = next
		n++
	}
	return fmt.Errorf("there are more than %d pages to read", most)
}
