"""The CSV and XML converters on the real cluster: files of the app in, JSON out, bad ones aside."""

import json

import pytest

from tests.operations.waiting import until
from tests.running.bed import App, Grounds
from tests.running.conftest import Start
from tests.running.steps import attach, undo
from tests.running.table import Row

pytestmark = pytest.mark.cluster
CSV = 'id,name,price\n007,"a ""b"", c",1.50\n8,日志,\n'
CSV_RECORDS = [{"id": "007", "name": 'a "b", c', "price": 1.5}, {"id": 8, "name": "日志", "price": None}]
XML = '<orders><order id="7"><item>x</item><item>y</item></order><order id="8"/></orders>'
XML_RECORDS = [{"@id": "7", "item": ["x", "y"]}, {"@id": "8"}]
BAD_XML = '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'


PUT = """
const fs = require('fs');
const [, file, text] = process.argv;
fs.writeFileSync(file + '.part', text);
fs.renameSync(file + '.part', file);
"""
TAKE = "try { process.stdout.write(require('fs').readFileSync(process.argv[1])) } catch {}"


async def put(grounds: Grounds, name: str, text: str) -> None:
    """As apps should: under another name first."""
    await grounds.run("web", "node", "-e", PUT, f"/data/in/{name}", text)


async def take(grounds: Grounds, path: str) -> str:
    """The text of a file that appears, read by the app."""
    found: str = await until(lambda: grounds.run("web", "node", "-e", TAKE, path), 30)
    return found


async def converts(grounds: Grounds, row: Row, kind: str, good: str, bad: str) -> list[object]:
    await put(grounds, f"good.{kind}", good)
    await put(grounds, f"bad.{kind}", bad)
    await put(grounds, "other.txt", "not for the converter")
    records = [
        json.loads(line) for line in (await take(grounds, f"/data/out/good.{kind}.ndjson")).splitlines()
    ]
    row.data.append(f"file of the app in in/: {len(records)} records in out/")
    reason = (await take(grounds, f"/data/in/failed/bad.{kind}.reason")).strip()
    assert await take(grounds, f"/data/in/failed/bad.{kind}") == bad
    assert await take(grounds, f"/data/in/done/good.{kind}") == good
    assert await take(grounds, "/data/in/other.txt")
    row.data.append(f'bad one in in/failed/: "{reason}"')
    return records


async def test_csv_files_of_the_app_come_out_converted(start: Start, row: Row) -> None:
    async with start(App(volumes={"/data": {"emptyDir": {}}})) as (journey, grounds):
        before = await grounds.template()

        change = await attach(journey, row, "csv-converter")

        bad = "id,name\n1,a,extra\n"
        assert await converts(grounds, row, "csv", CSV, bad) == CSV_RECORDS
        await undo(journey, grounds, row, change, before)


async def test_xml_files_come_out_converted_by_another_user_than_the_app(start: Start, row: Row) -> None:
    """The app has no volume, so a new one is mounted on both sides; and the two have different users."""
    async with start(App()) as (journey, grounds):
        before = await grounds.template()

        change = await attach(journey, row, "xml-converter", user="1001", record_tag="order", new_volume="on")

        assert await converts(grounds, row, "xml", XML, BAD_XML) == XML_RECORDS
        await grounds.run("web", "rm", "/data/out/good.xml.ndjson")
        row.data.append("new volume on both sides, users 1000 and 1001")
        await undo(journey, grounds, row, change, before)
