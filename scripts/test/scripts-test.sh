#!/usr/bin/env bash
# Tests of the scripts themselves, one line "ok" or "not ok" each. usage: scripts-test.sh host | guest [ENGINE]
# shellcheck disable=SC2016
set -uo pipefail

FINEMEM_ROOT=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
mkdir "$work/a dir, it's odd" "$work/tmp"

# run COMMAND...: sets status, out, err.
run() {
  status=0
  TMPDIR=$work/tmp "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  out=$(<"$work/out") err=$(<"$work/err")
}

# verdict NAME CONDITION...: every condition is a command.
verdict() {
  local name=$1
  if "${@:2}"; then
    echo "ok $name"
  else
    echo "not ok $name"
    printf '  | status %s\n' "$status"
    printf '  | out: %s\n  | err: %s\n' "$out" "$err"
  fi
}

# refused STATUS TEXT: nothing on the output, one line of error that contains TEXT.
refused() { [[ $status == "$1" && -z $out && $err == *"$2"* && $err != *$'\n'* && $err != *Exception* ]]; }

refuses() {
  local name=$1 code=$2 text=$3
  shift 3
  run "$FINEMEM_ROOT/finemem" "$@"
  verdict "$name" refused "$code" "$text"
}

host_tests() {
  refuses 'guest without a command is wrong usage' 2 'no command' guest
  refuses 'unknown engine is wrong usage and the engines are listed' 2 'auto, host, kvm, uml or tcg' \
    guest --engine vax -- true
  refuses 'unknown option of guest is wrong usage' 2 '--bogus' guest --bogus -- true
  refuses 'option of guest without its value is wrong usage' 2 '--timeout wants a value' guest --timeout
  refuses 'memory that is no size is wrong usage' 2 "'much'" guest --memory much -- true
  refuses 'no CPU is wrong usage' 2 "'0'" guest --cpus 0 -- true
  refuses 'time limit that is no number is wrong usage' 2 "'soon'" guest --timeout=soon -- true
  refuses 'absent writable directory is a failure' 1 'create it first' guest --writable "$work/absent" -- true
  refuses 'file as writable directory is a failure' 1 'out' guest --writable "$work/out" -- true
  refuses 'unknown transport of test is wrong usage' 2 'shm, rxe, verbs or all' test --transport carrier-pigeon
  refuses 'transport verbs without a device is wrong usage and the devices are listed' 2 'RDMA devices of this machine:' \
    test --transport verbs
  refuses 'device that is not there is a failure and the devices are listed' 1 "no RDMA device 'mlx5_99' on this machine; there are:" \
    test --transport verbs --device mlx5_99
  refuses 'GID that is no number is wrong usage' 2 "'first'" test --transport verbs --device mlx5_99 --gid-index first
  refuses 'device of another transport is wrong usage' 2 '--transport verbs' test --device mlx5_99
  refuses 'unknown argument of test is wrong usage' 2 "'everything'" test everything
  refuses 'unknown command is wrong usage' 2 'frobnicate' frobnicate
  refuses 'JSON into an absent directory is refused before anything starts' 1 'no directory' \
    demo --transport rxe --json "$work/absent/demo.json"
  JAVA_HOME=$work refuses 'JAVA_HOME without a JDK is named' 1 "JAVA_HOME=$work" doctor
  FINEMEM_CACHE=/proc/none refuses 'unwritable cache is named with the remedy' 1 'set FINEMEM_CACHE' \
    guest --engine tcg -- true
  help_tests
  package_tests
  top_tests
  dist_tests
}

help_tests() {
  local java_commands
  run "$FINEMEM_ROOT/finemem" --help
  local help=$out
  verdict 'help is no failure' [ "$status" = 0 ]
  run "$FINEMEM_ROOT/finemem"
  verdict 'no command is wrong usage and shows the help' [ "$status$err" = "2$help" ]
  run "$FINEMEM_ROOT/finemem" --version
  verdict 'the version is that of the Java command' [ "$status:${out%% *}" = 0:finemem ]
  # Java's own list, from its class path, because the script answers --help itself.
  mapfile -t java_commands < <(FINEMEM_JAVA_HELP=1 "$FINEMEM_ROOT/finemem" --help |
    awk '/^Commands:/ {on = 1} on && /^  [a-z]/ {print $1}')
  verdict 'help lists every command of Java' lists_all "$help" "${java_commands[@]}"
}

top_tests() {
  refuses 'top without a terminal says so' 1 'there is no terminal' top 127.0.0.1:1
  (cd "$work" && quit_top)
  verdict 'top in a terminal ends by q and leaves the terminal as it was' \
    [ "$(<"$work/ended"):$(<"$work/after")" = "0:$(<"$work/before")" ]
}

# The program script makes a terminal, and types what it reads. TopTerminalTest of the runtime looks closer.
quit_top() {
  export FINEMEM_ROOT
  {
    for _ in {1..300}; do ! grep -qs 'cannot be reached' screen || break; sleep 0.1; done
    printf q
    for _ in {1..300}; do [[ ! -f after ]] || break; sleep 0.1; done
  } | SHELL=/bin/bash script -qefc \
    'stty -a >before; "$FINEMEM_ROOT/finemem" top 127.0.0.1:1; echo $? >ended; stty -a >after.new; mv after.new after' \
    screen >/dev/null
}

