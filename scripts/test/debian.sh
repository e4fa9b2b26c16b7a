# shellcheck shell=bash disable=SC2034
# A Debian 12 of its own for tests, from Debian's mirror; kept in the cache.

# debian_archive: sets DEBIAN_ARCHIVE, a tar of a minimal root file system.
debian_archive() {
  local root log
  require_tools 'a root file system of Debian' debootstrap=debootstrap
  cache_directory
  DEBIAN_ARCHIVE=$CACHE_DIRECTORY/debian-12.tar
  [[ ! -f $DEBIAN_ARCHIVE ]] || return 0
  say 'making a root file system of Debian 12 (debootstrap)'
  root=$(mktemp -d) log=$(mktemp)
  if ! debootstrap --variant=minbase bookworm "$root" >"$log" 2>&1; then
    tail -n 10 "$log" >&2
    rm -rf -- "$root" "$log"
    fail 'debootstrap failed: is its mirror of Debian reachable?'
  fi
  rm -rf -- "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$log"
  tar -C "$root" -cf "$DEBIAN_ARCHIVE.new" .
  mv -- "$DEBIAN_ARCHIVE.new" "$DEBIAN_ARCHIVE"
  rm -rf -- "$root"
}

# debian_overlay: whether layers can be mounted over each other here.
debian_overlay() {
  local directory status=0
  directory=$(mktemp -d)
  mkdir "$directory"/{lower,upper,work,merged}
  mount -t overlay -o "lowerdir=$directory/lower,upperdir=$directory/upper,workdir=$directory/work" overlay \
    "$directory/merged" 2>/dev/null || status=1
  ((status != 0)) || umount "$directory/merged"
  rm -rf -- "$directory"
  return "$status"
}
