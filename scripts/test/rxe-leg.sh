#!/usr/bin/env bash
# Inside the guest: every test tagged rxe in one JVM, then the demo. usage: rxe-leg.sh REPORTS [quick]
set -euo pipefail

FINEMEM_ROOT=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)
# shellcheck source=scripts/lib/common.sh
source "$FINEMEM_ROOT/scripts/lib/common.sh"
# shellcheck source=scripts/lib/java.sh
source "$FINEMEM_ROOT/scripts/lib/java.sh"
reports=$1/rxe

# shellcheck disable=SC2317
# A run that hangs prints its threads (QUIT) before it is killed.
run_tests() {
  local flags excluded=()
  [[ ${1:-} != quick ]] || excluded=(--exclude-tag slow)
  # Under emulation processes take long to start; below, the whole system's are killed.
  [[ ${FINEMEM_GUEST_ENGINE:-} != tcg ]] || excluded+=(--exclude-tag processes)
  mapfile -t flags < <(FINEMEM_CLASS_ARCHIVE=$(<"$reports/test-archive") java_flags)
  timeout --signal=QUIT --kill-after=10 900 "$JAVA_HOME/bin/java" "${flags[@]}" -Xmx768m \
    "-Dlogback.configurationFile=$FINEMEM_ROOT/scripts/test/logback.xml" "-Dfinemem.test.log=$reports/tests.log" \
    -cp "$(<"$reports/class-path")" \
    org.junit.platform.console.ConsoleLauncher execute --scan-classpath "$(<"$reports/test-jars")" \
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
timed 'rxe tests' run_tests "${2:-}" || status=1
timed 'rxe demo' timeout --kill-after=10 300 \
  "$FINEMEM_ROOT/finemem" demo --transport rxe --json "$1/demo.json" || status=1
# On the devices of the three machines, so after them.
if [[ ${2:-} != quick && ${FINEMEM_GUEST_ENGINE:-} == @(tcg|kvm|uml) ]]; then
  timed 'three machines' timeout --kill-after=10 400 \
    "$FINEMEM_ROOT/scripts/test/three-machines" "$(<"$reports/program-archive")" || status=1
  timed 'whole system' timeout --kill-after=10 900 \
    "$FINEMEM_ROOT/scripts/test/system-soak" rxe --seconds 120 --every 1 --service-every 2 || status=1
fi
exit "$status"
