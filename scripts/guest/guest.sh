# shellcheck shell=bash
# ./finemem guest: any command inside a soft-RoCE guest over this machine's file system.

# shellcheck source=scripts/guest/kernels.sh
source "$FINEMEM_ROOT/scripts/guest/kernels.sh"
# shellcheck source=scripts/guest/engines.sh
source "$FINEMEM_ROOT/scripts/guest/engines.sh"
# shellcheck source=scripts/guest/boot.sh
source "$FINEMEM_ROOT/scripts/guest/boot.sh"

guest_help() {
  cat <<'HELP'
usage: ./finemem guest [OPTIONS] -- COMMAND [ARGUMENT...]
       ./finemem guest --build-uml

Runs COMMAND as root where a soft-RoCE device (rxe0) is up. The guest sees this machine's file system at the same
paths: reads are the host's, writes stay in memory and vanish, except below --writable. /tmp is empty. The current
directory and the variables FINEMEM_*, JAVA_HOME, CI, TERM are kept; standard input is empty. There is no network.

  --engine E       host  this machine itself, if its kernel has rdma_rxe
                   kvm   QEMU with KVM
                   uml   user-mode Linux, if it was built (or FINEMEM_UML_KERNEL names one); one CPU
                   tcg   QEMU, pure emulation: works everywhere
                   auto  the first of these that works (default)
  --force          a guest even where the host itself has rdma_rxe
  --writable DIR   an existing directory that the guest may write; repeatable
  --memory M       memory of the guest, such as 512M or 4G (default 4G, at most three quarters of this machine's)
  --cpus N         virtual CPUs under QEMU (default 2)
  --timeout S      seconds after which the guest is ended (default 1800)
  --build-uml      builds the user-mode kernel first (about 8 minutes on 2 cores, once)

The exit status is COMMAND's; 124 after a timeout, 125 if the guest died, 2 for wrong usage, 1 for other failures.
Kernels are kept in ${FINEMEM_CACHE:-~/.cache/finemem}/guest.
HELP
}

guest_main() {
  GUEST_ENGINE=auto GUEST_FORCE=false GUEST_MEMORY='' GUEST_CPUS=2 GUEST_TIMEOUT=1800 GUEST_WRITABLE=()
  GUEST_COMMAND=()
  local build_uml=false
  guest_options "$@"
  if $build_uml; then
    uml_kernel_build
    ((${#GUEST_COMMAND[@]} > 0)) || return 0
  fi
  ((${#GUEST_COMMAND[@]} > 0)) || usage_error "guest: no command given; usage: ./finemem guest [OPTIONS] -- COMMAND"
  guest_run
}

guest_options() {
  while (($# > 0)); do
    case $1 in
      --help | -h) guest_help && exit 0 ;;
      --build-uml) build_uml=true ;;
      --force) GUEST_FORCE=true ;;
      --engine | --writable | --memory | --cpus | --timeout)
        (($# >= 2)) || usage_error "guest: $1 wants a value"
        guest_option "$1" "$2"
        shift
        ;;
      --*=*) guest_option "${1%%=*}" "${1#*=}" ;;
      --)
        shift
        GUEST_COMMAND=("$@")
        return
        ;;
      -*) usage_error "guest: unknown option $1 (./finemem guest --help lists them)" ;;
      *)
        GUEST_COMMAND=("$@")
        return
        ;;
    esac
    shift
  done
}

guest_option() {
  case $1 in
    --engine)
      [[ $2 =~ ^(auto|host|kvm|uml|tcg)$ ]] || usage_error "guest: unknown engine '$2': use auto, host, kvm, uml or tcg"
      GUEST_ENGINE=$2
      ;;
    --memory)
      [[ $2 =~ ^[1-9][0-9]*[MG]$ ]] || usage_error "guest: memory '$2' is not a size such as 512M or 4G"
      GUEST_MEMORY=$2
      ;;
    --cpus)
      [[ $2 =~ ^[1-9][0-9]?$ ]] || usage_error "guest: cpus '$2' is not a number from 1 to 99"
      GUEST_CPUS=$2
      ;;
    --timeout)
      [[ $2 =~ ^[1-9][0-9]{0,6}$ ]] || usage_error "guest: timeout '$2' is not a number of seconds"
      GUEST_TIMEOUT=$2
      ;;
    --writable)
      [[ -d $2 ]] || fail "guest: writable directory '$2' does not exist: create it first"
      [[ -w $2 && -x $2 ]] || fail "guest: directory '$2' is not writable by $(id -un)"
      GUEST_WRITABLE+=("$(cd -- "$2" && pwd -P)")
      ;;
    *) usage_error "guest: unknown option $1 (./finemem guest --help lists them)" ;;
  esac
}

# Tries the engines in order; one that dies before COMMAND has begun gives way to the next, unless it was asked for.
guest_run() {
  local engine rejected=()
  guest_default_memory
  for engine in $(engines_in_question); do
    if ! engine_usable "$engine"; then
      rejected+=("$engine: $ENGINE_PROBLEM")
      continue
    fi
    engine_announce "$engine" "${rejected[@]}"
    local status=0
    boot_guest "$engine" || status=$?
    [[ $GUEST_STARTED == false ]] || return "$status"
    rejected+=("$engine: did not boot")
  done
  local reasons
  reasons=$(printf '%s; ' "${rejected[@]}")
  fail "guest: no engine works here: ${reasons%; }"
}

guest_default_memory() {
  [[ -z $GUEST_MEMORY ]] || return 0
  local available
  available=$(awk '/^MemAvailable/ {print int($2 / 1024 * 3 / 4)}' /proc/meminfo)
  GUEST_MEMORY=$((available < 4096 ? available : 4096))M
}
