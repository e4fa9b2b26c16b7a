# shellcheck shell=bash disable=SC2034
# Shared by all scripts: messages, exit codes (2 usage, 1 failure), packages, cache, temporary directories.

PATH="$PATH:/usr/sbin:/sbin"

say() { printf 'finemem: %s\n' "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

usage_error() {
  say "$*"
  exit 2
}

have() { command -v "$1" >/dev/null 2>&1; }

# at_exit COMMAND: run when this shell ends, also by Ctrl-C or kill; the last registered first.
at_exit() {
  # A subshell inherits the list, but not the duty.
  [[ ${EXIT_OWNER:-} == "$BASHPID" ]] || EXIT_COMMANDS=()
  EXIT_OWNER=$BASHPID
  EXIT_COMMANDS=("$1" "${EXIT_COMMANDS[@]}")
  trap run_exit_commands EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}

run_exit_commands() {
  local command
  for command in "${EXIT_COMMANDS[@]}"; do eval "$command"; done
}

# in_child COMMAND...: in a subshell that a signal to this shell ends too; its exit does not end this shell.
in_child() {
  local status=0
  ("$@") &
  CHILD=$!
  at_exit end_child
  wait "$CHILD" || status=$?
  CHILD=''
  return "$status"
}

end_child() {
  [[ -n $CHILD ]] || return 0
  kill -TERM "$CHILD" 2>/dev/null || true
  wait "$CHILD" || true
  CHILD=''
}

# quote TEXT: TEXT as one word of a POSIX shell.
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# Sets CACHE_DIRECTORY.
cache_directory() {
  local directory=${FINEMEM_CACHE:-${HOME:-/root}/.cache/finemem}
  mkdir -p "$directory" 2>/dev/null || true
  [[ -w $directory ]] ||
    fail "cannot write the cache directory $directory: set FINEMEM_CACHE to a writable directory"
  CACHE_DIRECTORY=$(cd "$directory" && pwd -P)
}

# A private directory whose path is plain enough for kernel command lines and QEMU options.
plain_temporary_directory() {
  local base=${TMPDIR:-/tmp}
  [[ $base =~ ^/[A-Za-z0-9._/-]+$ && -w $base ]] || base=/tmp
  mktemp -d "$base/finemem.XXXXXXXX"
}

can_be_root() { ((EUID == 0)) || { have sudo && sudo -n true 2>/dev/null; }; }

as_root() { if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi; }

# require_tools PURPOSE PROBE=PACKAGE...: PROBE is a command or a file pattern; missing packages are installed by apt.
require_tools() {
  local purpose=$1 pair missing=()
  shift
  for pair in "$@"; do
    probe_found "${pair%%=*}" || missing+=("${pair#*=}")
  done
  ((${#missing[@]} == 0)) || install_packages "$purpose" "${missing[@]}"
}

probe_found() {
  if [[ $1 == /* ]]; then compgen -G "$1" >/dev/null; else have "$1"; fi
}

install_packages() {
  local purpose=$1
  shift
  have apt-get || fail "$purpose needs the Debian packages $* or their like; this machine has no apt-get: install them"
  can_be_root || fail "$purpose needs packages: sudo apt-get install $*"
  say "installing for $purpose: $*"
  local log
  log=$(mktemp)
  if apt_install "$@" >"$log" 2>&1 || { apt_update >>"$log" 2>&1 && apt_install "$@" >>"$log" 2>&1; }; then
    rm -f "$log"
    return
  fi
  tail -n 15 "$log" >&2
  rm -f "$log"
  fail "apt-get could not install $*"
}

apt_update() { as_root apt-get -q -o DPkg::Lock::Timeout=300 update </dev/null; }

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    install --no-install-recommends "$@" </dev/null
}
