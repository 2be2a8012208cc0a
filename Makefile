# Two commands matter to a newcomer: `make demo` and `make test`.

CARGO ?= cargo

.PHONY: help demo test lint openapi bench bench-import k8s postgres clean

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## Build, load the sample company, print what its programme is worth, keep serving
	$(CARGO) build --release --package keepworth
	./target/release/keepworth up --demo

test: postgres ## Install what the tests need and run them all, on SQLite and PostgreSQL
	tests/with-postgres $(CARGO) test --workspace

lint: ## Check formatting and lints
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- --deny warnings

openapi: ## Rewrite the committed contracts from the code
	$(CARGO) run --package keepworth -- openapi --output openapi

postgres: ## Install PostgreSQL from the distribution when it is missing
	@ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1 || { \
	    if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	    $$sudo apt-get update && $$sudo apt-get install --yes --no-install-recommends postgresql; }

clean: ## Remove what was built and the demo's data
	$(CARGO) clean
	rm -rf keepworth-data
