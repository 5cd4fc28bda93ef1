package lazy_test

import (
	"slices"
	"testing"

	"loket/internal/lazy"
)

func TestRegexpIsCompiledOnceWhenItIsUsed(t *testing.T) {
	r := lazy.Compile(`^(a+)(b?)$`)
	if !r.MatchString("aab") || r.MatchString("b") {
		t.Error("aab matches, b does not")
	}
	if got := r.FindStringSubmatch("aab"); !slices.Equal(got, []string{"aab", "aa", "b"}) {
		t.Errorf("the groups are %q", got)
	}
	if first := r.Get(); r.Get() != first {
		t.Error("it is compiled twice")
	}
	wrong := lazy.Compile(`(`)
	defer func() {
		if recover() == nil {
			t.Error("what is no expression is used")
		}
	}()
	wrong.MatchString("")
}
