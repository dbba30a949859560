"""What a page shows and a test does not run, or not to its end; each with its reason.

Commands are named by how they begin. An entry that no page needs any more fails a test.
"""

from collections.abc import Mapping

NOT_RUN: Mapping[str, str] = {
    "make run": "makes an environment, then runs `qibu poem`, which the next line does too",
    "make install": "makes an environment; continuous integration does, by `make test`",
    "qibu fetch poems --song": "fetches 135 MB",
    "make npm": "packs the tree in its place; tests/web/test_package.py does",
    "npm install ./dist/": "installs what `make npm` packs; tests/web/test_package.py does",
    "pip install ": "takes the package from an index; the tests are of this tree",
    "tools/arm64.sh": "installs an emulator and runs in it for minutes",
    "qibu export digits --c digits && tools/cortex_m4/run.sh": "needs a cross compiler and QEMU",
    "./build.sh ": "builds onnxruntime, which takes hours",
}

NOT_RUN_LANGUAGES: Mapping[str, str] = {
    "ts": "Node runs no types; tests/web/test_package.py compiles such a program and runs it",
}

# these are read, begin, and then miss what they say: data of many megabytes, then minutes or hours
MISSES: Mapping[str, str] = {
    "qibu train text --from english.txt --out runs/english ": "already holds a run",
    "qibu train text ": "--from",
    "qibu train poem ": "qibu fetch ",
    "qibu train digits --cell ": "qibu fetch ",
}

# programs that not every machine has, by what a command says that needs them
PROGRAMS: Mapping[str, str] = {
    "--c ": "cc",
    "make -C": "make",
    "cc -std": "cc",
    "--web ": "npm",
    "digits --web ": "wasm-ld",
    "novel.onnx --web ": "wasm-ld",
}
