# shellcheck shell=bash disable=SC2034
# Which JDKs will do, and the flags that FineMem's JVMs need: shared by the source tree and the installed program.

# java_usable DIRECTORY [PROGRAM]: a Java of at least 17 with the program (javac); sets JAVA_MAJOR.
java_usable() {
  [[ -x $1/bin/${2:-javac} && -f $1/release ]] || return 1
  JAVA_MAJOR=$(sed -n 's/^JAVA_VERSION="\(1\.\)\?\([0-9]*\).*/\2/p' "$1/release")
  [[ -n $JAVA_MAJOR ]] && ((JAVA_MAJOR >= 17))
}

# java_common_flags: one per line, for JAVA_MAJOR.
java_common_flags() {
  printf '%s\n' --add-exports java.base/sun.nio.ch=ALL-UNNAMED
  if ((JAVA_MAJOR >= 24)); then
    printf '%s\n' --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
      -Dguice_custom_class_loading=CHILD
  fi
}
