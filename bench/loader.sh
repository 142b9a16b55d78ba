#!/bin/sh
# The loader beside Pillow, pinned to one core each, by turns: images a second of processor time, and
# their ratio.
#
#   bench/loader.sh [ROUNDS]
#
# Needs a built isoflop (target/isoflop.jar and target/lib) and a Python with Pillow and numpy; PYTHON
# and JAVA name others than those on the path.
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-3}
python=${PYTHON:-python3}
java=${JAVA:-java}
classpath=${CLASSPATH:-'target/isoflop.jar:target/lib/*'}
images=$(mktemp -d)
trap 'rm -rf "$images"' EXIT
export OMP_WAIT_POLICY=passive

run_java() {
    taskset -c 0 "$java" --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.javacpp.maxphysicalbytes=0 \
        -cp "$classpath" bench/Loader.java "$images" "$@"
}

run_java make
echo "200 JPEG images of 500 x 375, $(($(cat "$images"/*.jpg | wc -c) / 200)) bytes each on average"
for _ in $(seq "$rounds"); do
    ours=$(run_java)
    theirs=$(taskset -c 0 "$python" bench/loader_pillow.py "$images")
    echo "$ours $theirs"
done | awk '
    { printf "isoflop %7.1f images/s/core   Pillow %7.1f   ratio %.2f\n", $1, $2, $1 / $2
      ours += $1; theirs += $2 }
    END { printf "mean    %7.1f images/s/core   Pillow %7.1f   ratio %.2f\n", ours / NR, theirs / NR, ours / theirs }'
