# The common tasks. `just` lists them; each is one command, so they can be copied without just.

_default:
    @just --list

# The gate: everything that must pass before a change lands
ci:
    .ci/run

# The checks that take longer, before a release
long:
    .ci/long

# Build and run the demonstration against the embedded fake GitLab
demo:
    cargo run -p glabflow-demo

# All tests
test:
    cargo test --workspace --all-features

# Format, spelling, lints, documentation
lint:
    cargo fmt --all --check
    typos
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps

# Generate generated/ from schema/
generate:
    cargo run -p glabflow-codegen -- generate

# Fail when generated/ is not what schema/ gives
check-generated:
    cargo run -p glabflow-codegen -- check

# Replace the REST schema by a document from GitLab
ingest FILE:
    cargo run -p glabflow-codegen -- ingest rest {{FILE}} --out schema/rest/openapi.json

# Compile every feature of the generated crates alone
features:
    scripts/each-feature

# Measure the compile-time budgets of docs/performance.md
budgets:
    scripts/compile-budgets

# Measure glabflow and other clients, and write the figures to docs/performance.md (about ten minutes; installs Python clients)
bench:
    cargo run --release -p glabflow-bench -- run --write

# Licences, sources, banned crates, and advisories, which are downloaded (needs cargo-deny)
deny:
    cargo deny check

# Package every crate that is published
package:
    scripts/package --no-verify
