# shellcheck shell=bash disable=SC2034
# The tests that need an RDMA device: what they are made of, built on the host; and the device that --device names.

# Modules with tests for a device.
DEVICE_TEST_MODULES=(transport-verbs transport-rxe it)
# What a run needs is named in files here, so that a guest, which builds nothing, finds it.
DEVICE_TESTS=$FINEMEM_STATE/tests/device
RDMA_DEVICES=/sys/class/infiniband

# device_check NAME [GID_INDEX]: before anything is built.
device_check() {
  local device=$1 index=$2 devices
  devices=$({ find "$RDMA_DEVICES" -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null || true; } |
    sort | paste -sd, | sed 's/,/, /g')
  [[ -n $device ]] ||
    usage_error "test: --transport verbs wants --device NAME; RDMA devices of this machine: ${devices:-none}"
  [[ $device =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ && -d $RDMA_DEVICES/$device ]] ||
    fail "test: there is no RDMA device '$device' on this machine; there are: ${devices:-none}"
  [[ -z $index || -n $(find "$RDMA_DEVICES/$device/ports" -path "*/gids/$index" 2>/dev/null) ]] ||
    fail "test: device $device has no GID $index; show_gids or $RDMA_DEVICES/$device/ports/*/gids lists them"
}

# The class path of the tests as jars only, for the sake of the class-data archive; everything is made on the host.
device_tests_build() {
  local module class_path
  command_line_built || return 1
  if [[ -n ${FINEMEM_IN_GUEST:-} ]]; then
    device_tests_built
    return
  fi
  $TEST_CLASSES_BUILT || test_classes_build || return 1
  TEST_JARS=()
  for module in "${DEVICE_TEST_MODULES[@]}"; do test_jar "$module" || return 1; done
  class_path=$(device_class_path)
  mkdir -p "$DEVICE_TESTS"
  echo "$class_path" >"$DEVICE_TESTS/class-path"
  (IFS=: && echo "${TEST_JARS[*]}") >"$DEVICE_TESTS/test-jars"
  class_archive device-tests "$class_path" >"$DEVICE_TESTS/test-archive"
  class_archive runtime "$RUNTIME_CLASS_PATH" >"$DEVICE_TESTS/runtime-archive"
  device_tests_built
}

device_tests_built() {
  if [[ ! -f $DEVICE_TESTS/runtime-archive ]]; then
    LEG_PROBLEM='the tests are not built: run ./finemem test --build outside of the guest first'
    return 1
  fi
  export FINEMEM_CLASS_ARCHIVE
  FINEMEM_CLASS_ARCHIVE=$(<"$DEVICE_TESTS/runtime-archive")
}

test_classes_build() {
  local modules
  modules=$(IFS=, && echo "${DEVICE_TEST_MODULES[*]}")
  maven -DskipTests -Dspotless.check.skip=true -Dmdep.outputFile=target/test.classpath -pl "$modules" -am \
    package dependency:build-classpath && return
  maven_errors
  LEG_PROBLEM="the tests do not build, see $FINEMEM_STATE/maven.log"
  return 1
}

# test_jar MODULE: its test classes as a jar, touched only when they change; adds it to TEST_JARS.
test_jar() {
  local classes=$FINEMEM_ROOT/$1/target/test-classes jar=$FINEMEM_STATE/tests/$1-tests.jar
  [[ -d $classes ]] || return 0
  mkdir -p "$FINEMEM_STATE/tests"
  if [[ ! -f $jar || -n $(find "$classes" -newer "$jar" -print -quit) ]]; then
    "$JAVA_HOME/bin/jar" --create --file "$jar" -C "$classes" .
  fi
  TEST_JARS+=("$jar")
}

device_class_path() {
  local module
  {
    printf '%s\n' "${TEST_JARS[@]}"
    for module in "${DEVICE_TEST_MODULES[@]}"; do
      module_jar "$module"
      tr ':' '\n' <"$FINEMEM_ROOT/$module/target/test.classpath"
      echo
    done
  } | while read -r jar; do [[ ! -f $jar ]] || echo "$jar"; done | awk '!seen[$0]++' | paste -sd:
}

# device_leg TRANSPORT COMMAND...: COMMAND runs rxe-leg.sh, in a guest or here.
device_leg() {
  local status=0 quick='' unexplained results=$REPORTS/$1
  shift
  ! $TEST_QUICK || quick=quick
  mkdir -p "$results"
  in_child "$@" bash "$FINEMEM_ROOT/scripts/test/rxe-leg.sh" "$REPORTS" $quick || status=$?
  count_reports "$results"
  ((status == 0)) || LEG_PROBLEM="its tests or the demo failed (status $status), see $results"
  ((LEG_TESTS > LEG_SKIPPED)) || LEG_PROBLEM=${LEG_PROBLEM:-no test ran}
  unexplained=$(unexplained_skips "$results")
  if [[ ${CI:-} == true ]] && ((unexplained > 0)); then
    LEG_PROBLEM=${LEG_PROBLEM:-"$unexplained tests were skipped, which CI does not accept"}
  fi
}

# unexplained_skips DIRECTORY: a test may be skipped because the transport declares that it lacks a capability, for no
# other reason.
unexplained_skips() {
  find "$1" -name 'TEST-*.xml' -exec grep -h '<skipped' {} + |
    grep -cv ' are declared \| is declared ' || true
}

rxe_leg() {
  device_tests_build || return 0
  mkdir -p "$REPORTS/rxe"
  dist_program_archive "$REPORTS/rxe" >"$DEVICE_TESTS/program-archive"
  device_leg rxe guest_main --engine "$TEST_ENGINE" --timeout 1800 --writable "$REPORTS" --
}

# The same tests on a device of this machine.
verbs_leg() {
  device_tests_build || return 0
  device_leg verbs env FINEMEM_TEST_DEVICE="$TEST_DEVICE" FINEMEM_TEST_GID_INDEX="$TEST_GID_INDEX" FINEMEM_REQUIRE_RXE=1
}

# What is built outside of a guest is tested in it.
build_leg() {
  device_tests_build || return 0
  TEST_PASSED=$((TEST_PASSED + 1))
}
