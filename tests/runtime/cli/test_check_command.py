import io
import json
import sys
from pathlib import Path

import pytest

from qibu.cli.main import main

KEPT = "白日依山盡，黃河入海流。欲窮千里目，更上一層樓。"
BROKEN = "渭城朝雨浥輕塵，客舍青青柳色新。勸君更盡一杯酒，西出陽關無故人。"
OLD_STYLE = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。"


def test_a_poem_that_keeps_the_rules_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", KEPT]) == 0
    assert "every rule kept" in capsys.readouterr().out


def test_a_broken_rule_ends_with_1_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", BROKEN]) == 1
    assert "✗ 失粘: 君 (line 3, character 2)" in capsys.readouterr().out


def test_a_file_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "詩.txt"
    file.write_text(f"《登鸛雀樓》\n{KEPT}\n", encoding="utf-8-sig")
    assert main(["check", str(file)]) == 0
    assert "尤韻" in capsys.readouterr().out


def test_a_dash_is_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(KEPT.encode())))
    assert main(["check", "-"]) == 0
    assert "五絕" in capsys.readouterr().out


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", BROKEN]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    report = json.loads(line)
    assert (report["form"], report["passed"], len(report["lines"])) == ("七絕", False, 4)


def test_a_form_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", OLD_STYLE]) == 0
    assert main(["check", "--form", "五絕", OLD_STYLE]) == 1
    assert main(["check", "--form", "五古", OLD_STYLE]) == 0
    assert main(["check", "--form", "五律", KEPT]) == 1


def test_what_cannot_be_judged_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "old.txt"
    old.write_bytes(KEPT.encode("gb18030"))
    for arguments, wanted in (
        ([""], "empty"),
        (["poem.txt"], "neither a file nor Chinese text"),
        (["白日依山🌙"], "'🌙'"),
        ([KEPT * 50 + "A"], "'A'"),  # too long for the name of a file
        ([str(old)], "not UTF-8"),
        ([str(tmp_path)], "can't be read"),
        ([KEPT, "--form", "sonnet"], "sonnet"),
    ):
        assert main(["check", *arguments]) == 2
        message = capsys.readouterr().err
        assert wanted in message
        assert "Traceback" not in message
