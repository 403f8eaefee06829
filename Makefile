# What one can do here. `make help` prints the lines with two hashes.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# One static binary: no C compiler is needed but for the race detector.
export CGO_ENABLED ?= 0

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.7.0
BINARY := bin/thingward

# Go's own tools leave out folders whose name begins with a dot.
GOFILES = $(shell git ls-files '*.go' 2>/dev/null || find . -name '*.go')

.PHONY: help
help: ## print this
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# What no request spends its time in is compiled without inlining, which makes
# the program 6 % smaller (30.0 MB is its bound) and no path measurably slower.
COLD = github.com/jackc/... google.golang.org/protobuf/... github.com/prometheus/... github.com/godbus/... github.com/alecthomas/... \
	github.com/BurntSushi/... github.com/pressly/... github.com/wneessen/... github.com/zalando/... github.com/go-jose/... github.com/skip2/... \
	golang.org/x/text/... golang.org/x/crypto/acme/... go.uber.org/... \
	crypto/tls crypto/x509 math/big encoding/asn1 encoding/xml html/template text/... regexp/... net net/mail net/smtp net/http/pprof \
	internal/profile runtime/pprof compress/... image/... mime/... \
	$(addprefix github.com/thingward/thingward/,apiclient internal/app internal/authserver/... internal/cli internal/demo internal/lametric \
	internal/notify internal/portal internal/resourceserver/... internal/ttn internal/wotkit/...)

.PHONY: build
build: ## build bin/thingward
	go build -trimpath -ldflags '-s -w -funcalign=16' $(COLD:%=-gcflags=%=-l) -o $(BINARY) ./cmd/thingward

.PHONY: run
run: build ## build, and start with a lifelike demo in ./thingward-data
	exec ./$(BINARY) serve --demo --data ./thingward-data

.PHONY: test
test: ## run every test, on SQLite and PostgreSQL; installs what it needs when root on Debian
	scripts/test.sh

.PHONY: check
check: ## everything before a push: format, vet, staticcheck, vulnerabilities, the house, tests with the race detector
	@echo '== gofmt'
	@unformatted="$$(gofmt -l $(GOFILES))"; if [ -n "$$unformatted" ]; then echo "not formatted:"; echo "$$unformatted"; exit 1; fi
	@echo '== go vet'
	go vet ./...
	@echo '== staticcheck'
	go run $(STATICCHECK) ./...
	@echo '== govulncheck'
	scripts/vulnerabilities.sh $(GOVULNCHECK)
	@echo '== the house'
	go test -count=1 ./internal/archtest
	@echo '== tests with the race detector'
	CGO_ENABLED=1 scripts/test.sh -race

.PHONY: bench
bench: build ## measure the hot paths against an empty handler; ARGS='--rows 1000000 --only post'
	go run ./test/bench --binary $(BINARY) $(ARGS)

.PHONY: bench-crash
bench-crash: ## kill -9 under load, twenty times: nothing acknowledged is lost, nothing is there twice
	THINGWARD_CRASH_ROUNDS=$${THINGWARD_CRASH_ROUNDS:-20} go test -count=1 -timeout 30m -v -run TestAKilledServer ./test/acceptance

.PHONY: clean
clean: ## remove what was built
	rm -rf bin
