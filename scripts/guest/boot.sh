# shellcheck shell=bash disable=SC2034
# Starts a guest, shows its output as it comes, and ends it in every case: normally, at the time limit, by a signal.

GUEST_PASSED_VARIABLES=(PATH HOME USER LANG LC_ALL JAVA_HOME CI TERM)

# boot_guest ENGINE: the status of GUEST_COMMAND. GUEST_STARTED=false: the guest died before the command began.
boot_guest() {
  local engine=$1 status=0
  GUEST_STARTED=false
  if [[ $engine == host ]]; then
    GUEST_STARTED=true
    run_on_host
    return
  fi
  GUEST_RUN=$(plain_temporary_directory)
  at_exit guest_cleanup
  guest_write_control "$GUEST_RUN/control" "$engine"
  "start_$engine"
  guest_follow
  wait "$GUEST_PROCESS" || status=$?
  wait "${GUEST_FOLLOWERS[@]}" || true
  [[ ! -e $GUEST_RUN/control/started ]] || GUEST_STARTED=true
  guest_verdict "$engine" "$status" || status=$?
  guest_cleanup
  return "$status"
}

guest_cleanup() {
  if [[ -n ${GUEST_PROCESS:-} ]]; then
    kill -TERM "$GUEST_PROCESS" 2>/dev/null || true
    wait "$GUEST_PROCESS" 2>/dev/null || true
    # What the engine forked is in the process group that timeout(1) made.
    kill -KILL -- "-$GUEST_PROCESS" 2>/dev/null || true
    GUEST_PROCESS=''
  fi
  rm -rf -- "$GUEST_RUN"
}

# A device that is made here is taken away again.
run_on_host() {
  local status=0
  if host_rxe_device; then
    ulimit -l unlimited 2>/dev/null || true
    "${GUEST_COMMAND[@]}" </dev/null
    return
  fi
  require_tools 'soft-RoCE' ip=iproute2 rdma=iproute2
  at_exit 'rdma link delete rxe0; ip link delete roce-rxe0'
  bash "$FINEMEM_ROOT/scripts/guest/inside/rxe-up.sh" || fail "guest: this machine's rxe device does not come up"
  ulimit -l unlimited
  "${GUEST_COMMAND[@]}" </dev/null || status=$?
  return "$status"
}

