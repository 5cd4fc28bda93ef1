package identity

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkImport takes in customers with five identifiers, a name and two words on consent each.
func BenchmarkImport(b *testing.B) {
	r := empty(b)
	var text strings.Builder
	text.WriteString("id,customer_no,name,email,phone,identifier,consent.newsletter,attribute.town\n")
	for i := range b.N {
		fmt.Fprintf(&text, "%d,c%d,Person %d,p%d@example.org,+316%08d,bsuid:7:NL.%d,yes,Utrecht\n", i+1, i+1, i, i, 10000000+i, i)
	}
	b.ResetTimer()
	rep, err := r.Import(b.Context(), strings.NewReader(text.String()), ImportOptions{System: "acme"})
	if err != nil || rep.Created != b.N {
		b.Fatalf("Import = %+v, %v", rep, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func TestImportTakesManyWhoShareANumber(t *testing.T) {
	t.Parallel()
	r := empty(t)
	var text strings.Builder
	text.WriteString("id,phone,email,identifier\n")
	for i := range 560 {
		fmt.Fprintf(&text, "%d,0612345678,info@example.org,xh:shop\n", i+1)
	}
	rep := takeIn(t, r, text.String(), ImportOptions{System: "acme"})
	if rep.Bad != 0 || rep.Rows != 560 || rep.Joined != 0 {
		t.Errorf("Import = %+v", rep)
	}
	sound(t, r)
}
