# Sourced by .ci/run and .ci/long: the root folder, the environment, steps with their times, and tools.

cd "$(dirname "${BASH_SOURCE[0]}")/.."

export CARGO_TERM_COLOR=never
# Every build here is a first build: incremental compilation and debug information only cost time.
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=none
# The fuzz targets try the same inputs each time; scripts/fuzz tries others.
export BOLERO_RANDOM_SEED=${BOLERO_RANDOM_SEED:-1}

target=${CARGO_TARGET_DIR:-$PWD/target}
scratch=$(mktemp -d)
tools=$target/ci-tools
export PATH="$tools/bin:$PATH"
trap 'code=$?; print_times; rm -rf "$scratch"; exit "$code"' EXIT

has() { command -v "$1" >/dev/null 2>&1; }

# note TEXT: printed at once, and again at the end.
note() {
  echo "note: $1"
  echo "$1" >>"$scratch/notes"
}

# Sets cpu to the processor seconds of all commands that have ended. A subshell would count its own.
read_cpu() {
  times >"$scratch/times"
  cpu=$(awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, /[ms]/); sum += t[1] * 60 + t[2] } printf "%d", sum }' "$scratch/times")
}

# step NAME: begins a step, and ends the one before.
step() {
  finish_step
  read_cpu
  step_name=$1 step_began=$SECONDS step_cpu=$cpu
  printf '\n=== %s (at %d min %d s)\n' "$1" "$((SECONDS / 60))" "$((SECONDS % 60))"
}

finish_step() {
  [ -n "${step_name:-}" ] || return 0
  read_cpu
  printf '%s\t%d\t%d\n' "$step_name" "$((SECONDS - step_began))" "$((cpu - step_cpu))" >>"$scratch/steps"
  step_name=
}

# The times of all steps and the notes, once: at the end, or where a step failed.
print_times() {
  finish_step
  [ -s "$scratch/steps" ] || return 0
  printf '\n'
  awk -F '\t' 'BEGIN { printf "%-52s %8s %8s\n", "step", "seconds", "CPU s" }
    { printf "%-52s %8d %8d\n", $1, $2, $3; seconds += $2; cpu += $3 }
    END { printf "%-52s %8d %8d   %d min %d s\n", "all", seconds, cpu, seconds / 60, seconds % 60 }' "$scratch/steps"
  [ ! -s "$scratch/notes" ] || sed 's/^/note: /' "$scratch/notes"
  rm -f "$scratch/steps"
}

# install_tools: what the checks call besides Rust. What cannot be installed is skipped where it is needed, with a note.
install_tools() {
  has cargo || { echo "cargo is needed: https://rustup.rs" >&2; exit 1; }
  # A machine whose rustup may download nothing can still have the version under another name.
  if ! cargo --version >/dev/null 2>&1 && RUSTUP_TOOLCHAIN=stable cargo --version >/dev/null 2>&1; then
    export RUSTUP_TOOLCHAIN=stable
    note "rust-toolchain.toml names a toolchain that is not installed; stable is used"
  fi
  cargo --version
  if ! [ -x /usr/bin/time ] && has apt-get; then
    apt-get update -qq && apt-get install -qq -y time
  fi
  if ! cmp --silent .ci/requirements.txt "$tools/requirements.txt" && has python3 && python3 -m pip --version >/dev/null 2>&1; then
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --no-deps --upgrade --target "$tools" --requirement .ci/requirements.txt &&
      cp .ci/requirements.txt "$tools/" || note "pip could not install the packages of .ci/requirements.txt"
  fi
}
