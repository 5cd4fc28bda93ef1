package api_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"loket/desk/api"
	"loket/desk/figures"
	"loket/router/kpi"
)

// The description of the API has every figure of the list, as it is summed, and every filter; and no other.
func TestTheDescriptionHasTheFiguresOfTheList(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	want, wantNow := map[string]string{"key": "object", "now": "object"}, map[string]string{}
	for _, f := range kpi.List() {
		into := want
		if f.Now {
			into = wantNow
		}
		if f.Sum != kpi.Listed {
			into[f.Name] = map[kpi.Sum]string{kpi.Count: "integer", kpi.Share: "number", kpi.Longest: "number", kpi.Spread: "object"}[f.Sum]
		}
	}
	set := doc.Components.Schemas["FigureSet"].Value
	if diff := cmp.Diff(want, typesOf(set)); diff != "" {
		t.Errorf("FigureSet (-list +document):\n%s", diff)
	}
	if diff := cmp.Diff(wantNow, typesOf(set.Properties["now"].Value)); diff != "" {
		t.Errorf("FigureSet.now (-list +document):\n%s", diff)
	}
	var filters []string
	for _, f := range figures.Filters() {
		filters = append(filters, f.Name)
	}
	for path, first := range map[string][]string{"/api/v1/kpi": nil, "/api/v1/kpi/tasks": {"figure", "limit", "cursor"}} {
		var got []string
		for _, p := range doc.Paths.Find(path).Get.Parameters {
			got = append(got, p.Value.Name)
			if p.Value.Name != "figure" {
				continue
			}
			var names []any
			for _, name := range kpi.FigureNames() {
				names = append(names, name)
			}
			if diff := cmp.Diff(names, p.Value.Schema.Value.Enum); diff != "" {
				t.Errorf("figures of %s (-list +document):\n%s", path, diff)
			}
		}
		if diff := cmp.Diff(append(first, filters...), got); diff != "" {
			t.Errorf("parameters of %s (-list +document):\n%s", path, diff)
		}
	}
}

func typesOf(s *openapi3.Schema) map[string]string {
	types := map[string]string{}
	for name, p := range s.Properties {
		types[name] = strings.Join(p.Value.Type.Slice(), " ")
	}
	return types
}

// docs/figures.md explains each figure of the list, in a line of a table or in bold or slanted letters.
func TestThePageExplainsTheFiguresOfTheList(t *testing.T) {
	page, err := os.ReadFile("../../docs/figures.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{"service_level": strings.Contains(string(page), "\n## Service level\n")}
	for _, row := range regexp.MustCompile(`(?m)^\| ([a-z_, ]+) \|`).FindAllStringSubmatch(string(page), -1) {
		for _, name := range strings.Split(row[1], ", ") {
			told[name] = true
		}
	}
	for _, name := range regexp.MustCompile(`\*{1,2}([A-Za-z][a-z_ ]+)\*{1,2}`).FindAllStringSubmatch(string(page), -1) {
		told[strings.ReplaceAll(strings.ToLower(name[1]), " ", "_")] = true
	}
	for _, f := range kpi.List() {
		if !told[f.Name] {
			t.Errorf("docs/figures.md does not explain %s", f.Name)
		}
	}
}
