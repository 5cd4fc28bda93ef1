package api_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"loket/desk/api"
	"loket/internal/secret"
)

func TestImportIsFollowed(t *testing.T) {
	h := open(t)
	ctx, anna := t.Context(), h.admin("anna")
	var rows strings.Builder
	rows.WriteString("id;name;email;phone\n")
	for i := range 600 {
		n := "x" + string(rune('a'+i%26)) + string(rune('a'+i/26))
		rows.WriteString(n + ";Name " + n + ";" + n + "@example.com;\n")
	}
	rows.WriteString("bad;Bad;no address;\n")
	var heard []int
	follow := func(r api.ImportReport) { heard = append(heard, r.Rows) }
	dry, err := anna.Import(ctx, strings.NewReader(rows.String()), api.Import{System: "erp", DryRun: true}, follow)
	if err != nil || dry.Rows != 601 || dry.Created != 601 || !slices.Equal(heard, []int{500}) {
		t.Fatalf("dry run = %+v, %v, heard %v", dry, err, heard)
	}
	if found, err := anna.Owners(ctx, "crm:erp:xaa"); err != nil || len(found.Customers) != 0 {
		t.Errorf("the dry run wrote %+v, %v", found, err)
	}
	report, err := anna.Import(ctx, strings.NewReader(rows.String()), api.Import{System: "erp"}, nil)
	if err != nil || report.Created != 601 || len(report.Problems) != 1 || report.Problems[0].Line != 602 {
		t.Errorf("Import = %+v, %v", report, err)
	}
	again, err := anna.Import(ctx, strings.NewReader(rows.String()), api.Import{System: "erp"}, nil)
	if err != nil || again.Same != 601 {
		t.Errorf("Import again = %+v, %v; want nothing new", again, err)
	}
	if found, err := anna.Owners(ctx, "crm:erp:xba"); err != nil || len(found.Customers) != 1 || found.Customers[0].Name != "Name xba" {
		t.Errorf("Owners = %+v, %v", found, err)
	}
}

func TestImportTellsAProblemInItsLastLine(t *testing.T) {
	h := open(t)
	rows, in := io.Pipe()
	heard := make(chan struct{}, 10)
	writing := make(chan struct{})
	go func() {
		defer close(writing)
		for i := range 1000 {
			if i == 600 {
				<-heard
				h.redis.Kill()
			}
			_, _ = fmt.Fprintf(in, "{\"customer_no\":\"n%d\"}\n", i) // it may be over already
		}
		_ = in.Close()
	}()
	client := &api.Client{Base: h.URL, Token: secret.New(adminToken), Agent: "anna"}
	report, err := client.Import(t.Context(), rows, api.Import{}, func(api.ImportReport) { heard <- struct{}{} })
	_ = rows.Close()
	<-writing
	if !api.IsProblem(err, "away") || report == nil || report.Created < 500 {
		t.Errorf("Import = %+v, %v; want how far it came, and the store away", report, err)
	}
}
