# The common tasks. `just` lists them; each is one command, so they can be copied without just.

_default:
    @just --list

# Everything CI runs, in its order
ci:
    .ci/run

# Build and run the demonstration against the embedded fake GitLab
demo:
    cargo run --release -p glabflow-cli -- demo

# All tests
test:
    cargo test --workspace --all-features

# Format, lints, documentation
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps

# Write generated/ anew from schema/
generate:
    cargo run --release -p glabflow-codegen -- generate

# Fail when generated/ does not belong to schema/
check-generated:
    cargo run --release -p glabflow-codegen -- check

# Take in a REST document from GitLab
ingest FILE:
    cargo run --release -p glabflow-codegen -- ingest rest {{FILE}} --out schema/rest/openapi.json

# Compile every resource feature alone (about ten minutes)
features:
    scripts/each-feature

# Measure the compile-time budgets of docs/performance.md
budgets:
    scripts/compile-budgets

# Run beside other clients, and write the figures into docs/performance.md (about ten minutes; sets up Python clients)
bench:
    cargo run --release -p glabflow-bench -- run --write

# Licences, advisories, sources (needs cargo-deny)
deny:
    cargo deny check
