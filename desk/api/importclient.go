package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// An Import says how rows of customers are to be taken in.
type Import struct {
	Format  string // csv or ndjson; "" by the look of it
	Charset string // what the rows are written in; "" by the look of it
	System  string // of rows that name none
	Mode    string // add or replace; "" is add
	DryRun  bool   // tell what would be, and write nothing
	Reason  string
}

// Import sends rows of customers as they are read, and tells progress, which may be nil, how far it is. Beside an
// error the report says how far it came, when the daemon could say so.
func (c *Client) Import(ctx context.Context, rows io.Reader, i Import, progress func(ImportReport)) (*ImportReport, error) {
	q := url.Values{
		"agent": {c.Agent}, "format": {i.Format}, "charset": {i.Charset}, "system": {i.System}, "mode": {i.Mode}, "reason": {i.Reason}, "dry_run": {""},
	}
	if i.DryRun {
		q.Set("dry_run", "true")
	}
	req, err := c.request(ctx, http.MethodPost, path("customers", "import"), q, nil)
	if err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(rows)
	req.Header.Set("Content-Type", "application/octet-stream")
	req.Header.Set("Accept", lines)
	res, err := c.send(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	for d := json.NewDecoder(res.Body); ; {
		var line ImportLine
		if err := d.Decode(&line); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, fmt.Errorf("import: read answer: %w", err)
		}
		switch {
		case line.Problem != nil:
			return line.Report, line.Problem
		case line.Report != nil:
			return line.Report, nil
		case line.Progress != nil && progress != nil:
			progress(*line.Progress)
		}
	}
}
