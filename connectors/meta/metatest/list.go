package metatest

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
)

// A Listing is what stands in a list, the newest first. What an item has that is a Listing itself is listed with it, as far as was asked
// for, and by its path: 900/comments.
type Listing []map[string]any

// List lets a path be listed, page by page.
func (s *Server) List(path string, items Listing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list(path, items)
}

func (s *Server) list(path string, items Listing) {
	s.lists[path] = items
	for _, item := range items {
		for name, v := range item {
			if below, ok := v.(Listing); ok {
				s.list(fmt.Sprint(item["id"], "/", name), below)
			}
		}
	}
}

// page is what is answered: as many as the limit says, 25 without one.
func (l Listing) page(after, limit, fields string) any {
	from, _ := strconv.Atoi(after) // "" is 0
	most, err := strconv.Atoi(limit)
	if err != nil {
		most = 25
	}
	to := min(from+most, len(l))
	data := []any{}
	for _, item := range l[min(from, to):to] {
		shown := maps.Clone(item)
		for name, v := range item {
			if below, ok := v.(Listing); ok {
				shown[name] = below.page("", limitOf(fields, name), fields)
			}
		}
		data = append(data, shown)
	}
	paging := map[string]any{"cursors": map[string]any{"after": strconv.Itoa(to)}}
	if to < len(l) {
		paging["next"] = "https://graph.example/next"
	}
	return map[string]any{"data": data, "paging": paging}
}

// limitOf is how many of a list within another are asked for.
func limitOf(fields, name string) string {
	found := regexp.MustCompile(name + `\.limit\((\d+)\)`).FindStringSubmatch(fields)
	if found == nil {
		return ""
	}
	return found[1]
}
