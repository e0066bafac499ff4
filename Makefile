STACK ?= stage1
BASE ?= ../base
FROM ?= 1
TO ?= 2

# The packages that need no AWS SDK, whose own build with the race detector would take minutes.
RACE_PACKAGES = ./internal/program/settings ./internal/program/stage ./internal/toolchain \
	./internal/offline/backendguard ./internal/offline/cloud ./internal/offline/languagehost ./internal/offline/store \
	./internal/offline/workspace ./policy/...

.PHONY: help build up preview diff pictures refresh destroy test lint bench clean review deploy

help: ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

build: bin/stagecraft ## Build everything under bin/ that is missing or out of date
	@bin/stagecraft build

up: bin/stagecraft ## Deploy STACK to the offline cloud
	@bin/stagecraft up --stack $(STACK)

preview: bin/stagecraft ## Show what up would change
	@bin/stagecraft preview --stack $(STACK)

diff: bin/stagecraft ## Review the way from stage FROM to stage TO
	@bin/stagecraft diff $(FROM) $(TO)

review: build ## Review what would become of the stacks of the project in BASE: bin/review.md
	@bash delivery/review.sh $(BASE)

pictures: bin/stagecraft ## Draw the pictures of all stages in docs/
	@for stage in 1 2 3 4 5; do bin/stagecraft graph stage$$stage --output docs/images/stage$$stage.svg || exit 1; done

refresh: bin/stagecraft ## Take over what changed behind Pulumi's back
	@bin/stagecraft refresh --stack $(STACK)

destroy: bin/stagecraft ## Delete STACK from the offline cloud
	@bin/stagecraft destroy --stack $(STACK)

test: build lint ## Run all checks and tests
	go vet ./...
	go -C app vet ./...
	go test -timeout 30m ./...
	go -C app test ./...
	go test -race $(RACE_PACKAGES)

lint: bin/golangci-lint ## Lint, and check the formatting
	bin/golangci-lint run --allow-parallel-runners ./...
	cd app && ../bin/golangci-lint run --allow-parallel-runners ./...

deploy: ## Update STACK on AWS with your own Pulumi, under the policy pack
	PULUMI_COMMAND=up PULUMI_STACK=$(STACK) bash delivery/pulumi.sh

bench: build ## Print the figures
	go run ./tests/bench

clean: ## Delete what was built, and the offline cloud with its stacks
	rm -rf bin .stagecraft

.PHONY: bin/stagecraft
bin/stagecraft:
	@go build -o $@ ./cmd/stagecraft

bin/golangci-lint: tools/lint/go.mod
	go build -C tools/lint -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
