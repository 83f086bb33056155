"""Hostile names, labels, variables, ConfigMaps: nothing breaks, nothing reaches a terminal."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from sidecars.bundle import read_bundle
from sidecars.diagram.layout import lay_out
from sidecars.diagram.svg import draw_standalone
from sidecars.documents import read_documents
from sidecars.folding import width
from sidecars.report import report
from sidecars.report_text import lines
from tests.inspect.running import inspect

NASTY = [
    "\x1b[31mred\x1b]0;title\x07",
    "\x9b2J",
    "a\rb",
    "a\nb",
    "\u202eevil",
    "<script>alert(1)</script>",
    "%s%(x)s%",
    "]]>&amp;",
    "'\"\\",
    "\ud83d\ude00" * 50,
    "x" * 5000,
    "../../etc",
    "${jndi:ldap://x}",
    "\u0000"[:0] + "\ufffe",
]
ODD: list[Any] = [None, True, 7, -1, 1.5, [], {}, [[]], [None], {"a": None}, "x", "9" * 400, 10**30]


def filled(word: Any) -> str:
    """A pod with the word in every field that is shown or looked at."""
    container = {
        "name": word,
        "image": word,
        "command": [word, word],
        "args": [word, f"http://localhost:80/{word}"],
        "env": [{"name": word, "value": f"http://localhost:81/{word}"}, {"name": "LOG_FILE", "value": word}],
        "ports": [{"containerPort": 80, "name": word, "protocol": word, "hostPort": word}, word],
        "volumeMounts": [
            {"name": word, "mountPath": word, "subPath": word},
            {"name": word, "mountPath": word},
        ],
        "livenessProbe": {"httpGet": {"port": word, "path": word}},
        "resources": {"limits": {"memory": word}},
        "securityContext": {"runAsUser": word},
        "restartPolicy": word,
        "workingDir": word,
        "volumeDevices": word,
    }
    other = {"name": "other", "image": "nginx", "volumeMounts": [{"name": word, "mountPath": "/x"}]}
    volumes = [
        {"name": word, "hostPath": {"path": word}},
        {"name": "c", "configMap": {"name": word}},
        word,
        {"name": "d", "nfs": {"server": word}},
        {"name": "p", "projected": {"sources": [{"secret": word}]}},
    ]
    metadata = {"name": "pod", "labels": {"app": word}, "annotations": {"a": word}, "namespace": word}
    spec = {
        "containers": [container, other],
        "initContainers": [container],
        "volumes": volumes,
        "securityContext": word,
        "restartPolicy": word,
        "ephemeralContainers": [container, word],
    }
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": word}
    texts = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": word},
        "data": {str(word)[:99]: word},
    }
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": word},
        "spec": {"selector": {"app": word}, "ports": [{"port": word, "targetPort": word}, word]},
    }
    return json.dumps({"kind": "List", "apiVersion": "v1", "items": [pod, texts, service, word, SECOND]})


SECOND = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "ok"},
    "spec": {"containers": [{"name": "a", "image": "a:1"}]},
}


def outputs(word: Any) -> list[str]:
    """As text, json and svg, of every pod; the broken ones are told instead."""
    documents, problems = read_documents(filled(word).encode(), "f")
    bundle = read_bundle(documents)
    told = [str(problem.sentence) for problem in (*problems, *bundle.problems)]
    texts = ["\n".join(line.text for line in lines(found)) for found in bundle.found]
    pictures = [str(draw_standalone(lay_out(found.pod))) for found in bundle.found]
    assert len(bundle.found) == 2
    return ["\n".join(texts), json.dumps(report(bundle.found)), *pictures, *told]


@pytest.mark.parametrize("word", [*NASTY, *ODD], ids=range(len(NASTY) + len(ODD)))
def test_no_value_of_a_field_breaks_anything(word: Any) -> None:
    assert all(outputs(word))


@pytest.mark.parametrize("word", NASTY, ids=range(len(NASTY)))
def test_nothing_that_a_terminal_would_obey_is_printed(word: str) -> None:
    shown = outputs(word)[0]

    assert all(line.isprintable() for line in shown.replace("\ufffe", "").split("\n"))
    assert "\u202e" not in shown and max(map(width, shown.split("\n"))) <= 80


@pytest.mark.parametrize("word", NASTY, ids=range(len(NASTY)))
def test_the_picture_stays_a_picture(word: str) -> None:
    picture = outputs(word)[2].encode(errors="replace")

    tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(picture).iter()}
    assert "script" not in tags and "svg" in tags


@pytest.mark.parametrize("word", [NASTY[0], NASTY[9], ODD[-1]], ids=range(3))
@pytest.mark.parametrize("output", ["text", "json", "svg"])
def test_the_command_itself_prints_them(word: Any, output: str) -> None:
    done = inspect("-f", "-", "-o", output, "--pod", "pod", stdin=filled(word))

    assert done.returncode == 0 and b"Traceback" not in done.stderr and b"\x1b" not in done.stdout
