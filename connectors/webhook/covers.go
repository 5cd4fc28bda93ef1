package webhook

import (
	"cmp"
	"errors"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"loket/internal/field"
)

// covers is an error unless what is signed is what is read: the body, and the instant of signing. What is no expression at all is
// told where it is compiled.
func (h *HMAC) covers() error {
	content, err := parser.Parse(cmp.Or(h.Content, "raw"))
	if err != nil {
		return nil
	}
	bad := []error{rawOnly("hmac.content", content.Node)}
	if !names(content.Node, "raw") {
		bad = append(bad, field.Errorf("hmac.content", "must have raw in it, or nobody signed what the request says"))
	}
	if at, err := parser.Parse(cmp.Or(h.Timestamp, "raw")); err == nil {
		bad = append(bad, rawOnly("hmac.timestamp", at.Node))
		if whole := at.Node.String(); ast.Find(content.Node, func(n ast.Node) bool { return n.String() == whole }) == nil && h.Timestamp != "" {
			bad = append(bad, field.Errorf("hmac.timestamp", "must stand in content as it is, or nobody signed the time"))
		}
	}
	return errors.Join(bad...)
}

// rawOnly is an error when an expression names what there is only when the signature is found right.
func rawOnly(path string, n ast.Node) error {
	if names(n, "body") || names(n, "item") {
		return field.Errorf(path, "can name raw, header and query only: the body is read once it is known whose it is")
	}
	return nil
}

func names(n ast.Node, name string) bool {
	return ast.Find(n, func(n ast.Node) bool { i, ok := n.(*ast.IdentifierNode); return ok && i.Value == name }) != nil
}
