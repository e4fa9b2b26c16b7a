#!/usr/bin/env bash
# Every test tagged rxe in one JVM, then the demo: inside the guest, on its soft-RoCE device; or if FINEMEM_TEST_DEVICE names a
# device of this machine, on that one, by the transport verbs. usage: rxe-leg.sh REPORTS [quick]
set -euo pipefail

FINEMEM_ROOT=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=scripts/lib/common.sh
source "$FINEMEM_ROOT/scripts/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
source "$FINEMEM_ROOT/scripts/lib/java.sh"
built=$FINEMEM_ROOT/target/finemem/tests/device
transport=rxe properties=() excluded=() chosen=() demo=()
[[ ${FINEMEM_GUEST_ENGINE:-} != tcg ]] || demo=(--operations 300)
if [[ -n ${FINEMEM_TEST_DEVICE:-} ]]; then
  transport=verbs
  properties=(-Dfinemem.test.transport=verbs "-Dfinemem.test.device=$FINEMEM_TEST_DEVICE"
    "-Dfinemem.test.gid-index=${FINEMEM_TEST_GID_INDEX:-}")
  # Tests that make and remove devices.
  excluded=(--exclude-tag soft-roce)
  chosen=(--set "finemem.transport.verbs.device=$FINEMEM_TEST_DEVICE")
  [[ -z ${FINEMEM_TEST_GID_INDEX:-} ]] || chosen+=(--set "finemem.transport.verbs.gid-index=$FINEMEM_TEST_GID_INDEX")
fi
reports=$1/$transport

# shellcheck disable=SC2317
# A run that hangs prints its threads (QUIT) before it is killed.
run_tests() {
  local flags
  [[ ${1:-} != quick ]] || excluded+=(--exclude-tag slow)
  # Under emulation processes take long to start; below, the whole system's are killed.
  [[ ${FINEMEM_GUEST_ENGINE:-} != tcg ]] || excluded+=(--exclude-tag processes)
  mapfile -t flags < <(FINEMEM_CLASS_ARCHIVE=$(<"$built/test-archive") java_flags)
  timeout --signal=QUIT --kill-after=10 900 "$JAVA_HOME/bin/java" "${flags[@]}" -Xmx768m "${properties[@]}" \
    "-Dlogback.configurationFile=$FINEMEM_ROOT/scripts/test/logback.xml" "-Dfinemem.test.log=$reports/tests.log" \
    -cp "$(<"$built/class-path")" \
    org.junit.platform.console.ConsoleLauncher execute --scan-classpath "$(<"$built/test-jars")" \
    --include-engine junit-jupiter --include-classname '.*RxeTest' --include-tag rxe "${excluded[@]}" \
    --fail-if-no-tests --reports-dir "$reports" --details tree --disable-banner --disable-ansi-colors
}

timed() {
  local begun=$SECONDS name=$1 status=0
  shift
  "$@" || status=$?
  say "test: $name: $((SECONDS - begun)) s, status $status"
  return "$status"
}

java_find
status=0
timed "$transport tests" run_tests "${2:-}" || status=1
timed "$transport demo" timeout --kill-after=10 300 \
  "$FINEMEM_ROOT/finemem" demo --transport "$transport" "${chosen[@]}" "${demo[@]}" --json "$1/demo.json" || status=1
if [[ $transport != rxe && ${2:-} != quick ]]; then
  timed "$transport soak" timeout --kill-after=10 500 \
    "$FINEMEM_ROOT/finemem" soak-system --transport "$transport" "${chosen[@]}" --seconds 60 --service-every 4 || status=1
fi
# On the devices of the three machines, so after them.
if [[ $transport == rxe && ${2:-} != quick && ${FINEMEM_GUEST_ENGINE:-} == @(tcg|kvm|uml) ]]; then
  timed 'three machines' timeout --kill-after=10 600 \
    "$FINEMEM_ROOT/scripts/test/three-machines" "$(<"$built/program-archive")" || status=1
  timed 'whole system' timeout --kill-after=10 900 \
    "$FINEMEM_ROOT/scripts/test/system-soak" rxe --seconds 120 --every 1 --service-every 2 || status=1
fi
exit "$status"
