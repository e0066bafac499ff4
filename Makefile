STACK ?= stage1

.PHONY: help build up preview refresh destroy test lint bench clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

build: bin/stagecraft ## Build everything under bin/ that is missing or out of date
	@bin/stagecraft build

up: bin/stagecraft ## Deploy STACK to the offline cloud
	@bin/stagecraft up --stack $(STACK)

preview: bin/stagecraft ## Show what up would change
	@bin/stagecraft preview --stack $(STACK)

refresh: bin/stagecraft ## Take over what changed behind Pulumi's back
	@bin/stagecraft refresh --stack $(STACK)

destroy: bin/stagecraft ## Delete STACK from the offline cloud
	@bin/stagecraft destroy --stack $(STACK)

test: build lint ## Run all checks and tests
	go vet ./...
	go test ./...

lint: bin/golangci-lint ## Lint, and check the formatting
	bin/golangci-lint run ./...

bench: build ## Print the figures
	go run ./tests/bench

clean: ## Delete what was built, and the offline cloud with its stacks
	rm -rf bin .stagecraft

.PHONY: bin/stagecraft
bin/stagecraft:
	@go build -o $@ ./cmd/stagecraft

bin/golangci-lint: tools/lint/go.mod
	go build -C tools/lint -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
