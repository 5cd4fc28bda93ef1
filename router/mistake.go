package router

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"loket/internal/field"
)

// refuse finds what the expression language would let through but a rule should not do.
func refuse(tree ast.Node, calendars []string) error {
	g := guard{calendars: calendars}
	ast.Walk(&tree, &g)
	if g.err == nil && len(g.uncalled) > 0 {
		n := g.uncalled[0]
		return mistakeAt(n, "%s is asked of a calendar, as in %s(\"office\"),", n.Value, n.Value)
	}
	return g.err
}

type guard struct {
	calendars []string
	uncalled  []*ast.IdentifierNode // calendar functions that stand without a call
	err       error
}

// Visit keeps the first thing to refuse.
func (g *guard) Visit(node *ast.Node) {
	if g.err != nil {
		return
	}
	switch n := (*node).(type) {
	case *ast.BuiltinNode:
		if !slices.Contains(functions(), n.Name) {
			g.err = mistakeAt(n, "function %q cannot be used in a rule", n.Name)
		}
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			g.err = mistakeAt(n, "unknown name %q", n.Value)
		}
		if slices.Contains(calendarFunctions(), n.Value) {
			g.uncalled = append(g.uncalled, n)
		}
	case *ast.CallNode:
		g.err = g.call(n)
	case *ast.SequenceNode:
		g.err = mistakeAt(n, "only one expression can stand in a rule: join them with and")
	case *ast.PredicateNode:
		if ast.Find(n.Node, isPredicate) != nil {
			g.err = mistakeAt(n, "any, all, none, one and count cannot stand inside one another")
		}
	case *ast.BinaryNode:
		_, fixed := n.Right.(*ast.StringNode)
		switch {
		case n.Operator == "..":
			g.err = mistakeAt(n, "a range (..) cannot be used in a rule")
		case n.Operator == "matches" && !fixed: // the customer could write the pattern
			g.err = mistakeAt(n.Right, "the pattern of matches must be a text between quotes")
		default:
			g.err = cmp.Or(g.compares(n, n.Left, n.Right), g.compares(n, n.Right, n.Left))
		}
	}
}

// compares looks whether fact, if it is in certain words, is compared with one of them.
func (g *guard) compares(n *ast.BinaryNode, fact, with ast.Node) error {
	name := factName(fact)
	words, ok := vocabularies()[name]
	if !ok {
		return nil
	}
	switch n.Operator {
	case "<", "<=", ">", ">=":
		return mistakeAt(n, "%s is a word and has no order: compare it by ==, != or in,", name)
	case "==", "!=", "in", "not in":
	default:
		return nil
	}
	asked := []ast.Node{with}
	if list, ok := with.(*ast.ArrayNode); ok {
		asked = list.Nodes
	}
	for _, a := range asked {
		if word, ok := a.(*ast.StringNode); ok && !slices.Contains(words, word.Value) {
			return mistake(fmt.Sprintf("%s is never %q: it is one of %s,", name, word.Value, strings.Join(words, ", ")),
				a.Location().From+1, field.DidYouMean(word.Value, words))
		}
	}
	return nil
}

// factName is how a rule names a fact: automatic, customer.assurance, weekday().
func factName(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.ChainNode:
		return factName(n.Node)
	case *ast.CallNode:
		return factName(n.Callee) + "()"
	case *ast.MemberNode:
		if property, ok := n.Property.(*ast.StringNode); ok {
			return factName(n.Node) + "." + property.Value
		}
	}
	return ""
}

// call looks whether a calendar function names a calendar that is there.
func (g *guard) call(n *ast.CallNode) error {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || !slices.Contains(g.uncalled, callee) {
		return nil
	}
	name := callee.Value
	g.uncalled = slices.DeleteFunc(g.uncalled, func(one *ast.IdentifierNode) bool { return one == callee })
	if len(n.Arguments) != 1 {
		return mistakeAt(n, "%s takes the name of one calendar, as in %s(\"office\"),", name, name)
	}
	asked, ok := n.Arguments[0].(*ast.StringNode)
	switch {
	case !ok:
		return mistakeAt(n.Arguments[0], "the calendar of %s must be a name between quotes", name)
	case !slices.Contains(g.calendars, asked.Value):
		return mistake(fmt.Sprintf("no calendar is called %q", asked.Value), asked.Location().From+1, field.DidYouMean(asked.Value, g.calendars))
	}
	return nil
}

func isPredicate(n ast.Node) bool {
	_, ok := n.(*ast.PredicateNode)
	return ok
}

// explain turns an error of the expression language into one for the operator, with its column where it has one.
func explain(err error) error {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return field.Errorf("", "%s", plain(cause(err)))
	}
	reason, hint := cause(err), ""
	switch m := unknown.FindStringSubmatch(reason); {
	case m == nil:
		reason = plain(reason)
	case m[1] != "":
		reason = fmt.Sprintf("unknown name %q", m[1])
		hint = field.DidYouMean(m[1], slices.Concat(factNames(Facts{}), functions(), calendarFunctions()))
	default:
		reason = fmt.Sprintf("customer has no %q", m[2])
		hint = field.DidYouMean(m[2], factNames(Customer{}))
	}
	return mistake(reason, fe.From+1, hint)
}

func mistakeAt(n ast.Node, format string, args ...any) error {
	return mistake(fmt.Sprintf(format, args...), n.Location().From+1, "")
}

func mistake(reason string, column int, hint string) error {
	return &field.Error{Reason: fmt.Sprintf("%s at column %d%s", reason, column, hint), Column: column}
}

// plain says in the words of people who write rules what the expression language says in those of a programmer.
func plain(reason string) string {
	if what, ok := strings.CutPrefix(reason, "expected bool, but got "); ok {
		return "must be true or false, not " + programmers.ReplaceAllStringFunc(what, everyday)
	}
	if better, ok := map[string]string{
		`unexpected token Operator("=")`: "one = does not compare, == does",
		`unexpected token EOF`:           "the expression ends too early",
		`literal not terminated`:         "a text is not closed with its quote",
	}[reason]; ok {
		return better
	}
	if what, ok := strings.CutPrefix(reason, "error parsing regexp: "); ok {
		return "the pattern is wrong: " + what
	}
	return programmers.ReplaceAllStringFunc(reason, everyday)
}

// cause is what err says on one line, without the place in the source that the expression language adds.
func cause(err error) string {
	reason := err.Error()
	var fe *file.Error
	if errors.As(err, &fe) {
		reason = fe.Message
	}
	line, _, _ := strings.Cut(reason, "\n")
	return strings.TrimSpace(line)
}

// factNames are the names by which an expression calls the fields of of.
func factNames(of any) []string {
	var names []string
	for _, f := range reflect.VisibleFields(reflect.TypeOf(of)) {
		names = append(names, f.Tag.Get("expr"))
	}
	return names
}

var (
	unknown     = regexp.MustCompile(`^(?:unknown name (\S+)|type router\.Customer has no field (\S+))$`)
	programmers = regexp.MustCompile(`\[\](?:interface \{\}|string)|router\.Customer|interface \{\}|\b(?:string|int|float64|bool)\b`)
)

func everyday(word string) string {
	switch word {
	case "[]interface {}":
		return "a list"
	case "[]string":
		return "a list of texts"
	case "router.Customer":
		return "the customer"
	case "interface {}":
		return "anything"
	case "string":
		return "text"
	case "bool":
		return "true or false"
	}
	return "number"
}
