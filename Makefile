# What is needed to work here: make, Go, redis-server, chromium, dovecot. `make ci` on Debian installs the last three.

.PHONY: build test race lint bench check e2e fuzz ci

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

bench:
	go test -run '^$$' -bench . -benchtime 1x -timeout 20m ./internal/e2e/ ./identity/
	go test -run '^$$' -bench . -benchtime 1s ./router/... ./internal/store ./internal/spool ./connectors/...

# The example configuration, as users get it.
check: build
	./bin/loket check -c config.example.yaml

ci:
	.ci/run
