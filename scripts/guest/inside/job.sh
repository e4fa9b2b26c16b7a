#!/bin/bash
# Inside the guest, in its final root: the device, then the command. /run/finemem is shared with the host:
# command.sh (in), started, out, err, status (back).
shared=/run/finemem
# shellcheck disable=SC1091
source "$shared/command.sh"
if ! bash "$shared/rxe-up.sh"; then
  echo 'the soft-RoCE device did not come up'
  exit 1
fi
ulimit -l unlimited
echo started >"$shared/started"
sync

# Synchronous writes: the host shows them as they come. A relay ends when the last writer of its pipe has gone.
relay() { dd bs=64k oflag=sync status=none of="$shared/$1"; }

mkfifo /dev/shm/.out /dev/shm/.err
relay out </dev/shm/.out &
relays=($!)
relay err </dev/shm/.err &
relays+=($!)
exec 3>/dev/shm/.out 4>/dev/shm/.err
rm /dev/shm/.out /dev/shm/.err
[[ $GUEST_MERGE == false ]] || exec 4>&3

if [[ -n $GUEST_TERMINAL ]]; then
  printf -v quoted '%q ' "${GUEST_COMMAND[@]}"
  script -q -e -c "stty $GUEST_TERMINAL -onlcr; cd $(printf %q "$GUEST_DIRECTORY") && exec $quoted" /dev/null \
    </dev/null >&3 2>&4 3>&- 4>&-
else
  (cd -- "$GUEST_DIRECTORY" && exec "${GUEST_COMMAND[@]}") </dev/null >&3 2>&4 3>&- 4>&-
fi
status=$?
exec 3>&- 4>&-

# A background process that the command left behind may hold a pipe open: it gets two seconds.
for _ in {1..40}; do
  kill -0 "${relays[@]}" 2>/dev/null || break
  sleep 0.05
done
echo "$status" >"$shared/status"
sync
