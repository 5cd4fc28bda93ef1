package webhook

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"loket/internal/field"
)

// What expressions can name: of a request, of what a call came to, and of an answer.
type (
	request struct {
		Body   any                 `expr:"body"`
		Item   any                 `expr:"item"` // of each, or the body
		Raw    string              `expr:"raw"`  // the body as it came
		Header func(string) string `expr:"header"`
		Query  func(string) string `expr:"query"`
	}
	outcome struct {
		Status int    `expr:"status"`
		Body   any    `expr:"body"`
		Raw    string `expr:"raw"`
	}
	letter struct {
		To           string `expr:"to"`
		Text         string `expr:"text"`
		Subject      string `expr:"subject"`
		ID           string `expr:"id"`       // of our message
		UUID         string `expr:"uuid"`     // the same in the form of a UUID
		Answered     string `expr:"answered"` // the other system's id of the message that is answered
		Conversation string `expr:"conversation"`

		Secret map[string]string `expr:"secret"`
	}
)

const (
	maxSource = 4000
	maxNodes  = 500
)

// functions are what an expression may call. None makes anything much larger than what it is given.
func functions() []string {
	return []string{"all", "any", "count", "filter", "find", "first", "float", "hasPrefix", "hasSuffix", "int", "join", "last", "len", "lower",
		"map", "none", "one", "split", "string", "trim", "trimPrefix", "trimSuffix", "upper"}
}

// An expression is compiled; nil gives nothing.
type expression struct{ program *vm.Program }

// compiler compiles expressions and keeps their mistakes.
type compiler struct {
	secrets []string // that templates may name
	bad     []error
}

// expression compiles source, which may name what env has. path is where it stands, and offset how many characters before it.
func (c *compiler) expression(path, source string, env any, offset int) *expression {
	if source == "" {
		return nil
	}
	program, err := c.program(source, env)
	if err != nil {
		var at *field.Error
		if errors.As(err, &at) {
			err = &field.Error{Path: path, Reason: at.Reason, Column: at.Column + offset}
		}
		c.bad = append(c.bad, err)
		return nil
	}
	return &expression{program}
}

func (c *compiler) program(source string, env any) (*vm.Program, error) {
	if len(source) > maxSource {
		return nil, field.Errorf("", "must be at most %d characters", maxSource)
	}
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, explain(err, env)
	}
	g := guard{secrets: c.secrets}
	if ast.Walk(&tree.Node, &g); g.err != nil {
		return nil, g.err
	}
	if g.bare != nil {
		return nil, &field.Error{Reason: fmt.Sprintf("%s at column %d", oneSecret, g.bare.Location().From+1), Column: g.bare.Location().From + 1}
	}
	options := []expr.Option{expr.Env(env), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins(), expr.Patch(optional{})}
	for _, name := range functions() {
		options = append(options, expr.EnableBuiltin(name))
	}
	options = append(options, expr.Function("string", stringOf, new(func(any) any)))
	p, err := expr.Compile(source, options...)
	if err != nil {
		return nil, explain(err, env)
	}
	return p, nil
}

// guard refuses what could be made slow or large by who writes to us.
type guard struct {
	secrets []string
	bare    *ast.IdentifierNode // secret without a name behind it, which would give all of them
	err     error
}

const oneSecret = "secret must be followed by the name of one of secrets"

// Visit keeps the first thing to refuse.
func (g *guard) Visit(node *ast.Node) {
	refuse := func(why string) {
		g.err = cmp.Or(g.err, error(&field.Error{Reason: fmt.Sprintf("%s at column %d", why, (*node).Location().From+1), Column: (*node).Location().From + 1}))
	}
	isPredicate := func(n ast.Node) bool { _, ok := n.(*ast.PredicateNode); return ok }
	fixed := func(n ast.Node) bool { _, ok := n.(*ast.StringNode); return ok }
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			refuse(`unknown name "$env"`)
		}
		if n.Value == "secret" && g.bare == nil && g.secrets != nil {
			g.bare = n
		}
	case *ast.MemberNode:
		of, isName := n.Node.(*ast.IdentifierNode)
		if name, is := n.Property.(*ast.StringNode); isName && of.Value == "secret" && (!is || !slices.Contains(g.secrets, name.Value)) {
			refuse(oneSecret)
		} else if isName && of == g.bare { // what a step is of is visited before it
			g.bare = nil
		}
	case *ast.SequenceNode:
		refuse("only one expression can stand here")
	case *ast.BuiltinNode:
		if !slices.Contains(functions(), n.Name) {
			refuse(fmt.Sprintf("function %q cannot be used here", n.Name))
		}
		if (n.Name == "split" || n.Name == "join") && len(n.Arguments) > 1 && !fixed(n.Arguments[1]) {
			refuse("what " + n.Name + " cuts or joins by must be a text between quotes")
		}
	case *ast.PredicateNode:
		isRaw := func(n ast.Node) bool { i, ok := n.(*ast.IdentifierNode); return ok && i.Value == "raw" }
		if ast.Find(n.Node, isRaw) != nil { // once for each item
			refuse("raw cannot stand inside any, all, none, one, count, find, filter and map")
		}
		if ast.Find(n.Node, isPredicate) != nil {
			refuse("any, all, none, one, count, find, filter and map cannot stand inside one another")
		}
	case *ast.BinaryNode:
		if n.Operator == ".." || n.Operator == "**" || n.Operator == "^" {
			refuse(n.Operator + " cannot be used here")
		}
		if n.Operator == "matches" && !fixed(n.Right) {
			refuse("the pattern of matches must be a text between quotes")
		}
	}
}

