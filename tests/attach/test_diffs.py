"""The difference as lines of text."""

from sidecars.diffs import DiffLine, count, diff_objects


def test_fields_that_the_server_keeps_are_not_shown() -> None:
    before = {"metadata": {"name": "a", "resourceVersion": "1", "managedFields": [1]}, "status": {"x": 1}}
    after = {"metadata": {"name": "a", "resourceVersion": "2", "generation": 3}, "status": {"x": 2}}

    assert diff_objects(before, after) == ()


def test_a_changed_word_is_marked_within_its_line() -> None:
    lines = diff_objects({"image": "nginx:1.29"}, {"image": "nginx:1.30"})

    added = next(line for line in lines if line.kind == "+")
    assert [added.text[start:end] for start, end in added.words] == ["30"]
    assert count(lines) == (1, 1)


def test_values_of_environment_variables_are_never_shown() -> None:
    before = {"spec": {"env": [{"name": "KEY", "value": "hunter2"}], "a": 1}}
    after = {"spec": {"env": [{"name": "KEY", "value": "hunter3"}], "a": 2}}

    text = str(diff_objects(before, after))

    assert "hunter" not in text and "KEY" in text


def test_the_last_applied_annotation_is_never_shown() -> None:
    annotations = {"kubectl.kubernetes.io/last-applied-configuration": "hunter2", "long": "x" * 3000}

    text = str(diff_objects({}, {"metadata": {"annotations": annotations}, "a": 1}))

    assert "hunter2" not in text and "xxx" not in text


def test_equal_parts_far_away_are_folded() -> None:
    before = {f"key-{n:03}": n for n in range(100)}

    lines = diff_objects(before, before | {"key-050": "x"})

    assert [lines[0], lines[-1]] == [DiffLine("@", "")] * 2
    assert len(lines) < 15


def test_markup_and_line_ends_stay_text_of_one_line() -> None:
    hostile = "<img onerror=x>\n\u2028\x1b[31m"

    lines = diff_objects({}, {"a": hostile})

    assert all("\n" not in line.text for line in lines)
    assert "\x1b" not in str([line.text for line in lines])


def test_thousands_of_equal_lines_are_compared_without_squaring_them() -> None:
    """Before, this took several minutes of the loop that serves all viewers."""
    env = [{"name": f"KEY_{n}", "value": "hunter2"} for n in range(20_000)]
    before = {"metadata": {"annotations": {"a": "1"}}, "spec": {"env": env, "args": ["x"] * 5_000}}
    after = {
        "metadata": {"annotations": {"a": "1", "b": "2"}},
        "spec": {"env": env, "args": ["x"] * 5_000, "volumes": [{"name": "v"}]},
    }

    lines = diff_objects(before, after)

    assert [line.text.strip() for line in lines if line.kind == "+"] == ["b: '2'", "volumes:", "- name: v"]
    assert count(lines) == (3, 0)
