# shellcheck shell=bash
# A Docker engine with an image of Redis, for the tests that use Testcontainers. No registry is asked: the image is made of this
# machine's own redis-server. Needs Debian with apt and root; an engine that runs already is used as it is.

REDIS_IMAGE=finemem/redis:test

# redis_engine: sets up what is missing; idempotent. An engine that was started here ends with this shell.
redis_engine() {
  require_tools 'tests with Redis' redis-server=redis-server curl=curl ip=iproute2
  if ! engine_answers; then
    require_tools 'a Docker engine' dockerd=docker.io
    engine_answers || engine_start
  fi
  [[ $(engine_status "/images/$REDIS_IMAGE/json") == 200 ]] || engine_import
  export FINEMEM_REDIS_IMAGE=$REDIS_IMAGE
  # Testcontainers' helper image is in no registry either; the containers end with the tests.
  export TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true TESTCONTAINERS_HOST_OVERRIDE=localhost
}

engine_socket() {
  local host=${DOCKER_HOST:-unix:///var/run/docker.sock}
  printf '%s' "${host#unix://}"
}

# engine_call OPTION... PATH
engine_call() { curl -sS --max-time 60 --unix-socket "$(engine_socket)" "${@:1:$#-1}" "http://engine${*: -1}"; }

engine_status() { engine_call -o /dev/null -w '%{http_code}' "$1" 2>/dev/null || true; }

engine_answers() { [[ -S $(engine_socket) && $(engine_status /_ping) == 200 ]]; }

# Its files and its bridge are its own; published ports go through its proxy, so no packet filter is touched.
engine_start() {
  local directory bridge=finemem$((BASHPID % 100000)) i
  directory=$(mktemp -d)
  at_exit "engine_stop $(quote "$directory") $bridge"
  engine_cgroups
  as_root ip link add "$bridge" type bridge
  as_root ip address add "10.213.$((RANDOM % 256)).1/24" dev "$bridge"
  as_root ip link set "$bridge" up
  export DOCKER_HOST=unix://$directory/docker.sock
  as_root setsid dockerd --host "$DOCKER_HOST" --group "$(id -gn)" --data-root "$directory/data" \
    --exec-root "$directory/run" --pidfile "$directory/pid" --storage-driver "${ENGINE_STORAGE:-vfs}" --bridge "$bridge" \
    --iptables=false --ip6tables=false >"$directory/log" 2>&1 </dev/null 7>&- &
  for ((i = 0; i < 300; i++)); do
    ! engine_answers || return 0
    sleep 0.1
  done
  tail -n 15 "$directory/log" >&2
  fail 'dockerd does not answer after 30 s; where nested engines are not allowed, mount a socket and set DOCKER_HOST'
}

# Most machines and containers have them mounted; a bare chroot has not.
engine_cgroups() {
  [[ -n $(ls -A /sys/fs/cgroup 2>/dev/null) ]] || as_root mount -t cgroup2 none /sys/fs/cgroup ||
    fail 'a Docker engine needs cgroups: mount them at /sys/fs/cgroup'
}

engine_stop() {
  local directory=$1 bridge=$2 pid i
  pid=$(cat "$directory/pid" 2>/dev/null) || true
  if [[ -n $pid ]]; then
    as_root kill "$pid" 2>/dev/null || true
    for ((i = 0; i < 200; i++)); do
      as_root kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  as_root ip link delete "$bridge" 2>/dev/null || true
  # Left by containers on the host's network.
  ! mountpoint -q "$directory/run/netns/default" || as_root umount "$directory/run/netns/default"
  as_root rm -rf "$directory" || say "could not remove $directory"
}

# redis-server, its libraries, and a shell for whoever looks into the container.
engine_import() {
  local root program library status=0
  root=$(mktemp -d)
  mkdir -p "$root"/usr/bin "$root"/data
  ln -s usr/bin "$root/bin"
  for program in redis-server redis-cli sh; do
    program=$(command -v "$program")
    cp -L "$program" "$root/usr/bin/"
    while read -r library; do
      [[ -e $root$library ]] || cp --parents -L "$library" "$root"
    done < <(ldd "$program" | grep -o '/[^ ]*')
  done
  tar -C "$root" -c . | engine_call --fail -o /dev/null -X POST -H 'Content-Type: application/x-tar' --data-binary @- \
    "/images/create?fromSrc=-&repo=${REDIS_IMAGE%:*}&tag=${REDIS_IMAGE#*:}&changes=EXPOSE%206379&changes=WORKDIR%20/data" \
    || status=$?
  rm -rf "$root"
  ((status == 0)) || fail "could not import $REDIS_IMAGE"
}
