"""Files that one container writes and another reads, in picture, panel, table and words."""

from dataclasses import replace

from sidecars import inspector, manifests, story
from sidecars.diagram.layout import lay_out
from sidecars.diagram.legend import draw_legend
from sidecars.diagram.marks import compare
from sidecars.diagram.names import flow_id
from sidecars.diagram.streams import Ways, ways_of
from sidecars.diagram.svg import draw
from sidecars.diagram.words import Words
from sidecars.table import tabulate
from sidecars.topology import Flow, Pod
from tests.topology.flowing import FLOWS, flowing
from tests.topology.pods import container, empty_dir, pod

SHIPPED, LIKELY, FETCHED = (flow_id(flow) for flow in FLOWS)


def texts(read: Pod, volume: str) -> list[str]:
    tank = next(tank for tank in lay_out(read).tanks if tank.id == f"v-{volume}")
    return [" ".join(label.text for label in stream.labels) for stream in tank.streams]


def test_a_tank_tells_who_writes_which_file_and_who_reads_it() -> None:
    assert texts(flowing(), "logs") == [
        "nginx writes access.log · fluent-bit reads it",
        "app writes *.log · fluent-bit reads it inferred",
    ]


def test_a_folder_is_told_as_one() -> None:
    assert texts(flowing(), "html") == ["git-sync writes site/ · nginx reads it inferred"]


def test_a_flow_is_no_call() -> None:
    assert not [call for call in lay_out(flowing()).calls if "fluent-bit" in call.id]


def test_the_pipes_of_a_flow_tell_its_direction() -> None:
    stems = {stem.id: stem.flows for stem in lay_out(flowing()).stems}

    assert stems["m-nginx.logs"] == (("down", False),)
    assert stems["m-app.logs"] == (("down", True),)
    assert stems["m-fluent-bit.logs"] == (("up", False),)
    assert stems["m-nginx.nginx-config"] == ()


def test_a_selected_flow_lights_both_ends_both_pipes_and_the_tank() -> None:
    related = lay_out(flowing()).related[SHIPPED]

    assert set(related) == {
        SHIPPED, "c-nginx", "c-fluent-bit", "v-logs", "m-nginx.logs", "m-fluent-bit.logs"
    }  # fmt: skip
    assert f'id="{SHIPPED}"' in draw(lay_out(flowing()), sprite="", link=str, selected=SHIPPED)


def test_more_flows_than_lines_share_the_last_line() -> None:
    more = tuple(Flow("nginx", "fluent-bit", "logs", f"/logs/{i}.log") for i in range(4))
    read = flowing(*more)

    assert texts(read, "logs")[-1] == "4 more flows of files"
    assert lay_out(read).folded[flow_id(more[-1])] == "f-logs.more"
    assert (facts := inspector.inspect(read, "f-logs.more")) and len(facts.related) == 4


def test_the_panel_of_a_flow_has_its_evidence() -> None:
    facts = inspector.inspect(flowing(), SHIPPED)

    assert facts and facts.evidence == FLOWS[0].evidence and facts.containers == ("nginx", "fluent-bit")


def test_table_description_and_story_tell_every_flow() -> None:
    read = flowing()

    assert [(row.id, row.is_inferred) for row in tabulate(read).flows] == [
        (SHIPPED, False), (LIKELY, True), (FETCHED, True)
    ]  # fmt: skip
    assert "nginx writes /logs/access.log in logs, and fluent-bit reads it" in lay_out(read).description
    told = [str(sentence) for sentence in story.tell(read)]
    assert "nginx writes /logs/access.log into logs; fluent-bit reads it." in told


def test_the_legend_names_flows_only_where_there_are_some() -> None:
    assert "Flow of files" in draw_legend(lay_out(flowing()), Words())
    assert "Flow of files" not in draw_legend(lay_out(replace(flowing(), flows=())), Words())


def test_a_new_flow_is_marked_as_added() -> None:
    assert compare(replace(flowing(), flows=()), flowing())[SHIPPED] == "added"


def test_a_flow_to_what_is_not_there_is_not_drawn() -> None:
    gone = (Flow("gone", "nginx", "logs", "/x"), Flow("app", "nginx", "gone", "/x"))

    placed = lay_out(replace(flowing(), flows=gone))

    assert not [stream for tank in placed.tanks for stream in tank.streams]


def test_of_several_mounts_the_flow_takes_those_that_hold_the_file() -> None:
    writer = container("w", mounts=[("v", "/a"), ("v", "/b")])
    reader = container("r", mounts=[("v", "/x", "ro"), ("v", "/x/deep", "ro")])
    for mounts, parts in ((writer["volumeMounts"], ("one", "two")), (reader["volumeMounts"], ("one", "two"))):
        for mount, part in zip(mounts, parts, strict=True):
            mount["subPath"] = part
    read = manifests.read_pod(pod(writer, reader, volumes=(empty_dir("v"),)))

    assert ways_of(read, Flow("w", "r", "v", "/x/deep/a.log")) == Ways(("m-w.v.2",), ("m-r.v.2",))
