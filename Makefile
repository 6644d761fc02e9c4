# Everything that must hold for a change. `make help` lists the targets.

GO        ?= go
LINT      := $(GO) tool -modfile=$(CURDIR)/tools/go.mod golangci-lint run --allow-serial-runners --config $(CURDIR)/tools/golangci.yml
# Files differ by system, not by processor: one of each system is vetted as a whole, tests included.
PLATFORMS := linux/amd64 linux/arm64 darwin/arm64 windows/amd64
VETTED    := darwin/arm64 windows/amd64
GENERATED := ':(glob)**/*.gen.go' ':(glob)**/*.gen_test.go'

# The checks beside `go test ./...`, the quick ones first.
CHECKS := tidy vet lint tools compare dependencies vulnerabilities cross race quickstart

.PHONY: help check checks test bench generate words $(CHECKS)

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

check: test $(CHECKS) ## run all of the checks below

test: ## run the tests
	$(GO) test ./...

race: ## run the tests of what works at once with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -short $$($(GO) list ./... | grep -vE '/(services|cql|examples|archtest|servers)(/|$$)')

vet: ## run go vet
	$(GO) vet ./...
	$(GO) -C tools vet ./...
	$(GO) -C bench vet ./...
	$(GO) -C tools/natstest vet ./...

lint: words ## run the linters of tools/golangci.yml, and count words
	$(LINT) ./...
	cd tools && $(LINT) --disable depguard ./...
	cd bench && $(LINT) --disable depguard ./...
	cd tools/natstest && $(LINT) --disable depguard ./...

words: ## count words of comments and docs, and find old identifiers
	$(GO) -C tools run ./words -old

tidy: ## check that go.mod and go.sum list what is imported
	$(GO) mod tidy -diff
	$(GO) -C tools mod tidy -diff
	$(GO) -C bench mod tidy -diff
	$(GO) -C tools/natstest mod tidy -diff

tools: ## run the tests of the generator, of the benchmarks and with a server of NATS
	$(GO) -C tools test ./...
	$(GO) -C bench test ./...
	$(GO) -C tools/natstest test ./...

bench: ## compare with peers and write docs/evidence/performance.md (some twenty minutes, on a quiet machine)
	$(GO) -C bench run . -write ../docs/evidence

generate: ## write the generated code
	$(GO) -C tools run ./generate
	$(GO) -C tools run ./protobuf

compare: generate ## check that the generated code is what the generator writes
	@git --no-pager diff --exit-code -- $(GENERATED)
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
		test -z "$$new" || { echo "generated, but not committed:"; echo "$$new"; exit 1; }

dependencies: ## check the reasons and the licences of docs/dependencies.md
	$(GO) -C tools run ./dependencies
	@git --no-pager diff --exit-code -- docs/dependencies.md

bill: ## write the bill of materials to bill.cdx.json
	$(GO) -C tools run ./dependencies -bill ../bill.cdx.json

vulnerabilities: ## look for known vulnerabilities in what is called
	$(GO) -C tools run ./vulnerabilities

stress: ## run the reliability cases for minutes, and write their table to docs/evidence/reliability.md
	$(GO) -C tools run ./stress -scale minutes

stress-long: ## the same for an hour
	$(GO) -C tools run ./stress -scale hour

cross: ## build the program and vet all for every system, without cgo
	@export CGO_ENABLED=0; \
	for platform in $(PLATFORMS); do \
		echo "build $$platform"; GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) build -o /dev/null ./cmd/taegis || exit 1; \
	done; \
	for platform in $(VETTED); do \
		echo "vet $$platform"; GOOS=$${platform%/*} GOARCH=$${platform#*/} $(GO) vet ./... || exit 1; \
	done

quickstart: ## run the first commands of the README
	$(GO) run ./examples/quickstart
	$(GO) run ./cmd/taegis quickstart

checks: # for .ci/run
	@echo $(CHECKS)
