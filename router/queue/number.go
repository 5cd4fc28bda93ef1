package queue

import (
	"fmt"
	"strconv"
	"strings"
)

// FormatNumber writes a task's number as people use it: T-1042-8. The last digit is a check digit
// (ISO/IEC 7064, MOD 11,10), which finds every wrong digit and nearly every swap of two neighbours.
func FormatNumber(n int64) string {
	digits := strconv.FormatInt(n, 10)
	return "T-" + digits + "-" + string(checkDigit(digits))
}

// ParseNumber reads what FormatNumber writes, in either case and with or without the hyphens and the T.
func ParseNumber(s string) (int64, error) {
	bare := strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(s)), "-", "")
	bare = strings.TrimPrefix(bare, "T")
	if len(bare) < 2 || len(bare) > 18 || strings.Trim(bare, "0123456789") != "" {
		return 0, fmt.Errorf("%q is not a task number: must look like T-1042-%c", s, checkDigit("1042"))
	}
	digits, check := bare[:len(bare)-1], bare[len(bare)-1]
	if checkDigit(digits) != check {
		return 0, fmt.Errorf("%q is not a task number: its last digit does not fit the others, one is mistyped", s)
	}
	return strconv.ParseInt(digits, 10, 64)
}

func checkDigit(digits string) byte {
	p := 10
	for i := range len(digits) {
		s := (p + int(digits[i]-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = 2 * s % 11
	}
	return byte('0' + (11-p)%10)
}
