package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap/zapcore"

	"loket/desk/api"
	"loket/internal/store/storetest"
)

const zapError = zapcore.ErrorLevel

func redisOptions(r *storetest.Redis) *redis.Options {
	return &redis.Options{Network: "unix", Addr: r.Socket}
}

// checker is a transport that holds every answer against the document, and requests that were accepted too.
type checker struct {
	t     *testing.T
	doc   *openapi3.T
	paths *http.ServeMux // knows the document's paths only

	mu    sync.Mutex
	begun map[string]bool         // operations asked for
	seen  map[string]map[int]bool // operation → statuses
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(api.Document())
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{t: t, doc: doc, paths: http.NewServeMux(), begun: map[string]bool{}, seen: map[string]map[int]bool{}}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			c.paths.HandleFunc(method+" "+path, func(http.ResponseWriter, *http.Request) {})
		}
	}
	return c
}

func (c *checker) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		sent, _ = io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(sent))
	}
	_, pattern := c.paths.Handler(req)
	c.mu.Lock()
	c.begun[pattern] = true
	c.mu.Unlock()
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if pattern == "" {
		return res, nil
	}
	if res.StatusCode == http.StatusMisdirectedRequest || res.StatusCode == http.StatusTooManyRequests {
		return res, nil // documented once for all calls: the door answers, whatever was asked
	}
	method, path, _ := strings.Cut(pattern, " ")
	c.note(pattern, res.StatusCode)
	item := c.doc.Paths.Find(path)
	asked := &openapi3filter.RequestValidationInput{
		Request: req.Clone(context.Background()), PathParams: params(path, req.URL.Path),
		Route: &routers.Route{Spec: c.doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)},
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true,
		},
	}
	if res.StatusCode < 300 {
		asked.Request.Body = io.NopCloser(bytes.NewReader(sent))
		if err := openapi3filter.ValidateRequest(context.Background(), asked); err != nil {
			c.t.Errorf("%s was accepted, but is not as documented: %v", pattern, err)
		}
	}
	kind := res.Header.Get("Content-Type")
	if !strings.Contains(kind, "json") { // no more than that it is documented can be said of the rest
		if documented := item.GetOperation(method).Responses.Status(res.StatusCode); documented == nil {
			c.t.Errorf("%s answered %d, which is not documented", pattern, res.StatusCode)
		}
		return res, nil
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: asked, Status: res.StatusCode, Header: res.Header, Options: asked.Options,
	}
	if err := openapi3filter.ValidateResponse(context.Background(), answer.SetBodyBytes(body)); err != nil {
		c.t.Errorf("%s answered %d, not as documented: %v\n%s", pattern, res.StatusCode, err, body)
	}
	return res, nil
}

// asked tells whether somebody asked for the operation, answered or not.
func (c *checker) asked(operation string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun[operation]
}

func (c *checker) note(operation string, status int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen[operation] == nil {
		c.seen[operation] = map[int]bool{}
	}
	c.seen[operation][status] = true
}

// params are what stands in the places of the path's names.
func params(path, asked string) map[string]string {
	values := map[string]string{}
	names, parts := strings.Split(path, "/"), strings.Split(asked, "/")
	for i, name := range names {
		if strings.HasPrefix(name, "{") {
			values[strings.Trim(name, "{}")] = parts[i]
		}
	}
	return values
}
