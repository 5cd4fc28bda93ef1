package api_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const apiPath = "loket/desk/api"

// shared are the types of other packages that are written as JSON knowingly: whoever changes their tags changes the API.
var shared = []string{
	"time.Time", "encoding/json.RawMessage",
	"loket/internal/message.Message",    // what is in quarantine is shown as it is stored
	"loket/internal/message.Identifier", // of a dry run, and of an archive
}

// plain are functions that write what is no struct, though its type does not say so: the value of a figure.
var plain = []string{"write"}

// TestWhatIsWrittenIsDeclaredHere fails when the API encodes a struct of another package: its tags, or the names of its
// fields, would be the API's, and whoever changes them there would not know.
func TestWhatIsWrittenIsDeclaredHere(t *testing.T) {
	w := &wire{t: t, fset: token.NewFileSet(), encodes: map[types.Object]int{}, done: map[types.Type]bool{}}
	w.load()
	for w.findEncoders() { // until none is new: one may call another
	}
	written := 0
	w.calls(func(in string, arg ast.Expr) {
		written++
		w.check(w.fset.Position(arg.Pos()).String()+": "+in, w.info.TypeOf(arg))
	})
	if written < 60 {
		t.Errorf("%d places were found that write JSON, want all of them", written)
	}
}

// wire finds what the package writes as JSON.
type wire struct {
	t       *testing.T
	fset    *token.FileSet
	files   []*ast.File
	info    types.Info
	encodes map[types.Object]int // functions that write one of their arguments, and which
	done    map[types.Type]bool
}

// load reads the package as the compiler sees it.
func (w *wire) load() {
	out, err := exec.Command("go", "list", "-export", "-deps", "-json=ImportPath,Export", apiPath).Output()
	if err != nil {
		w.t.Fatalf("go list: %v", err)
	}
	compiled := map[string]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct{ ImportPath, Export string }
		if err := d.Decode(&p); err != nil {
			w.t.Fatal(err)
		}
		compiled[p.ImportPath] = p.Export
	}
	sources, err := os.ReadDir(".")
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range sources {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := parser.ParseFile(w.fset, e.Name(), nil, 0)
		if err != nil {
			w.t.Fatal(err)
		}
		w.files = append(w.files, f)
	}
	w.info = types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{}}
	conf := types.Config{Importer: importer.ForCompiler(w.fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(compiled[path]) })}
	if _, err := conf.Check(apiPath, w.fset, w.files, &w.info); err != nil {
		w.t.Fatal(err)
	}
}

// encoder tells whether a call writes one of its arguments, and which.
func (w *wire) encoder(call *ast.CallExpr) (ast.Expr, bool) {
	var name *ast.Ident
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f
	case *ast.SelectorExpr:
		name = f.Sel
	default:
		return nil, false
	}
	f, ok := w.info.Uses[name].(*types.Func)
	if !ok {
		return nil, false
	}
	if full := f.FullName(); full == "encoding/json.Marshal" || full == "(*encoding/json.Encoder).Encode" {
		return call.Args[0], true
	}
	i, ok := w.encodes[f]
	if !ok {
		return nil, false
	}
	return call.Args[i], true
}

// eachFunc calls see with every function that is declared.
func (w *wire) eachFunc(see func(*ast.FuncDecl)) {
	for _, file := range w.files {
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil {
				see(f)
			}
		}
	}
}

// passed is which argument of a function an expression is, whatever its type; -1 for none.
func (w *wire) passed(f *ast.FuncDecl, arg ast.Expr) int {
	name, ok := arg.(*ast.Ident)
	if !ok || !types.IsInterface(w.info.TypeOf(arg)) {
		return -1
	}
	params := w.info.Defs[f.Name].(*types.Func).Signature().Params()
	for i := range params.Len() {
		if w.info.Uses[name] == params.At(i) {
			return i
		}
	}
	return -1
}

// findEncoders notes the functions that hand an argument of theirs to one that writes it, and tells whether any is new.
func (w *wire) findEncoders() (more bool) {
	w.eachFunc(func(f *ast.FuncDecl) {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			arg, ok := w.encoder(call)
			if !ok {
				return true
			}
			i, self := w.passed(f, arg), w.info.Defs[f.Name]
			if _, known := w.encodes[self]; i >= 0 && !known {
				w.encodes[self], more = i, true
			}
			return true
		})
	})
	return more
}

// calls gives what is written, by those who know its type.
func (w *wire) calls(see func(in string, arg ast.Expr)) {
	w.eachFunc(func(f *ast.FuncDecl) {
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if arg, ok := w.encoder(call); ok && w.passed(f, arg) < 0 && !(slices.Contains(plain, f.Name.Name) && types.IsInterface(w.info.TypeOf(arg))) {
					see(f.Name.Name, arg)
				}
			}
			return true
		})
	})
}

// check wants a type to be one of this package, to its last field.
func (w *wire) check(where string, typ types.Type) {
	typ = types.Unalias(typ)
	if w.done[typ] {
		return
	}
	w.done[typ] = true
	if named, ok := typ.(*types.Named); ok {
		name := types.TypeString(named, nil)
		if slices.Contains(shared, name) || w.writesItself(named) {
			return
		}
		if _, basic := named.Underlying().(*types.Basic); !basic && (named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != apiPath) {
			w.t.Errorf("%s writes a %s: its JSON is to be declared in %s", where, name, apiPath)
			return
		}
	}
	switch u := typ.Underlying().(type) {
	case *types.Pointer:
		w.check(where, u.Elem())
	case *types.Slice:
		w.check(where, u.Elem())
	case *types.Map:
		w.check(where, u.Elem())
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i)
			if reflect.StructTag(u.Tag(i)).Get("json") != "-" && (f.Exported() || f.Embedded()) {
				w.check(fmt.Sprintf("%s: field %s", where, f.Name()), f.Type())
			}
		}
	case *types.Interface:
		w.t.Errorf("%s writes a value whose type is known only when it runs", where)
	}
}

// writesItself tells whether a type of this package says in a method of its own how it is written.
func (w *wire) writesItself(named *types.Named) bool {
	for m := range named.Methods() {
		if pkg := m.Pkg(); (m.Name() == "MarshalJSON" || m.Name() == "MarshalText") && pkg.Path() == apiPath {
			return true
		}
	}
	return false
}
