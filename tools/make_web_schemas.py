"""Make the schemas of the module in JavaScript, which can't import JSON in every browser.

    python tools/make_web_schemas.py

Each `*.schema.json` of runtime/qibu becomes a `*.schema.js` in the same folder of runtime/web/qibu.
"""

from collections.abc import Mapping
from pathlib import Path

RUNTIME = Path(__file__).parents[1] / "runtime"
SOURCE, TARGET = RUNTIME / "qibu", RUNTIME / "web" / "qibu"


def web_schemas() -> Mapping[Path, str]:
    """Give what stands in each of the files."""
    made = {}
    for source in sorted(SOURCE.rglob("*.schema.json")):
        place = source.relative_to(SOURCE)
        head = f"/** Made of runtime/qibu/{place.as_posix()} by tools/make_web_schemas.py. */"
        lines = source.read_text("utf-8").strip().splitlines()
        # the page names no other host, not even in what nobody opens
        schema = "\n".join(line for line in lines if '"$schema"' not in line)
        made[TARGET / place.with_suffix(".js")] = f"{head}\n\nexport const schema = {schema};\n"
    return made


if __name__ == "__main__":
    for path, text in web_schemas().items():
        path.write_text(text, "utf-8")
        print(path)
