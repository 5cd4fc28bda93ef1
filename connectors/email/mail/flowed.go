package mail

import "strings"

// unflow joins the lines that format=flowed broke (RFC 3676). Quotes keep their marks; the line "-- " stands by itself.
func unflow(text string, delsp bool) string {
	var out strings.Builder
	out.Grow(len(text))
	open, openDepth := false, 0
	for text != "" {
		line, rest, ended := strings.Cut(text, "\n")
		text = rest
		depth := 0
		for depth < len(line) && line[depth] == '>' {
			depth++
		}
		content := strings.TrimPrefix(line[depth:], " ")
		joins := open && depth == openDepth && content != "-- "
		if !joins {
			if open {
				out.WriteByte('\n')
			}
			out.WriteString(strings.Repeat(">", depth))
			if depth > 0 && content != "" {
				out.WriteByte(' ')
			}
		}
		open = strings.HasSuffix(content, " ") && content != "-- " && ended
		openDepth = depth
		if open && delsp {
			content = content[:len(content)-1]
		}
		out.WriteString(content)
		if !open && ended {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
