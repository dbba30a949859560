#!/bin/sh
# Hold the digits model in C to its golden trace on a Cortex-M4, emulated, in 256 KB of flash and
# 32 KB of RAM.
#
#     qibu export digits --c FOLDER && tools/cortex_m4/run.sh FOLDER
#
# Needs Debian's gcc-arm-none-eabi, libnewlib-arm-none-eabi and qemu-system-arm.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: run.sh FOLDER, of qibu export digits --c FOLDER}
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

core='-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16'
link="-T $here/memory.ld -nostartfiles --specs=nano.specs --specs=rdimon.specs -Wl,--gc-sections"
# shellcheck disable=SC2086
arm-none-eabi-gcc $core -std=c99 -Os -Wall -Wextra -ffunction-sections -flto -o "$built/check.elf" \
    "$here/start.c" "$folder/check.c" "$folder/qibu.c" "$folder/graph.c" "$folder/graph_data.c" \
    $link -u _printf_float -u _scanf_float -lm -lrdimon
arm-none-eabi-size "$built/check.elf"
qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none \
    -semihosting-config enable=on,target=native -kernel "$built/check.elf" < "$folder/trace.txt"
