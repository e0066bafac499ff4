STACK ?= stage1
BASE ?= ../base
FROM ?= 1
TO ?= 2

# Without version-control stamps, a commit or another owner of the folder causes no build.
export GOFLAGS := -buildvcs=false $(filter-out -buildvcs=%,$(GOFLAGS))

# The packages that need no AWS SDK, which takes minutes to build with the race detector.
RACE_PACKAGES = ./internal/program/settings ./internal/program/stage ./internal/toolchain \
	./internal/offline/backendguard ./internal/offline/cloud ./internal/offline/languagehost ./internal/offline/store \
	./internal/offline/workspace ./cmd/stagecraft/display ./policy/...

.PHONY: help build up preview diff pictures refresh destroy test test-unit test-engine test-race test-app vet lint bench \
	clean review deploy rename

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

build: bin/stagecraft ## Build every program under bin/ that is missing or out of date
	@bin/stagecraft build

up: bin/stagecraft ## Deploy STACK to the offline cloud
	@bin/stagecraft up --stack $(STACK)

preview: bin/stagecraft ## Show what up would change
	@bin/stagecraft preview --stack $(STACK)

diff: bin/stagecraft ## Review the update from stage FROM to stage TO
	@bin/stagecraft diff $(FROM) $(TO)

review: build ## Review what this project would change in the stacks of the project in BASE, in bin/review.md
	@bash delivery/review.sh $(BASE)

pictures: bin/stagecraft ## Draw the pictures of all stages in docs/
	@for stage in 1 2 3 4 5; do bin/stagecraft graph stage$$stage --output docs/images/stage$$stage.svg || exit 1; done

refresh: bin/stagecraft ## Update the state of STACK to what the offline cloud has now
	@bin/stagecraft refresh --stack $(STACK)

destroy: bin/stagecraft ## Delete STACK from the offline cloud
	@bin/stagecraft destroy --stack $(STACK)

test: build lint vet test-unit test-engine test-race test-app ## Run all checks and tests

test-unit: ## Run the tests that start no Pulumi engine
	go test $$(go list ./... | grep -vE '/(tests|examples)(/|$$)')

test-engine: ## Run the tests that deploy whole stacks with the Pulumi engine
	go test -timeout 30m $$(go list ./... | grep -E '/(tests|examples)(/|$$)')

test-race: ## Run the tests of concurrent packages with the race detector
	go test -race $(RACE_PACKAGES)

test-app: ## Run the tests of the reference service
	go -C app test ./...

vet: ## Run go vet
	go vet ./...
	go -C app vet ./...

lint: bin/golangci-lint ## Run the linters, and check the formatting
	bin/golangci-lint run --allow-parallel-runners ./...
	cd app && ../bin/golangci-lint run --allow-parallel-runners ./...

deploy: ## Update STACK on AWS with your own Pulumi, under the policy pack
	PULUMI_COMMAND=up PULUMI_STACK=$(STACK) bash delivery/pulumi.sh

rename: ## Make the project your own: MODULE=github.com/acme/platform PROJECT=acme
	go run ./tools/rename '$(MODULE)' '$(PROJECT)'

bench: build ## Print the benchmark figures
	go run ./tests/bench

clean: ## Delete what was built, and the offline cloud with its stacks
	rm -rf bin .stagecraft

# The go command decides whether stagecraft is out of date, so that this target always runs.
.PHONY: bin/stagecraft
bin/stagecraft:
	@if go build -n -o $@ ./cmd/stagecraft 2>&1 | grep -q '/link"\? -o '; then \
		echo "Building stagecraft (usually 5 to 30 s, and 2 to 6 min the first time) ..."; fi
	@go build -o $@ ./cmd/stagecraft

bin/golangci-lint: tools/lint/go.mod
	@echo "Building golangci-lint (usually 2 to 6 min) ..."
	go build -C tools/lint -o ../../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint
