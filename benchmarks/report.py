"""What a benchmark leaves: a JSON file that says where and how, and its table on stdout."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "onnxruntime", "torch")
FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8")

Row = tuple[str, ...]


def machine() -> dict[str, Any]:
    """Say what the figures were taken on."""
    fields: dict[str, str] = {}
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as stream:
            pairs = (line.partition(":") for line in stream)
            fields = {name.strip(): value.strip() for name, _, value in pairs}
    flags = fields.get("flags", "").split()
    return {
        "cpu": fields.get("model name", platform.processor()),
        "features": [name for name in FEATURES if name in flags],
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: found for name in PACKAGES if (found := _version(name))},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give a table as Markdown."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(
    script: str,
    columns: Row,
    rows: Sequence[Row],
    *,
    settings: Mapping[str, Any],
    figures: Mapping[str, float],
    raw: Mapping[str, Sequence[float]],
) -> None:
    """Print the table and write the file that `table.py` reads.

    Args:
        script: the benchmark's `__file__`; the result has its name.
        columns: the table's heads.
        rows: its lines, the first cell a label.
        settings: how it was measured: threads, batch, rounds, sampling.
        figures: the ratios and sums that answer the question.
        raw: every single measurement.
    """
    name = Path(script).stem
    document = {
        "command": f"python benchmarks/{name}.py",
        "machine": machine(),
        "settings": settings,
        "columns": columns,
        "rows": rows,
        "figures": {name: round(value, 3) for name, value in figures.items()},
        "raw": {name: [round(value, 2) for value in values] for name, values in raw.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{name}.json"
    lines = (f'"{key}": {json.dumps(v, ensure_ascii=False)}' for key, v in document.items())
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    print(f"# {name}: " + ", ".join(f"{key} {value}" for key, value in settings.items()))
    print(markdown(columns, rows))
    for label, value in figures.items():
        print(f"{label}: {value:.2f}")
    print()
