# shellcheck shell=bash
# A Docker engine with an image of Redis, for the tests that use Testcontainers. No registry is asked: the image is made of this
# machine's own redis-server. Needs Debian with apt and root; an engine that runs already is used as it is.

REDIS_IMAGE=finemem/redis:test

# redis_engine: sets up what is missing; idempotent. An engine that was started here ends with this shell.
redis_engine() {
  require_tools 'tests with Redis' redis-server=redis-server redis-cli=redis-server
  if ! engine_answers; then
    require_tools 'a Docker engine' dockerd=docker.io containerd=containerd runc=runc
    engine_start
  fi
  [[ $(engine_get "/images/$REDIS_IMAGE/json") == 200 ]] || engine_import
  export FINEMEM_REDIS_IMAGE=$REDIS_IMAGE
  # Testcontainers' own helper image is in no registry either; containers are named after the test and end with it.
  export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true TESTCONTAINERS_HOST_OVERRIDE=localhost
}

engine_socket() { printf '%s' "${DOCKER_HOST:-unix:///var/run/docker.sock}" | sed 's,^unix://,,'; }

# engine_get PATH: the status of the answer.
engine_get() {
  as_root curl -s -o /dev/null -w '%{http_code}' --max-time 5 --unix-socket "$(engine_socket)" "http://engine$1" || true
}

engine_answers() {
  require_tools 'talking to a Docker engine' curl=curl
  [[ -S $(engine_socket) && $(engine_get /_ping) == 200 ]]
}

# Its files lie in a directory of its own, and its network needs no packet filter: published ports go through its proxy.
engine_start() {
  local directory log i
  directory=$(mktemp -d)
  log=$directory/log
  export DOCKER_HOST=unix://$directory/docker.sock
  at_exit "engine_stop $(quote "$directory")"
  engine_cgroups
  say "starting a Docker engine below $directory"
  as_root setsid dockerd --host "$DOCKER_HOST" --data-root "$directory/data" --exec-root "$directory/run" \
    --pidfile "$directory/pid" --storage-driver vfs --iptables=false --ip6tables=false >"$log" 2>&1 </dev/null 7>&- &
  for ((i = 0; i < 300; i++)); do
    ! engine_answers || return 0
    sleep 0.1
  done
  tail -n 15 "$log" >&2
  fail 'dockerd does not answer after 30 s'
}

# A container that runs this has cgroups mounted, most often; a bare chroot has not.
engine_cgroups() {
  [[ ! -d /sys/fs/cgroup ]] || [[ -n $(ls -A /sys/fs/cgroup) ]] && return
  as_root mount -t cgroup2 none /sys/fs/cgroup || fail 'a Docker engine needs cgroups: mount them at /sys/fs/cgroup'
}

engine_stop() {
  local directory=$1 pid i
  pid=$(cat "$directory/pid" 2>/dev/null) || true
  if [[ -n $pid ]]; then
    as_root kill "$pid" 2>/dev/null || true
    for ((i = 0; i < 200; i++)); do
      as_root kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  as_root rm -rf "$directory" || say "could not remove $directory"
}

# redis-server, its libraries and a shell, which Testcontainers runs commands with.
engine_import() {
  local root program library
  root=$(mktemp -d)
  mkdir -p "$root/bin" "$root/tmp" "$root/data"
  chmod 1777 "$root/tmp"
  for program in redis-server redis-cli sh; do
    program=$(command -v "$program")
    cp --parents -L "$program" "$root"
    while read -r library; do
      [[ -e $root$library ]] || cp --parents -L "$library" "$root"
    done < <(ldd "$program" | grep -o '/[^ ]*')
  done
  tar -C "$root" -c . | as_root curl -sS --fail --max-time 60 --unix-socket "$(engine_socket)" -T - -o /dev/null -X POST \
    "http://engine/images/create?fromSrc=-&repo=${REDIS_IMAGE%:*}&tag=${REDIS_IMAGE#*:}&changes=EXPOSE%206379&changes=WORKDIR%20/data" \
    || fail "could not import $REDIS_IMAGE"
  rm -rf "$root"
}