// optional makes what is not there nothing, at whatever depth it is asked for.
type optional struct{}

// Visit marks one step of a path.
func (optional) Visit(node *ast.Node) {
	if m, ok := (*node).(*ast.MemberNode); ok && !m.Method && !m.Optional {
		m.Optional = true
		ast.Patch(node, &ast.ChainNode{Node: m})
	}
}

// explain puts a mistake into words, with its column and the name that was meant.
func explain(err error, env any) error {
	var fe *file.Error
	if !errors.As(err, &fe) {
		return field.Errorf("", "%s", err)
	}
	reason, _, _ := strings.Cut(fe.Message, "\n")
	hint := ""
	if name, ok := strings.CutPrefix(reason, "unknown name "); ok {
		names := functions()
		for _, f := range reflect.VisibleFields(reflect.TypeOf(env)) {
			names = append(names, f.Tag.Get("expr"))
		}
		hint = field.DidYouMean(name, names)
	}
	return &field.Error{Reason: fmt.Sprintf("%s at column %d%s", strings.TrimSpace(reason), fe.From+1, hint), Column: fe.From + 1}
}

// value evaluates; what is not there is nil.
func (e *expression) value(env any) (any, error) {
	if e == nil {
		return nil, nil
	}
	v, err := expr.Run(e.program, env)
	if err == nil {
		return v, nil
	}
	var fe *file.Error
	reason := "it cannot be evaluated" // without what the request says
	if errors.As(err, &fe) {
		if reason = fe.Message; strings.HasPrefix(reason, "index out of range") {
			return nil, nil
		}
	}
	return nil, errors.New(strings.Join(strings.Fields(reason), " "))
}

// text evaluates to a text, "" for what is not there.
func (e *expression) text(env any) (string, error) {
	v, err := e.value(env)
	if err != nil {
		return "", err
	}
	return textOf(v)
}

func textOf(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool, int, int64:
		return fmt.Sprint(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", errors.New("must come to a text or a number, not to a list or an object")
}

// stringOf is string in expressions: nothing stays nothing, so that ids of which a part is not there are none, and not all the same.
func stringOf(args ...any) (any, error) {
	if args[0] == nil {
		return nil, nil
	}
	return textOf(args[0])
}

// yes tells whether it comes to true; without an expression it is otherwise.
func (e *expression) yes(env any, otherwise bool) (bool, error) {
	if e == nil {
		return otherwise, nil
	}
	v, err := e.value(env)
	is, ok := v.(bool)
	if err == nil && !ok && v != nil {
		err = errors.New("must come to true or false")
	}
	return is, err
}

// list evaluates to a list; what is one thing is a list of it, and nothing is none.
func (e *expression) list(env any) ([]any, error) {
	v, err := e.value(env)
	switch v := v.(type) {
	case nil:
		return nil, err
	case []any:
		return v, err
	}
	return []any{v}, err
}

// instant evaluates to a time; zero for what is not there. Numbers are seconds or milliseconds since 1970; a text without a zone is UTC.
func (e *expression) instant(env any) (time.Time, error) {
	s, err := e.text(env)
	if err != nil || s == "" {
		return time.Time{}, err
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 0 && n < 1e14 {
		if n > 1e11 {
			n /= 1000
		}
		return time.UnixMilli(int64(n * 1000)).UTC(), nil
	}
	for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateTime, "2006-01-02T15:04:05-0700", time.RFC1123Z, time.DateOnly} {
		if at, err := time.Parse(form, s); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, errors.New("must come to an instant")
}
