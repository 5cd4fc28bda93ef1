# What is needed to work here: make, Go, redis-server, chromium-headless-shell, dovecot. `make ci` on Debian installs the last three.

.PHONY: build test race lint bench check e2e soak vulnerabilities ci

# The checks beside go vet: tools/go.mod pins the versions that were looked at. They share one version of what they are made of,
# which is compiled once.
TOOL = go tool -modfile=tools/go.mod

build:
	go build -trimpath -o bin/loket ./cmd/loket

# The very command that README.md shows.
test:
	go test ./...

# What every day's run is too short for, in at most 45 minutes: when, and how one test alone, says CONTRIBUTING.md.
soak:
	@RUN='$(RUN)' IN='$(IN)' COUNT='$(COUNT)' .ci/soak

# What runs in one process, under the race detector, with a fifth of the cases of each property: make test has drawn them all.
race:
	go test -race -short $$(go list ./... | grep -v /e2e)

e2e:
	go test -count=1 ./internal/e2e/...

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt:"; gofmt -l .; exit 1; }
	go vet ./...
	$(TOOL) staticcheck ./...
	$(TOOL) go-errorlint ./...
	$(TOOL) revive -config revive.toml ./...
	@dead="$$($(TOOL) deadcode -test ./...)" || exit 1; test -z "$$dead" || { echo "nobody calls:"; echo "$$dead"; exit 1; }

# Needs the Internet: it asks vuln.go.dev.
vulnerabilities:
	$(TOOL) govulncheck ./...

bench:
	go test -run '^$$' -bench . -benchtime 1x -timeout 20m ./internal/e2e/ ./identity/
	go test -run '^$$' -bench . -benchtime 1s ./router/... ./internal/store ./internal/spool ./connectors/...

# The example configuration, as users get it.
check: build
	./bin/loket check -c config.example.yaml

ci:
	.ci/run
