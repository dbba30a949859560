"""Write the tables of the last `make bench` into both READMEs, between two marks.

python benchmarks/table.py            # rewrites README.md and README.zh-CN.md
python benchmarks/table.py --check    # exit code 1 where they differ from benchmarks/results/
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from report import RESULTS, markdown

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- made by benchmarks/table.py -->\n", "<!-- end -->"
LANGUAGES = {"README.md": "en", "README.zh-CN.md": "zh"}

# the result, and what stands above its table
QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "character": {
        "en": "One character of a poem, batch 1, one thread, the same weights and the same "
        "sampling everywhere",
        "zh": "写一个字：批量 1，单线程，权重与采样处处相同",
    },
    "step": {
        "en": "A step of a stranger's GRU, 12 inputs and 64 units, one thread",
        "zh": "自备 GRU（12 个输入、64 个单元）走一步，单线程",
    },
    "batch": {
        "en": "Several poems at once, one thread",
        "zh": "同时写几首诗，单线程",
    },
    "verse": {
        "en": "What the rules of verse cost at each character of a 七律",
        "zh": "格律规则在七律每个字上的代价",
    },
    "hidden": {
        "en": "One step of two int8 layers by hidden size, sampler included",
        "zh": "两层 int8 网络走一步所需时间与隐藏层大小的关系，含采样",
    },
    "digits": {
        "en": "A row of a handwritten digit, and a picture of 28",
        "zh": "手写数字：一行，以及 28 行的整幅图",
    },
    "browser": {
        "en": "A character of a 七律 in a browser, beside Python",
        "zh": "浏览器中写七律的一个字，与 Python 比较",
    },
    "cold_start": {
        "en": "From the start of the process to the first character",
        "zh": "从进程启动到第一个字",
    },
    "demo_start": {
        "en": "From the start of `qibu demo` to its first page",
        "zh": "从启动 `qibu demo` 到首页",
    },
    "demo_people": {
        "en": "The demo with many people: 1,000 poems by ten at a time, then 32 people at once",
        "zh": "多人使用演示：每次十人共写 1,000 首，然后 32 人同时",
    },
    "edge": {
        "en": "A step in C beside Python's, everything included",
        "zh": "C 与 Python 走一步所需时间，全部计入",
    },
    "c_step": {
        "en": "A step in C, built for any processor, beside onnxruntime's own",
        "zh": "C（面向任何处理器编译）与 onnxruntime 走一步所需时间",
    },
    "gpu": {
        "en": "A GPU beside one core of the CPU",
        "zh": "GPU 与一个 CPU 核心的比较",
    },
}
# longer ones first, since they are replaced one after the other
CHINESE: Mapping[str, str] = {
    "way": "方式",
    "median µs": "中位数 µs",
    "quartiles": "四分位数",
    "÷ one poem": "÷ 一首",
    "÷ one mask": "÷ 单一掩码",
    "the same shape, tones and rhyme free": "同样形式，平仄与韵不限",
    ", every rule": "，全部规则",
    "one mask": "单一掩码",
    "÷ bare row": "÷ 裸运行",
    "÷ onnxruntime's run": "÷ onnxruntime 的 run",
    "everything included": "全部计入",
    "no sampler": "不采样",
    "numpy top-k first": "numpy 先 top-k",
    ", frozen and tuned": "，冻结并调优",
    "lean sampling": "精简采样",
    "OpenVINO provider": "OpenVINO 后端",
    "poems at once": "同时写的首数",
    "GPU characters a second": "GPU 每秒字数",
    "characters a second": "每秒字数",
    "hidden size": "隐藏层",
    "CPU µs a step": "CPU 每步 µs",
    "GPU µs a step": "GPU 每步 µs",
    "C for any processor": "C，任何处理器",
    "C for this processor": "C，本处理器",
    "median wait in s": "等待的中位数（秒）",
    "memory in MB": "内存（MB）",
    "1,000 poems": "1,000 首",
    "32 people": "32 人",
    ", first page": "，首页",
    "÷ first page": "÷ 首页",
    "at first": "起初",
    "in the end": "之后",
    "ratio": "比值",
    "what": "项目",
    "a row": "一行",
    "a picture": "整幅图",
    "program": "程序",
    "ms to the first character": "到第一个字的毫秒数",
    "peak MB": "内存峰值 MB",
    "MB on disk": "需安装 MB",
    "torch script": "torch 脚本",
    "Python alone": "仅 Python",
    "bare ": "裸 ",
    "dynamic int8": "动态 int8",
}


def _translate(cell: str, language: str) -> str:
    if language == "zh":
        for english, chinese in CHINESE.items():
            cell = cell.replace(english, chinese)
    return cell


def _processor(machine: Mapping[str, Any]) -> str:
    return ", ".join([machine["cpu"], *machine["features"][-2:]])


def block(results: Mapping[str, Mapping[str, Any]], language: str) -> str:
    """Give what stands between the marks."""
    first = next(iter(results.values()))["machine"]
    versions = [f"{name} {first[name]}" for name in ("onnxruntime", "torch") if name in first]
    place = [_processor(first), f"Python {first['python']}", *versions]
    text = {
        "en": "`make bench`, medians of rounds taken in turn; ratios are of the same round: ",
        "zh": "`make bench`；各方轮流进行，取中位数，比值取自同一轮：",
    }[language]
    parts = [text + ", ".join(place) + "."]
    for name, result in results.items():
        rows = [[_translate(cell, language) for cell in row] for row in result["rows"]]
        columns = [_translate(cell, language) for cell in result["columns"]]
        elsewhere = result["machine"]["cpu"] != first["cpu"]
        where = f"; {_processor(result['machine'])}" if elsewhere else ""
        parts.append(f"{QUESTIONS[name][language]} (`{result['command']}`{where}):")
        parts.append(markdown(columns, rows))
    return "\n\n".join(parts) + "\n"


def main() -> int:
    results = {
        name: json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
        for name in QUESTIONS
        if (RESULTS / f"{name}.json").is_file()
    }
    differing = []
    for name, language in LANGUAGES.items():
        path = ROOT / name
        text = path.read_text("utf-8")
        pattern = re.compile(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", re.DOTALL)
        wanted, count = pattern.subn(lambda _: block(results, language), text)  # noqa: B023
        if count != 1:
            print(f"{path} must have {BEGIN.strip()} and {END} once", file=sys.stderr)
            return 1
        if wanted == text:
            continue
        differing.append(name)
        if "--check" not in sys.argv:
            path.write_text(wanted, "utf-8")
    if "--check" in sys.argv and differing:
        print(f"{', '.join(differing)} differ: python benchmarks/table.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
