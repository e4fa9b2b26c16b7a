# shellcheck shell=bash
# ./finemem demo: on this machine, or in a guest when soft-RoCE is asked for and only a guest has it.

demo_main() {
  if [[ -z ${FINEMEM_IN_GUEST:-} && $(demo_option --transport "$@") == rxe && " $* " != *\ --help\ * ]] &&
    ! engine_usable host; then
    demo_in_guest "$@"
  else
    run_java demo "$@"
  fi
}

# demo_option NAME ARGUMENT...: the value of an option, the last one given.
demo_option() {
  local name=$1 value=''
  shift
  while (($# > 0)); do
    case $1 in
      "$name") value=${2:-} ;;
      "$name"=*) value=${1#*=} ;;
    esac
    shift
  done
  printf '%s' "$value"
}

# The guest writes its JSON to a directory of its own; it is copied to where it was wanted.
demo_in_guest() {
  local json result status=0
  json=$(demo_option --json "$@")
  [[ -z $json || $json == -* ]] || demo_check_target "$json"
  runtime_build
  export FINEMEM_CLASS_ARCHIVE
  FINEMEM_CLASS_ARCHIVE=$(class_archive runtime "$RUNTIME_CLASS_PATH")
  result=$(mktemp -d)
  at_exit "rm -rf $(quote "$result")"
  demo_arguments "$json" "$result/demo.json" "$@"
  guest_main --force --writable "$result" -- "$FINEMEM_ROOT/finemem" demo "${DEMO_ARGUMENTS[@]}" || status=$?
  if [[ -f $result/demo.json ]]; then cat -- "$result/demo.json" >"$json"; fi
  return "$status"
}

demo_check_target() {
  local directory
  directory=$(dirname -- "$1")
  [[ -d $directory ]] || fail "demo: cannot write $1: there is no directory $directory"
  [[ ! -d $1 ]] || fail "demo: cannot write $1: it is a directory"
  [[ -w $directory || -w $1 ]] || fail "demo: cannot write $1: $directory is not writable by $(id -un)"
}

# demo_arguments JSON REPLACEMENT ARGUMENT...: sets DEMO_ARGUMENTS, ARGUMENT... with another file for the JSON.
demo_arguments() {
  local json=$1 replacement=$2 argument previous=''
  shift 2
  DEMO_ARGUMENTS=()
  for argument in "$@"; do
    if [[ -n $json && $argument == "--json=$json" ]]; then
      argument=--json=$replacement
    elif [[ -n $json && $previous == --json && $argument == "$json" ]]; then
      argument=$replacement
    fi
    DEMO_ARGUMENTS+=("$argument")
    previous=$argument
  done
}
