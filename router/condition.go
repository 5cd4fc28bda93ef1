package router

import (
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"loket/internal/field"
)

// A condition is a compiled expression, cut at its outermost and, or or, so that it can say which part decided.
type condition struct {
	whole answers
	joint joint
	parts []part
}

type part struct {
	answers
	program *vm.Program
}

// answers are the sentences for what an expression comes to, made once.
type answers struct{ text, isTrue, isFalse string }

func answersOf(text string) answers {
	a := answers{text, text + " is true", text + " is false"}
	if text == "true" {
		a.isTrue = "the rule is for every message"
	}
	return a
}

func (a answers) because(yes bool) string {
	if yes {
		return a.isTrue
	}
	return a.isFalse
}

type joint bool

const (
	allOf joint = false
	anyOf joint = true
)

const (
	maxSource  = 4000
	maxNodes   = 500
	maxBecause = 200
)

// functions are what an expression may call, besides the operators. None makes anything
// larger than what it is given, so that no message can make a rule slow.
func functions() []string {
	return []string{"all", "any", "count", "hasPrefix", "hasSuffix", "len", "lower", "none", "one", "string", "trim", "upper"}
}

// compile makes a condition of source, which may ask for these calendars. The error is a *field.Error without a path.
func compile(source string, calendars []string) (condition, error) {
	if n := utf8.RuneCountInString(source); n > maxSource {
		return condition{}, field.Errorf("", "must be at most %d characters, not %d", maxSource, n)
	}
	if strings.TrimSpace(source) == "" {
		return condition{}, field.Errorf("", `must be an expression such as channel == "web", or true for every message`)
	}
	tree, err := parser.Parse(source)
	if err != nil {
		return condition{}, explain(err)
	}
	if err := refuse(tree.Node, calendars); err != nil {
		return condition{}, err
	}
	whole, err := program(source)
	if err != nil {
		return condition{}, explain(err)
	}
	c := condition{whole: answersOf(shorten(tree.Node.String()))}
	var cut []ast.Node
	c.joint, cut = split(tree.Node)
	for _, n := range cut {
		p, err := program(n.String())
		if err != nil { // the printed form of a part does not stand alone: take the expression as one
			c.joint, c.parts = allOf, []part{{c.whole, whole}}
			return c, nil
		}
		c.parts = append(c.parts, part{answersOf(partText(n)), p})
	}
	return c, nil
}

// holds evaluates the condition on machine and says why it answers what it answers.
// What fails to evaluate does not hold.
func (c condition) holds(machine *vm.VM, env any) (bool, string) {
	for i := range c.parts {
		p := &c.parts[i]
		got, err := machine.Run(p.program, env)
		if err != nil {
			return false, shorten(p.text + " cannot be evaluated: " + cause(err))
		}
		if yes, _ := got.(bool); yes == bool(c.joint) {
			return yes, p.because(yes)
		}
	}
	return !bool(c.joint), c.whole.because(!bool(c.joint))
}

func program(source string) (*vm.Program, error) {
	options := []expr.Option{expr.Env(scope{}), expr.AsBool(), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins()}
	for _, name := range functions() {
		options = append(options, expr.EnableBuiltin(name))
	}
	return expr.Compile(source, options...)
}

// split gives the operands of the outermost and, or or. A single one counts as and.
func split(n ast.Node) (joint, []ast.Node) {
	switch operator(n) {
	case "or":
		return anyOf, operands(n, "or")
	case "and":
		return allOf, operands(n, "and")
	}
	return allOf, []ast.Node{n}
}

func operands(n ast.Node, op string) []ast.Node {
	if operator(n) != op {
		return []ast.Node{n}
	}
	b := n.(*ast.BinaryNode)
	return append(operands(b.Left, op), operands(b.Right, op)...)
}

func operator(n ast.Node) string {
	b, ok := n.(*ast.BinaryNode)
	if !ok {
		return ""
	}
	switch b.Operator {
	case "||", "or":
		return "or"
	case "&&", "and":
		return "and"
	}
	return b.Operator
}

func partText(n ast.Node) string {
	if op := operator(n); op == "or" || op == "and" {
		return "(" + shorten(n.String()) + ")"
	}
	return shorten(n.String())
}

// shorten keeps what people read about a rule to one line of bearable length.
func shorten(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxBecause {
		s = string([]rune(s)[:maxBecause-1]) + "…"
	}
	return s
}
