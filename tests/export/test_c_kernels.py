"""The products in C that comes with every export, for all small sizes."""

import shutil
import subprocess
from pathlib import Path

import pytest

from qibu_export.targets.c.c_files import FOLDER

COMPILER = shutil.which("gcc") or shutil.which("cc")
# whole numbers, whose sums have no rounding: any order gives the same
PROGRAM = """
#include "kernels.h"
#include <stdio.h>

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

TEST(float)
TEST(double)

int main(void)
{
    printf("%d %d", wrong_float(), wrong_double());
    return 0;
}
"""


@pytest.mark.skipif(COMPILER is None, reason="needs a C compiler (Debian: gcc)")
@pytest.mark.parametrize("optimisation", ["-O0", "-O3"])
def test_products_of_all_small_sizes(optimisation: str, tmp_path: Path) -> None:
    (tmp_path / "products.c").write_text(PROGRAM, "utf-8")
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
    command = [str(COMPILER), *options, optimisation, f"-I{FOLDER}", "products.c", "-o", "products"]
    subprocess.run(command, cwd=tmp_path, check=True)
    done = subprocess.run([tmp_path / "products"], capture_output=True, text=True, check=True)
    assert done.stdout == "0 0"
