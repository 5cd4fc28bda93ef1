package intake

import (
	"fmt"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestAnyConnectorNameMakesNoEndOfLabels(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := NewMetrics(reg)
	m.accepted("website", "journal")
	for i := range 5 * maxNames {
		m.accepted(fmt.Sprint("made-up-", i), "journal")
	}
	m.accepted("website", "journal")
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "loket_messages_accepted_total" {
			continue
		}
		for _, metric := range f.GetMetric() {
			for _, l := range metric.GetLabel() {
				if l.GetName() == "connector" {
					counted[l.GetValue()] = metric.GetCounter().GetValue()
				}
			}
		}
	}
	if len(counted) != maxNames+1 || counted["website"] != 2 || counted["other"] != 4*maxNames+1 {
		t.Errorf("%d labels, website %v, other %v", len(counted), counted["website"], counted["other"])
	}
}
