# shellcheck shell=bash
# ./finemem test: every module's tests on this machine, then those tagged rxe, and the demo, in one guest.

# shellcheck source=scripts/test/device.sh
source "$FINEMEM_ROOT/scripts/test/device.sh"
TEST_SUMMARY=()

test_help() {
  cat <<'HELP'
usage: ./finemem test [--transport shm|rxe|all] [--quick] [--engine E]
       ./finemem test --transport verbs --device NAME [--gid-index N] [--quick]
       ./finemem test --build

Host leg: mvn verify, with every test that needs no RDMA device; the directory's on Redis in a container where a Docker engine runs or
CI=true, which starts one; then two minutes of the whole system under faults. rxe leg: in one guest, every test tagged rxe, then the
demo and the whole system over soft-RoCE. verbs leg: the same tests on an RDMA device of this machine, without a guest. Sets up what
is missing: packages (apt), the guest's kernel.

  --transport T   shm: the host leg; rxe: the rxe leg; all: both (default); verbs: the verbs leg
  --device NAME   of the verbs leg: as in /sys/class/infiniband, such as mlx5_0; needs access to /dev/infiniband and
                  ulimit -l unlimited
  --gid-index N   of the verbs leg: GID of the device (default: the one that reaches farthest)
  --build         builds what the legs with a device need and runs nothing: ./finemem test in a guest builds nothing
  --quick         without the tests tagged slow
  --engine E      the guest's engine (./finemem guest --help); default: the best that works

Reports: target/finemem/reports. The last line is "N passed, N failed, N skipped"; the exit status is 1 if any failed.
With CI=true a test of the rxe or verbs leg that is skipped, but for a capability declared absent, is a failure.
HELP
}

test_main() {
  TEST_TRANSPORT=all TEST_ENGINE=auto TEST_QUICK=false TEST_BUILD=false TEST_DEVICE='' TEST_GID_INDEX=''
  test_options "$@"
  if [[ $TEST_TRANSPORT == verbs ]]; then
    device_check "$TEST_DEVICE" "$TEST_GID_INDEX"
  elif [[ -n $TEST_DEVICE$TEST_GID_INDEX ]]; then
    usage_error 'test: --device and --gid-index are for --transport verbs'
  fi
  TEST_PASSED=0 TEST_FAILED=0 TEST_SKIPPED=0
  REPORTS=$FINEMEM_STATE/reports
  rm -rf -- "$REPORTS"
  mkdir -p "$REPORTS"
  java_find
  # The program kill: tests stop and kill processes. libibverbs: tests load it on the host, too.
  require_tools 'the tests' mvn=maven /usr/bin/kill=procps redis-server=redis-server openssl=openssl "${RDMA_TOOLS[@]}"
  TEST_CLASSES_BUILT=false
  if $TEST_BUILD; then
    leg 'build' build_leg
  elif [[ $TEST_TRANSPORT == verbs ]]; then
    leg "verbs: $TEST_DEVICE" verbs_leg
  else
    test_legs
  fi
  test_summary
}

test_legs() {
  if [[ $TEST_TRANSPORT != rxe ]]; then
    # An engine that is there is used; where everything must run, one is started.
    if [[ ${CI:-} == true ]] || engine_answers; then redis_engine; fi
    leg 'host: mvn verify' host_leg
    leg 'host: scripts' script_leg host
  fi
  if [[ $TEST_TRANSPORT != rxe ]]; then
    leg 'host: documents' documents_leg
    $TEST_QUICK || leg 'host: whole system' system_leg
  fi
  if [[ $TEST_TRANSPORT != shm ]]; then
    leg 'rxe: tests and demo' rxe_leg
    leg 'rxe: guest scripts' script_leg guest "$TEST_ENGINE"
  fi
}

test_options() {
  while (($# > 0)); do
    case $1 in
      --help | -h) test_help && exit 0 ;;
      --quick) TEST_QUICK=true ;;
      --build) TEST_BUILD=true ;;
      --transport | --engine | --device | --gid-index)
        (($# >= 2)) || usage_error "test: $1 wants a value"
        test_option "$1" "$2"
        shift
        ;;
      --transport=* | --engine=* | --device=* | --gid-index=*) test_option "${1%%=*}" "${1#*=}" ;;
      *) usage_error "test: unknown argument '$1' (./finemem test --help)" ;;
    esac
    shift
  done
}

test_option() {
  case $1=$2 in
    --transport=shm | --transport=rxe | --transport=all | --transport=verbs) TEST_TRANSPORT=$2 ;;
    --device=*) TEST_DEVICE=$2 ;;
    --gid-index=*)
      [[ $2 =~ ^[0-9]{1,3}$ ]] || usage_error "test: --gid-index '$2' is not a number from 0 to 255"
      TEST_GID_INDEX=$2
      ;;
    --engine=auto | --engine=host | --engine=kvm | --engine=uml | --engine=tcg) TEST_ENGINE=$2 ;;
    --transport=*) usage_error "test: unknown transport '$2': use shm, rxe, verbs or all" ;;
    *) usage_error "test: unknown engine '$2': use auto, host, kvm, uml or tcg" ;;
  esac
}