dist_tests() {
  refuses 'unknown argument of dist is wrong usage' 2 "'--fast'" dist --fast
  refuses 'an output directory that is a file is refused' 1 'choose another' dist --output "$work/out/below"
  refuses 'java without a program is wrong usage' 2 'no program' java
  run "$FINEMEM_ROOT/finemem" dist --output "$work/a dir, it's odd"
  verdict 'dist makes two archives and names them' [ "$status:$(grep -c '\.tar\.gz$' <<<"$out")" = 0:2 ]
  local archive=${out%%$'\n'*} maven=${out##*$'\n'}
  mkdir "$work/installed"
  run tar -xzf "$archive" -C "$work/installed" --strip-components=1
  verdict 'the first can be unpacked' [ "$status" = 0 ]
  run env -C / -u JAVA_HOME "$work/installed/bin/finemem" --version
  verdict 'what was unpacked runs from anywhere' [ "$status:${out%% *}$err" = 0:finemem ]
  run env "JAVA_HOME=$work" "$work/installed/bin/finemem" --version
  verdict 'its JAVA_HOME without a Java is named' refused 1 "JAVA_HOME=$work"
  run "$work/installed/bin/finemem" config check --role memory-node -c "$work/installed/conf/memory-node.conf"
  verdict 'its configurations are good' [ "$status:$out" = '0:good for memory-node' ]
  run "$work/installed/bin/finemem" config check --role compute-node -c "$work/installed/conf/compute-node.conf"
  verdict 'also for compute nodes' [ "$status:$out" = '0:good for compute-node' ]
  run tar -tzf "$maven"
  verdict 'the second has sources and javadoc of every artifact' jars_are_complete
}

jars_are_complete() {
  local plain
  plain=$(grep '\.jar$' <<<"$out" | grep -cvE -- '-(sources|javadoc)\.jar$')
  ((plain > 8)) && [[ $(grep -c -- '-sources\.jar$' <<<"$out"):$(grep -c -- '-javadoc\.jar$' <<<"$out") == "$plain:$plain" ]]
}

lists_all() {
  local help=$1 name
  shift
  (($# > 2)) || return 1
  for name in "$@"; do grep -q "^  $name " <<<"$help" || return 1; done
}

package_tests() {
  local script='source "$1/scripts/lib/common.sh"
    can_be_root() { false; }
    require_tools "this test" sh=dash absent-tool=absent-package'
  run bash -c "$script" - "$FINEMEM_ROOT"
  verdict 'a missing package is named where it cannot be installed' refused 1 'apt-get install absent-package'
}

guest_refuses_nothing_left() {
  local left
  left=$(find "$work/tmp" -mindepth 1 | head -n 3)
  err+=$left
  [[ -z $left ]]
}

guest_tests() {
  local engine=${1:-auto} odd="$work/a dir, it's odd" script
  local guest=("$FINEMEM_ROOT/finemem" guest --force --engine "$engine")

  script='cd "$1" && echo "$2" >file && echo out && echo err >&2 && ulimit -l &&
    [[ -d /sys/class/infiniband/rxe0 ]] && exit 7'
  run "${guest[@]}" --writable "$odd" -- bash -c "$script" - "$odd" "it's \$HOME \"quoted\""
  verdict 'status, both outputs, memlock and the device are as promised' \
    [ "$status:$out:${err#*$'\n'}" = $'7:out\nunlimited:err' ]
  verdict 'the engine is told in one line' [ "$(grep -c 'engine' <<<"$err")" = 1 ]
  verdict 'odd paths and arguments survive, and the file reaches the host' \
    [ "$(cat "$odd/file" 2>/dev/null)" = "it's \$HOME \"quoted\"" ]
  verdict 'nothing is left behind' guest_refuses_nothing_left

  run "${guest[@]}" --timeout 4 -- sleep 600
  verdict 'a guest that hangs ends at its time limit' [ "$status" = 124 ]
  verdict 'and leaves nothing behind' guest_refuses_nothing_left

  guest_ends_by_signal TERM 143 "${guest[@]}"
  guest_ends_by_signal INT 130 "${guest[@]}"
}

# The marker file tells that the command runs; an engine left over would still have the control directory open.
guest_ends_by_signal() {
  local signal=$1 code=$2 marker="$work/a dir, it's odd/running"
  shift 2
  rm -f "$marker"
  # Job control for a process group of its own; default actions, because background jobs of scripts ignore SIGINT, and so
  # does everything below a caller that ignores it.
  set -m
  TMPDIR=$work/tmp env --default-signal=INT,TERM "$@" --writable "$work/a dir, it's odd" -- \
    bash -c 'echo on >"$1"; sync; sleep 600' - "$marker" >"$work/out" 2>"$work/err" </dev/null &
  local process=$!
  set +m
  for _ in {1..300}; do [[ -s $marker ]] || sleep 0.1; done
  kill -"$signal" "$process"
  for _ in {1..300}; do
    kill -0 "$process" 2>/dev/null || break
    sleep 0.1
  done
  ! kill -0 "$process" 2>/dev/null || kill -KILL -- "-$process"
  status=0
  wait "$process" 2>/dev/null || status=$?
  out=$(<"$work/out") err=$(<"$work/err")
  verdict "SIG$signal ends the guest" [ "$status" = "$code" ]
  verdict 'and leaves no process' no_process_uses "$work/tmp"
  verdict 'and no file' guest_refuses_nothing_left
}

no_process_uses() {
  for _ in {1..50}; do
    grep -qsF -- "$1" /proc/[0-9]*/cmdline || return 0
    sleep 0.1
  done
  return 1
}

case ${1:-} in
  host) host_tests ;;
  guest) guest_tests "${2:-auto}" ;;
  *) echo "usage: $0 host | guest [ENGINE]" >&2 && exit 2 ;;
esac
