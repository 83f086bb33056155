"""Pure: diff rows, server lines; records: append-only, one lease."""

from dashboard import diff_rows
from dashboard.server_lines import apply_additions, find_server_lines
from sidecars.diffs import DiffLine, diff_objects

BEFORE = {"spec": {"a": 1, "b": 2, "c": 3}}
AFTER = {"spec": {"a": 1, "b": 20, "c": 3, "d": 4}}


def test_a_changed_word_is_a_piece_of_its_own() -> None:
    assert diff_rows.pieces(DiffLine("+", "image: a:2", ((9, 10),))) == (("image: a:", False), ("2", True))


def test_a_removed_line_stands_beside_the_added_one() -> None:
    rows = diff_rows.split(diff_rows.unified(diff_objects(BEFORE, AFTER)))

    kinds = [(row.left.kind, row.right.kind) for row in rows]

    assert kinds == [("same", "same"), ("same", "same"), ("del", "add"), ("same", "same"), ("none", "add")]


def test_folding_keeps_lines_around_a_change_and_marks_what_it_left_out() -> None:
    lines = [DiffLine(" ", str(i)) for i in range(20)]
    lines[10] = DiffLine("+", "new")

    folded = diff_rows.fold(diff_rows.unified(lines), context=2)

    assert [row.kind for row in folded] == ["fold", "same", "same", "add", "same", "same", "fold"]


def test_no_change_folds_to_nothing() -> None:
    assert diff_rows.fold(diff_rows.unified([DiffLine(" ", "same")])) == []


def test_what_the_server_added_is_told_from_what_was_asked_for() -> None:
    asked = [{"op": "add", "path": "/spec/list", "value": [{"name": "x"}]}]
    result = apply_additions(BEFORE, asked)
    result["spec"]["list"][0]["protocol"] = "TCP"

    servers = find_server_lines(BEFORE, asked, result)

    rows = diff_rows.unified(diff_objects(BEFORE, result, context=1000), servers)
    assert ["".join(t for t, _ in row.pieces) for row in rows if row.is_servers] == ["    protocol: TCP"]


def test_an_addition_never_alters_the_object_it_starts_from() -> None:
    live = {"spec": {"items": [1]}}

    grown = apply_additions(live, [{"op": "add", "path": "/spec/items/-", "value": 2}])

    assert live == {"spec": {"items": [1]}} and grown == {"spec": {"items": [1, 2]}}
