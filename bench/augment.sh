#!/bin/sh
# Augmentation beside Pillow and torchvision, pinned to one core each, by turns: images (of two views)
# a second of processor time, and the ratio of medians.
#
#   bench/augment.sh [METHOD [ROUNDS [IMAGES]]]
#
# METHOD is simclr (the default), byol, dino or mae; IMAGES a folder of JPEGs, of which 500 x 375 are
# made: by default ../shared/data/coco-mini. Needs a built isoflop (target/isoflop.jar and target/lib)
# and a Python with torchvision; PYTHON and JAVA name others than those on the path.
set -eu
cd "$(dirname "$0")/.."
method=${1:-simclr}
rounds=${2:-3}
source=${3:-../shared/data/coco-mini}
python=${PYTHON:-python3}
java=${JAVA:-java}
classpath=${CLASSPATH:-'target/isoflop.jar:target/lib/*'}
images=$(mktemp -d)
trap 'rm -rf "$images"' EXIT
export OMP_WAIT_POLICY=passive OMP_NUM_THREADS=1

run_java() {
    taskset -c 0 "$java" --enable-native-access=ALL-UNNAMED -Dorg.bytedeco.javacpp.maxphysicalbytes=0 \
        -cp "$classpath" bench/Augment.java "$images" "$@"
}

run_python() {
    taskset -c 0 "$python" bench/augment_torchvision.py "$images" "$@"
}

run_python make "$source"
echo "$(ls "$images" | wc -l) JPEG images of 500 x 375, $(($(cat "$images"/*.jpg | wc -c) / $(ls "$images" | wc -l))) bytes each on average; $method"
for from in pixels jpeg; do
    for _ in $(seq "$rounds"); do
        echo "$(run_java "$method" "$from") $(run_python "$method" "$from" pillow) $(run_python "$method" "$from" torchvision)"
    done | awk -v from="$from" '
        function median(list, n,   i, j, t) {
            for (i = 1; i <= n; i++) for (j = i + 1; j <= n; j++)
                if (list[j] < list[i]) { t = list[i]; list[i] = list[j]; list[j] = t }
            return n % 2 ? list[(n + 1) / 2] : (list[n / 2] + list[n / 2 + 1]) / 2
        }
        { printf "from %-6s isoflop %7.1f images/s/core   torchvision with Pillow'"'"'s blur %6.1f   with its own %6.1f\n", from, $1, $2, $3
          ours[NR] = $1; pillow[NR] = $2; own[NR] = $3 }
        END { m = median(ours, NR); p = median(pillow, NR); o = median(own, NR)
              printf "from %-6s medians %7.1f, %.1f, %.1f: ratio %.2f with Pillow'"'"'s blur, %.2f with its own\n", from, m, p, o, m / p, m / o }'
done
