# What is needed to work here: make, Go, redis-server, chromium, dovecot. `make ci` on Debian installs the last three.

.PHONY: build test race lint bench check e2e vulnerabilities ci

# The checks beside go vet, each at the version that was looked at.
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
DEADCODE    = golang.org/x/tools/cmd/deadcode@v0.52.0
ERRORLINT   = codeberg.org/polyfloyd/go-errorlint@v1.9.1
REVIVE      = github.com/mgechev/revive@v1.17.0
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.9.0

build:
	go build -trimpath -o bin/loket ./cmd/loket

# The very command that README.md shows.
test:
	go test ./...

# What runs in one process, under the race detector.
race:
	go test -race $$(go list ./... | grep -v /e2e)

e2e:
	go test -count=1 ./internal/e2e/

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt:"; gofmt -l .; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	go run $(ERRORLINT) ./...
	go run $(REVIVE) -config revive.toml ./...
	@dead="$$(go run $(DEADCODE) -test ./...)" || exit 1; test -z "$$dead" || { echo "nobody calls:"; echo "$$dead"; exit 1; }

# Needs the Internet: it asks vuln.go.dev.
vulnerabilities:
	go run $(GOVULNCHECK) ./...

bench:
	go test -run '^$$' -bench . -benchtime 1x -timeout 20m ./internal/e2e/ ./identity/
	go test -run '^$$' -bench . -benchtime 1s ./router/... ./internal/store ./internal/spool ./connectors/...

# The example configuration, as users get it.
check: build
	./bin/loket check -c config.example.yaml

ci:
	.ci/run
