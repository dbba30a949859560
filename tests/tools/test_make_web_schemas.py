"""The schemas of the module in JavaScript."""

from make_web_schemas import web_schemas


def test_the_schemas_in_javascript_are_those_in_json() -> None:
    made = web_schemas()
    assert len(made) >= 3
    for path, text in made.items():
        assert path.read_text("utf-8") == text, "run tools/make_web_schemas.py"
