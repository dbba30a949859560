"""The products in C that comes with every export, for all small sizes, here and as WebAssembly."""

import shutil
import subprocess
from pathlib import Path

import pytest

from qibu_export.targets import wasm
from qibu_export.targets.c.c_files import FOLDER

COMPILER = shutil.which("gcc") or shutil.which("cc")
# whole numbers, whose sums have no rounding: any order gives the same
PROGRAM = """
#include "kernels.h"

#define MOST 21
#define TEST(type)                                                          \\
    static int wrong_##type(void)                                           \\
    {                                                                       \\
        static type x[MOST], w[MOST * MOST], row[MOST + 1], turned[MOST * MOST]; \\
        int wrong = 0;                                                      \\
        for (int inputs = 1; inputs <= MOST; inputs++)                      \\
            for (int outputs = 1; outputs <= MOST; outputs++) {             \\
                for (int i = 0; i < inputs; i++)                            \\
                    x[i] = (type)(i * 7 % 11 - 5);                          \\
                for (int i = 0; i < inputs; i++)                            \\
                    for (int j = 0; j < outputs; j++)                       \\
                        turned[j * inputs + i] = w[i * outputs + j] =       \\
                            (type)((i * 5 + j * 3) % 13 - 6);               \\
                row[outputs] = 99;                                          \\
                qibu_row_##type(x, w, row, inputs, outputs);                \\
                wrong += row[outputs] != 99;                                \\
                for (int j = 0; j < outputs; j++) {                         \\
                    type sum = 0;                                           \\
                    for (int i = 0; i < inputs; i++)                        \\
                        sum += x[i] * w[i * outputs + j];                   \\
                    wrong += row[j] != sum;                                 \\
                    wrong += qibu_dot_##type(x, &turned[j * inputs], inputs) != sum; \\
                }                                                           \\
            }                                                               \\
        return wrong;                                                       \\
    }

#define TEST_WHOLE(type, least)                                             \\
    static int wrong_##type(void)                                           \\
    {                                                                       \\
        static int16_t x[MOST];                                             \\
        static type w[MOST * MOST];                                         \\
        static int32_t sums[MOST + 1];                                      \\
        int wrong = 0;                                                      \\
        for (int size = 1; size <= MOST; size++)                            \\
            for (int rows = 1; rows <= MOST; rows++) {                      \\
                for (int i = 0; i < size; i++)                              \\
                    x[i] = (int16_t)(i * 97 % 511 - 255);                   \\
                for (int i = 0; i < rows * size; i++)                       \\
                    w[i] = (type)(least + i * 89 % 256);                    \\
                sums[rows] = 99;                                            \\
                qibu_whole_##type(w, x, sums, size, rows);                  \\
                wrong += sums[rows] != 99;                                  \\
                for (int row = 0; row < rows; row++) {                      \\
                    int32_t sum = 0;                                        \\
                    for (int i = 0; i < size; i++)                          \\
                        sum += w[row * size + i] * x[i];                    \\
                    wrong += sums[row] != sum;                              \\
                }                                                           \\
            }                                                               \\
        return wrong;                                                       \\
    }

TEST(float)
TEST(double)
TEST_WHOLE(int8_t, -128)
TEST_WHOLE(uint8_t, 0)

int wrong(void)
{
    return wrong_float() + wrong_double() + wrong_int8_t() + wrong_uint8_t();
}
"""
MAIN = """
#include <stdio.h>

int main(void)
{
    printf("%d", wrong());
    return 0;
}
"""
NODE = """
const file = require("fs").readFileSync(process.argv[1]);
console.log(new WebAssembly.Instance(new WebAssembly.Module(file), {}).exports.wrong());
"""


@pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (Debian: gcc)")
@pytest.mark.parametrize("optimisation", ["-O0", "-O3"])
def test_products_of_all_small_sizes(optimisation: str, tmp_path: Path) -> None:
    (tmp_path / "products.c").write_text(PROGRAM + MAIN, "utf-8")
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
    command = [str(COMPILER), *options, optimisation, f"-I{FOLDER}", "products.c", "-o", "products"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run(
        [tmp_path / "products"], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "0"


@pytest.mark.skipif(not wasm.is_possible(), reason=f"needs {wasm.PACKAGES}")
def test_products_of_all_small_sizes_in_webassembly(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs Node.js")
    (tmp_path / "products.c").write_text(PROGRAM, "utf-8")
    done = wasm.clang(tmp_path, [f"-I{FOLDER}", "products.c"], ["wrong"], stack=0)
    assert done.returncode == 0, done.stderr
    command = [node, "--eval", NODE, str(tmp_path / wasm.COMPILED)]
    assert (
        subprocess.run(command, capture_output=True, encoding="utf-8", check=True).stdout == "0\n"
    )
