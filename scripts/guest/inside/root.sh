# shellcheck shell=sh
# Sourced by both first processes (busybox and bash): the host's file system under a layer in memory, then the job.
# In: host, ram, control, and writable PATH TAG, which mounts a host directory over $new/PATH.
# shellcheck disable=SC1091,SC2034,SC2154

control=${control:-/control}
new=$ram/new

# layer NAME LOWER TARGET: LOWER read-only below memory. Bind mounts keep odd characters out of overlay's options.
layer() {
  mkdir -p "$ram/$1/lower" "$ram/$1/upper" "$ram/$1/work" "$3"
  mount -o bind "$2" "$ram/$1/lower"
  mount -t overlay -o "lowerdir=$ram/$1/lower,upperdir=$ram/$1/upper,workdir=$ram/$1/work" overlay "$3"
}

# A mount that fails is remembered: the job does not begin.
failed=''

expose() { layer "exposed$2" "$host$1" "$new$1" || failed="$failed $1"; }

share() {
  mkdir -p "$new$1"
  writable "$1" "$2" || failed="$failed $1"
}

layer root "$host" "$new"
mount -t proc proc "$new/proc"
mount -t sysfs sys "$new/sys"
mount -t devtmpfs dev "$new/dev"
mkdir -p "$new/dev/shm" "$new/dev/pts" "$new/run/finemem"
mount -t tmpfs tmpfs "$new/dev/shm"
mount -t devpts devpts "$new/dev/pts"
mount -t tmpfs -o mode=1777 tmpfs "$new/tmp"
ln -sf /proc/self/fd "$new/dev/fd"
mount -o bind "$control" "$new/run/finemem"
. "$control/mounts.sh"
[ -z "$failed" ] || echo "cannot mount in the guest:$failed"
[ -n "$failed" ] || chroot "$new" /usr/bin/env -i /bin/bash /run/finemem/job.sh
