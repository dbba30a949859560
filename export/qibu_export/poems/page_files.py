"""What a page that writes poems needs beside the model: the rules of verse."""

from collections.abc import Mapping

from qibu.verse.tables import verse_tables


def page_files() -> Mapping[str, object]:
    """Give JSON documents by file name."""
    return {"verse.json": verse_tables()}
