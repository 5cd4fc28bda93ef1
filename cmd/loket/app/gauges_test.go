package app

import (
	"maps"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"loket/identity"
	"loket/internal/message"
	"loket/internal/store/storetest"
)

func TestRegistryIsCounted(t *testing.T) {
	who := identity.New(storetest.New(t), identity.Defaults())
	kate := []message.Identifier{{Kind: "email", Value: "kate@example.org", Level: message.Vouched}}
	if _, err := who.Register(t.Context(), kate, "Kate", identity.Actor{Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(&registryCollector{who})
	families, err := reg.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "loket_registry_changes_total" {
		t.Fatalf("Gather = %v, %v", families, err)
	}
	got := map[string]float64{}
	for _, m := range families[0].GetMetric() {
		got[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
	}
	want := map[string]float64{"created": 1, "joined": 0, "refused": 0, "suggested": 0, "retried": 0}
	if !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}