# guest_write_control DIRECTORY ENGINE: what host and guest share.
guest_write_control() {
  local control=$1
  mkdir "$control"
  cp "$FINEMEM_ROOT"/scripts/guest/inside/* "$FINEMEM_ROOT/scripts/guest/uml/init" "$control"
  chmod 755 "$control/init"
  : >"$control/out"
  : >"$control/err"
  guest_mounts >"$control/mounts.sh"
  guest_command "$2" >"$control/command.sh"
}

# /tmp is fresh in the guest: what the job needs from below the host's /tmp is laid over it.
guest_mounts() {
  local entries index
  mapfile -d '' entries < <(guest_paths_below_tmp)
  for index in "${!entries[@]}"; do
    echo "expose $(quote "${entries[index]}") $index"
  done
  for index in "${!GUEST_WRITABLE[@]}"; do
    echo "share $(quote "${GUEST_WRITABLE[index]}") writable$index"
  done
}

# The entries of /tmp, each once, that lead to a directory of the job.
guest_paths_below_tmp() {
  local path entry
  for path in "$PWD" "$FINEMEM_ROOT" "${HOME:-/}" "${JAVA_HOME:-/}" "${FINEMEM_CACHE:-/}"; do
    path=$(realpath -m -- "$path")
    [[ $path == /tmp/* ]] || continue
    entry=${path#/tmp/}
    printf '/tmp/%s\0' "${entry%%/*}"
  done | sort -zu
}

# guest_command ENGINE: sourced in the guest.
guest_command() {
  local name
  for name in "${GUEST_PASSED_VARIABLES[@]}" "${!FINEMEM_@}"; do
    # The launcher's own state is not the command's environment.
    [[ -z ${!name+set} || $name == FINEMEM_ROOT ]] || printf 'export %s=%q\n' "$name" "${!name}"
  done
  echo "export FINEMEM_IN_GUEST=1 FINEMEM_GUEST_ENGINE=$1"
  printf 'GUEST_DIRECTORY=%q\n' "$PWD"
  printf 'GUEST_MERGE=%q\n' "$(guest_merge)"
  printf 'GUEST_TERMINAL=%q\n' "$(guest_terminal)"
  printf 'GUEST_COMMAND=('
  printf '%q ' "${GUEST_COMMAND[@]}"
  printf ')\n'
}

# Both outputs in one place (a terminal, a pipe): one stream in the guest as well, so that their order is kept.
guest_merge() { if [[ /proc/self/fd/7 -ef /proc/self/fd/2 ]]; then echo true; else echo false; fi; }

# Width and height for the guest's terminal, if there is one here.
guest_terminal() {
  local size
  [[ -t 7 ]] && size=$(stty size <&7 2>/dev/null) && echo "rows ${size% *} cols ${size#* }"
  return 0
}

start_kvm() { start_qemu -accel kvm -cpu host; }

start_tcg() { start_qemu -accel tcg,thread=multi -cpu max; }

start_qemu() {
  local arguments=("$@") shares=() index
  for index in "${!GUEST_WRITABLE[@]}"; do
    shares+=(-virtfs
      "local,path=${GUEST_WRITABLE[index]//,/,,},mount_tag=writable$index,security_model=none,multidevs=remap")
  done
  launch qemu-system-x86_64 -M q35 "${arguments[@]}" -smp "$GUEST_CPUS" -m "$GUEST_MEMORY" \
    -display none -nodefaults -no-reboot -monitor none -serial stdio \
    -kernel "$QEMU_IMAGE/vmlinuz" -initrd "$QEMU_IMAGE/initramfs.gz" \
    -append 'console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off' \
    -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
    -virtfs "local,path=$GUEST_RUN/control,mount_tag=control,security_model=none" "${shares[@]}"
}

start_uml() {
  local memory_file_directory=/dev/shm
  [[ -w $memory_file_directory ]] || memory_file_directory=/tmp
  mkdir "$GUEST_RUN/uml"
  TMPDIR=$memory_file_directory launch "$UML_KERNEL" "mem=$GUEST_MEMORY" rootfstype=hostfs rootflags=/ ro \
    "init=$GUEST_RUN/control/init" "shared=$GUEST_RUN/control" "uml_dir=$GUEST_RUN/uml/" umid=guest \
    con=null con0=null,fd:1 quiet
}

# launch ENGINE...: in a process group of its own (timeout makes it), gone when this shell is, however that dies.
launch() {
  setpriv --pdeathsig TERM timeout --kill-after=5 "$GUEST_TIMEOUT" "$@" </dev/null >"$GUEST_RUN/console.log" 2>&1 7>&- &
  GUEST_PROCESS=$!
}

guest_follow() {
  follow "$GUEST_RUN/control/out" >&7 &
  GUEST_FOLLOWERS=($!)
  follow "$GUEST_RUN/control/err" >&2 &
  GUEST_FOLLOWERS+=($!)
}

# Shows a growing file until the guest has ended; a reader that goes away (| head) ends it quietly.
follow() { exec setpriv --pdeathsig KILL tail -s 0.05 -c +1 -f --pid="$GUEST_PROCESS" "$1" 2>/dev/null; }

# guest_verdict ENGINE ENGINE_STATUS: the command's status, or what became of the guest.
guest_verdict() {
  local status
  if status=$(cat "$GUEST_RUN/control/status" 2>/dev/null) && [[ $status =~ ^[0-9]+$ ]]; then
    return "$status"
  fi
  if (($2 == 124 || $2 == 137)); then
    GUEST_STARTED=true
    say "guest: ended after the time limit of $GUEST_TIMEOUT s (--timeout)"
    return 124
  fi
  say "guest: the $1 guest died (status $2); the end of its console:"
  tail -n 20 "$GUEST_RUN/console.log" | tr -cd '[:print:]\n\t' | sed 's/^/  | /' >&2
  return 125
}
