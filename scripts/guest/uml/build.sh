#!/usr/bin/env bash
# Makes WORKDIR/image/linux: user-mode Linux with soft-RoCE, from Debian's linux-source-6.1. usage: build.sh WORKDIR
set -euo pipefail
here=$(cd -- "$(dirname -- "$0")" && pwd)

build() {
  tar xf /usr/src/linux-source-6.1.tar.xz
  cd linux-source-6.1
  patch -p1 <"$here/rxe-guest.patch"
  export ARCH=um
  make defconfig
  ./scripts/kconfig/merge_config.sh -m .config "$here/config.fragment"
  make olddefconfig
  grep -x 'CONFIG_RDMA_RXE=y' .config
  make -j"$(nproc)" linux
  mkdir ../image
  strip -o ../image/linux linux
  make -s kernelrelease >../image/version
}

cd -- "$1"
log=$PWD/build.log
# Not "build || ...": in a condition, a failing command would not end it.
trap '[[ -f $log.done ]] || { grep -i -m3 "error" "$log" || tail -n 5 "$log"; } >&2' EXIT
build >"$log" 2>&1
touch "$log.done"