# leg NAME FUNCTION [ARGUMENT...]: the function sets LEG_PROBLEM if the leg did not do its work,
# beyond what its reports tell.
leg() {
  local name=$1 begun=$SECONDS failed=$TEST_FAILED passed=$TEST_PASSED skipped=$TEST_SKIPPED line
  LEG_PROBLEM=''
  say "test: $name"
  "${@:2}"
  if [[ -n $LEG_PROBLEM ]]; then
    say "test: $name: $LEG_PROBLEM"
    ((TEST_FAILED > failed)) || TEST_FAILED=$((TEST_FAILED + 1))
  fi
  printf -v line '%-22s %5d s  %5d passed  %3d failed  %3d skipped  %s' "$name" $((SECONDS - begun)) \
    $((TEST_PASSED - passed)) $((TEST_FAILED - failed)) $((TEST_SKIPPED - skipped)) "$LEG_PROBLEM"
  TEST_SUMMARY+=("$line")
}

test_summary() {
  echo
  printf '%s\n' "${TEST_SUMMARY[@]}"
  echo "$TEST_PASSED passed, $TEST_FAILED failed, $TEST_SKIPPED skipped"
  ((TEST_FAILED == 0))
}

# count_reports DIRECTORY...: adds JUnit's XML reports to the totals; LEG_TESTS and LEG_SKIPPED are those of this call.
count_reports() {
  local counts failed
  counts=$(find "$@" -name 'TEST-*.xml' -exec awk -v RS='<testsuite ' '
    function value(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3) + 0 : 0 }
    FNR > 1 {
      $0 = " " substr($0, 1, index($0, ">"))
      tests += value("tests"); skipped += value("skipped"); failed += value("failures") + value("errors")
    }
    END { print tests + 0, failed + 0, skipped + 0 }' {} + 2>/dev/null) || true
  read -r LEG_TESTS failed LEG_SKIPPED <<<"${counts:-0 0 0}"
  TEST_PASSED=$((TEST_PASSED + LEG_TESTS - failed - LEG_SKIPPED))
  TEST_FAILED=$((TEST_FAILED + failed))
  TEST_SKIPPED=$((TEST_SKIPPED + LEG_SKIPPED))
}

host_leg() {
  local excluded=rxe
  ! $TEST_QUICK || excluded='rxe | slow'
  rm -rf -- "$FINEMEM_ROOT"/*/target/{surefire,failsafe}-reports
  if maven_shown -fae "-DexcludedGroups=$excluded" -Dmdep.outputFile=target/test.classpath verify \
    dependency:build-classpath; then
    TEST_CLASSES_BUILT=true
  else
    LEG_PROBLEM="Maven failed, see $FINEMEM_STATE/verify.log"
  fi
  count_reports "$FINEMEM_ROOT"/*/target/{surefire,failsafe}-reports
  ((LEG_TESTS > 0)) || LEG_PROBLEM=${LEG_PROBLEM:-no test ran}
}

# maven_shown ARGUMENT...: Maven with one line per test class and every error; the rest is in verify.log.
maven_shown() {
  mkdir -p "$FINEMEM_STATE"
  (cd "$FINEMEM_ROOT" && mvn -B -ntp -Dstyle.color=never "$@" 2>&1) </dev/null | tee "$FINEMEM_STATE/verify.log" |
    { grep --line-buffered -E 'Tests run:.* in |^\[ERROR\]|^\[INFO\] Building .*\[' || true; } |
    sed -u -e '/\[Help\|Maven\|mvn <args>\|^\[ERROR\] *$/d' -e 's/^\[INFO\] //' \
      -e 's/ *\[\([0-9]*\/[0-9]*\)\]$/ (\1)/' >&7
  return "${PIPESTATUS[0]}"
}

# script_leg KIND [ENGINE]: lines "ok" and "not ok".
script_leg() {
  local results=$REPORTS/scripts-$1.txt passed failed
  command_line_built || return 0
  bash "$FINEMEM_ROOT/scripts/test/scripts-test.sh" "$@" 7>&- | tee "$results"
  passed=$(grep -c '^ok ' "$results") || true
  failed=$(grep -c '^not ok ' "$results") || true
  TEST_PASSED=$((TEST_PASSED + passed)) TEST_FAILED=$((TEST_FAILED + failed))
  ((failed == 0)) || LEG_PROBLEM="see $results"
  ((passed > 0)) || LEG_PROBLEM='no script test ran'
}

# The quickstart that needs one machine, as it stands.
documents_leg() {
  local results=$REPORTS/documents.txt
  command_line_built || return 0
  if "$FINEMEM_ROOT/scripts/test/document" "$FINEMEM_ROOT/docs/quickstart-laptop.md" >"$results" 2>&1 7>&-; then
    TEST_PASSED=$((TEST_PASSED + 1))
  else
    tail -n 20 "$results" >&2
    TEST_FAILED=$((TEST_FAILED + 1)) LEG_PROBLEM="see $results"
  fi
}

# Every fault that is possible here, in two minutes.
system_leg() {
  local results=$REPORTS/system.txt
  command_line_built || return 0
  if timeout --kill-after=10 500 "$FINEMEM_ROOT/scripts/test/system-soak" shm \
    --seconds 120 --every 2 --service-every 2 --lease 5 >"$results" 2>&1 7>&-; then
    TEST_PASSED=$((TEST_PASSED + 1))
    tail -n 16 "$results" >&7
  else
    tail -n 60 "$results" >&2
    TEST_FAILED=$((TEST_FAILED + 1)) LEG_PROBLEM="see $results"
  fi
}

# A build that fails ends its leg, not the whole run.
command_line_built() {
  if (runtime_build); then
    runtime_build
  else
    LEG_PROBLEM='the build failed'
    return 1
  fi
}
