"""What files hold is read as Kubernetes reads it; what cannot be is told by document and line."""

import pytest

from sidecars.documents import LARGEST_BYTES, _read_json, read_documents


def bodies(text: str | bytes) -> list[object]:
    found, problems = read_documents(text if isinstance(text, bytes) else text.encode(), "f")
    assert problems == []
    return [dict(document.body) for document in found]


def problem(text: str | bytes) -> tuple[int, int, str]:
    """Of the one that is broken: document, line, sentence."""
    _found, problems = read_documents(text if isinstance(text, bytes) else text.encode(), "f")
    assert len(problems) == 1
    return problems[0].document, problems[0].line, str(problems[0].sentence)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("yes", True), ("Off", False), ("~", None), ("", None), ("0644", 420), ("0x1F", 31), ("1_000", 1000),
        ("22:22", "22:22"), ("2026-01-01", "2026-01-01"), ("1e3", 1000.0), ("1.5", 1.5), ("'8080'", "8080"),
        ("!!str 8080", "8080"), ("!!int '8080'", 8080), ("08", 8.0), (".", "."), ("1e999", "1e999"),
        ("9" * 5000, "9" * 5000), ("!ruby/object:X {}", {}), ("!Ref x", "x"),
    ],
)  # fmt: skip
def test_a_value_is_what_kubernetes_makes_of_it(written: str, value: object) -> None:
    found = bodies(f"a: {written}\n")[0]

    assert found == {"a": value}


def test_documents_are_counted_with_the_line_where_they_begin() -> None:
    found, _problems = read_documents(b"# head\n---\na: 1\n---\n# nothing\n---\n\nb: 2\n", "f")

    assert [(d.number, d.line) for d in found] == [(1, 3), (2, 8)]


def test_a_separator_inside_a_text_is_text() -> None:
    assert bodies("a: |\n  x\n  ---\n  y\nb: 1\n") == [{"a": "x\n---\ny\n", "b": 1}]


def test_json_documents_may_follow_each_other_and_hold_tabs() -> None:
    assert bodies('{\n\t"a": 1\n}\n{"b": [2]}') == [{"a": 1}, {"b": [2]}]


class Counted(str):
    """Knows in how many characters line ends were looked for."""

    looked = 0

    def count(self, part: str, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
        Counted.looked += (len(self) if end is None else end) - start
        return super().count(part, start, end)


def test_the_lines_of_many_json_documents_are_counted_once() -> None:
    text = Counted('{"a": 1}\n\n' * 500)

    found = _read_json(text, "f")

    assert found and [document.line for document in found[0]] == list(range(1, 1000, 2))
    assert Counted.looked <= len(text)


def test_what_a_windows_shell_writes_is_read() -> None:
    assert bodies("a: 1\r\n---\r\nb: 2\r\n".encode("utf-16")) == [{"a": 1}, {"b": 2}]
    assert bodies(b"\xef\xbb\xbfa: 1\n") == [{"a": 1}]


def test_anchors_and_merges_are_followed() -> None:
    found = bodies("base: &b {x: 1, y: 1}\nmine: {<<: *b, y: 2}\nsame: *b\n")[0]

    assert found == {"base": {"x": 1, "y": 1}, "mine": {"x": 1, "y": 2}, "same": {"x": 1, "y": 1}}


def test_an_alias_bomb_is_refused() -> None:
    rows = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    rows += [f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]" for n in range(12)]

    assert "unfold" in problem("\n".join(rows))[2]


def test_a_bomb_of_merges_is_refused() -> None:
    rows = ["a: &a {k: v}"]
    rows += [
        f"{chr(98 + n)}: &{chr(98 + n)} {{<<: [{','.join(['*' + chr(97 + n)] * 9)}]}}" for n in range(12)
    ]

    assert "unfold" in problem("\n".join(rows))[2]


@pytest.mark.parametrize("text", ["[" * 500_000, "{a: " * 100_000, '{"a":' * 100_000, "- " * 100_000])
def test_deep_nesting_is_refused(text: str) -> None:
    assert "Nested deeper" in problem(text)[2]


def test_yaml_that_cannot_be_parsed_is_told_with_what_to_look_at() -> None:
    assert problem("a: 1\n---\nspec:\n  name: x\n   image: y\n") == (
        2,
        5,
        "Not valid YAML: mapping values are not allowed in this context."
        " Check indentation, quotes and brackets of this line and of those before it.",
    )


@pytest.mark.parametrize("indentation", ["\t", "  \t"])
def test_a_line_that_a_tab_indents_is_told_so(indentation: str) -> None:
    found = problem(f"a: 1\nspec:\n{indentation}image: y\n")

    assert found == (1, 3, "Not valid YAML: this line is indented with a tab. Indent with spaces.")


def test_a_key_that_stands_twice_is_named_with_its_line() -> None:
    document, line, sentence = problem("a: 1\n---\nspec:\n  image: x\n  image: y\n")

    assert (document, line) == (2, 5) and "image" in sentence
    assert "image" in problem('{"image": 1, "image": 2}')[2]


@pytest.mark.parametrize(
    "text",
    ["{{- if .Values.on }}\na: 1\n{{- end }}", "a: {{ .Values.a }}", "a:\n  {{- toYaml .x | nindent 2 }}"],
)
def test_a_helm_template_is_told_from_a_broken_file(text: str) -> None:
    assert "helm template" in problem(text)[2]


@pytest.mark.parametrize("content", [b"\x7fELF\0\1", b"PK\3\4\xff\xfe", bytes(range(256))])
def test_a_binary_file_is_told(content: bytes) -> None:
    assert "Not a text file" in problem(content)[2]


def test_a_file_above_the_limit_is_not_parsed() -> None:
    assert "16 MiB" in problem(b"a" * (LARGEST_BYTES + 1))[2]


@pytest.mark.parametrize(
    "text", ["a: \x01", "a: *gone", "<<: 1", "? [a]\n: b", "\ta: 1", "a: 'x", "%YAML 9", "&a a: *a"]
)
def test_no_text_gets_a_traceback(text: str) -> None:
    found, problems = read_documents(text.encode(), "f")

    assert len(found) + len(problems) == 1
