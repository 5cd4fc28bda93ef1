package identity

import (
	"fmt"
	"strings"
	"testing"
)

func TestCheckFindsWhatIsBroken(t *testing.T) {
	for _, tc := range []struct {
		name  string
		spoil func(t *testing.T, r *Registry, id string)
		want  string
	}{
		{"nothing", func(*testing.T, *Registry, string) {}, ""},
		{"index entry lost", func(t *testing.T, r *Registry, _ string) {
			r.store.Redis().Del(t.Context(), indexKey("email:a@example.org"))
		}, "its email is not in the index"},
		{"index says another", func(t *testing.T, r *Registry, _ string) {
			r.store.Redis().Set(t.Context(), indexKey("email:a@example.org"), "01M000000000000000000000000;4;0", 0)
		}, "the index has its email with"},
		{"index forgets the contest", func(t *testing.T, r *Registry, id string) {
			r.store.Redis().Set(t.Context(), indexKey("email:a@example.org"), id+";2c;0", 0)
		}, "the index is wrong on its email"},
		{"name in no customer", func(t *testing.T, r *Registry, id string) {
			r.store.Redis().Set(t.Context(), indexKey("email:x@example.org"), id+";4;0", 0)
		}, "email in the index and in no customer"},
		{"former id leads nowhere", func(t *testing.T, r *Registry, id string) {
			r.store.Redis().Set(t.Context(), indexKey(cidNode("01M000000000000000000000000")), id, 0)
		}, "former id 01M000000000000000000000000"},
		{"unreadable", func(t *testing.T, r *Registry, id string) {
			r.store.Redis().Set(t.Context(), groupKey(id), "nonsense", 0)
		}, "cannot be read"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := empty(t)
			id := ""
			for n := range 3 {
				c := register(t, r, fmt.Sprintf("cno:%d", n+1), fmt.Sprintf("email:%c@example.org", 'a'+n))
				if n == 0 {
					id = c.ID
				}
			}
			tc.spoil(t, r, id)
			got, err := r.Check(t.Context())
			if tc.want == "" {
				if err != nil || len(got) > 0 {
					t.Errorf("Check = %q, %v, want nothing", got, err)
				}
				return
			}
			if !strings.Contains(strings.Join(got, "\n")+fmt.Sprint(err), tc.want) {
				t.Errorf("Check = %q, %v, want %q", got, err, tc.want)
			}
		})
	}
}
