package sms_test

import (
	"strings"
	"testing"

	"loket/internal/sms"
)

func TestMeasure(t *testing.T) {
	for _, row := range []struct {
		text     string
		segments int
		encoding string
		units    int
	}{
		{"", 1, "GSM-7", 0},
		{strings.Repeat("a", 160), 1, "GSM-7", 160},
		{strings.Repeat("a", 161), 2, "GSM-7", 161},
		{strings.Repeat("a", 306), 2, "GSM-7", 306},
		{strings.Repeat("a", 307), 3, "GSM-7", 307},
		{strings.Repeat("€", 80), 1, "GSM-7", 160},
		{strings.Repeat("€", 81), 2, "GSM-7", 162},
		{strings.Repeat("€", 153), 3, "GSM-7", 306}, // a pair is not split: 76 in each
		{"Crème brûlée", 1, "UCS-2", 12},
		{"Crème à la è ü ö ä ñ É", 1, "GSM-7", 22},
		{strings.Repeat("’", 70), 1, "UCS-2", 70},
		{strings.Repeat("’", 71), 2, "UCS-2", 71},
		{strings.Repeat("😀", 35), 1, "UCS-2", 70},
		{strings.Repeat("😀", 36), 2, "UCS-2", 72},
		{strings.Repeat("😀", 67), 3, "UCS-2", 134}, // 33 in each
		{"a\nb", 1, "GSM-7", 3},
	} {
		if got := sms.Measure(row.text); got.Segments != row.segments || got.Encoding != row.encoding || got.Units != row.units {
			t.Errorf("Measure(%.10q…) = %+v, want %d of %s with %d units", row.text, got, row.segments, row.encoding, row.units)
		}
	}
}
