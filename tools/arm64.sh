#!/bin/sh
# Hold the Python runtime to the golden traces on 64-bit ARM, emulated on another machine.
#
#     tools/arm64.sh [FOLDER]     # default: a new temporary folder; 600 MB, some minutes
#
# CPU=… chooses the processor: cortex-a72 (a Raspberry Pi 4, the default) or another of QEMU's.
#
# Needs Debian's debootstrap and qemu-user-static. A Debian root for arm64 gives Python and its
# libraries, PyPI the aarch64 wheels of numpy and onnxruntime; nothing is installed on this machine.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
root=$folder/root
packages=$folder/packages
pip=${PIP:-$here/.venv/bin/pip}

if [ ! -e "$root/usr/bin/python3.11" ]; then
    # its second stage would run inside the root; unpacking is enough to run one program
    debootstrap --arch=arm64 --foreign --variant=minbase --include=python3 bookworm "$root"
    for package in "$root"/var/cache/apt/archives/*.deb; do
        dpkg-deb --extract "$package" "$root"
    done
    # onnxruntime reads here what the processor can do, and would find this machine's
    printf '%s\n' 'processor : 0' 'Features : fp asimd crc32 cpuid' 'CPU implementer : 0x41' \
        'CPU architecture: 8' 'CPU variant : 0x0' 'CPU part : 0xd08' 'CPU revision : 3' '' \
        > "$root/proc/cpuinfo"
fi

if [ ! -e "$packages" ]; then
    $pip download --quiet --dest "$folder/wheels" --only-binary :all: --python-version 3.11 \
        --implementation cp --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 \
        --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 numpy onnxruntime
    mkdir "$packages"
    for wheel in "$folder"/wheels/*.whl; do
        python3 -m zipfile -e "$wheel" "$packages"
    done
fi

arm() {
    PYTHONPATH=$packages:$here/runtime qemu-aarch64-static -cpu "${CPU:-cortex-a72}" -L "$root" \
        "$root/usr/bin/python3.11" "$@"
}

arm -c 'import platform, onnxruntime, numpy
print(platform.machine(), "emulated; Python", platform.python_version(), end="; ")
print("onnxruntime", onnxruntime.__version__, "numpy", numpy.__version__)'
models=$here/runtime/qibu/models
for trace in "$here"/tests/traces/*.json; do
    name=$(basename "$trace" .json)
    file=$models/$(echo "$name" | sed 's,^float-,float/,').onnx
    echo "$name: $(arm -m qibu trace "$file" --check "$trace")"
done
arm -m qibu poem --seed 7
