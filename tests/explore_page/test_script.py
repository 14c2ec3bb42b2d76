"""What page.js does, in Node.js with as much of a browser as it touches."""

import json
import shutil
import subprocess
from typing import Any

import pytest
from conftest import REPOSITORY

NODE = shutil.which("node")
SCRIPT = REPOSITORY / "facade_gan" / "explore_page" / "page.js"
BROWSER = """
globalThis.window = globalThis;
const tile = (seed) => ({
  dataset: { seed }, title: `seed ${seed}`, attributes: {}, classes: new Set(),
  classList: { toggle(name, on) { this.of.classes[on ? "add" : "delete"](name); } },
  setAttribute(name, value) { this.attributes[name] = String(value); },
});
const tiles = ["3", "7", "8"].map(tile);
for (const each of tiles) each.classList.of = each;
const link = { dataset: { route: "facade.png" } };
const heard = {}, waiting = [];
globalThis.document = {
  querySelectorAll: (selector) => (selector === ".tile" ? tiles : [link]),
  querySelector: () => ({}),
  addEventListener: (name, listener) => { heard[name] = listener; },
};
globalThis.location = { pathname: "/" };
globalThis.history = { replaceState(state, title, address) { location.address = address; } };
globalThis.setTimeout = (call) => waiting.push(call);
globalThis.clearTimeout = () => { waiting.length = 0; };
globalThis.PointerEvent = class { constructor(type) { this.type = type; } };
"""

pytestmark = pytest.mark.skipif(NODE is None, reason="no node here: apt-get install nodejs")


def in_node(script: str) -> Any:
    """Run page.js and what follows; what that leaves in ``result``."""
    whole = f"{BROWSER}\n{SCRIPT.read_text()}\n{script}\nconsole.log(JSON.stringify(result));"
    assert NODE is not None
    ran = subprocess.run([NODE], input=whole, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_links_follow_at_once_and_a_refused_address_is_written_later() -> None:
    refused, later = in_node("""
        const replace = history.replaceState;
        history.replaceState = () => { throw new Error("too many calls"); };
        explorePage.remember("picture", "a=1");
        explorePage.remember("picture", "a=2");
        const result = [[link.href, location.address ?? null, waiting.length]];
        history.replaceState = replace;
        waiting.pop()();
        result.push([link.href, location.address, waiting.length]);
    """)
    assert refused == ["facade.png?a=2", None, 1]
    assert later == ["facade.png?a=2", "?a=2", 0]


def test_keys_that_change_no_slider_are_no_release() -> None:
    assert in_node("""
        const result = [];
        for (const key of ["Tab", "Shift", "Control", "Alt", "Meta", "ArrowRight", "Home", "5"]) {
          const dispatchEvent = ({ type }) => result.push(`${type} ${key}`);
          heard.keyup({ key, target: { matches: () => true, dispatchEvent } });
        }
    """) == ["pointerup ArrowRight", "pointerup Home", "pointerup 5"]


def test_a_picked_facade_is_told_by_its_letter_and_not_by_its_frame_alone() -> None:
    marked = in_node("""
        const result = [];
        for (const [a, b] of [["7", "3"], ["8", "8"]]) {
          explorePage.shown({ dataset: { a, b, query: "" } });
          result.push(tiles.map(({ dataset, attributes, classes }) => [
            dataset.letters, attributes["aria-pressed"], attributes["aria-label"], [...classes],
          ]));
        }
    """)
    assert marked[0] == [
        ["B", "true", "B: seed 3", ["is-b"]],
        ["A", "true", "A: seed 7", ["is-a"]],
        ["", "false", "seed 8", []],
    ]
    assert [each[0] for each in marked[1]] == ["", "", "AB"]
    assert [each[2] for each in marked[1]] == ["seed 3", "seed 7", "AB: seed 8"]
