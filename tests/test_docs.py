"""What README and docs say can be done: links lead somewhere, commands compose, settings exist."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
from conftest import REPOSITORY
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from facade_gan.commandline.config import register_resolvers

CONF = REPOSITORY / "conf"
PAGES = [REPOSITORY / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")]
PAGES += [*sorted((REPOSITORY / "docs").glob("*.md")), REPOSITORY / "facade_gan/weights/README.md"]
EXTRAS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"][
    "optional-dependencies"
]


def name(page: Path) -> str:
    return str(page.relative_to(REPOSITORY))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    for link in links:
        if link.startswith(("http://", "https://")):
            continue
        file, _, heading = link.partition("#")
        target = page.parent / file if file else page
        assert target.exists(), f"{name(page)}: {link} leads nowhere"
        if heading:
            titles = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]
            assert heading in anchors, f"{name(page)}: {link} names no heading"


def commands() -> list[tuple[str, str]]:
    """Every command line of the fenced blocks, with the page it stands on."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for block in re.findall(r"^```(?:bash|sh)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            lines = block.replace("\\\n", " ").splitlines()
            found += [(name(page), line) for line in lines if line.strip()]
    return found


def command_and_overrides(line: str) -> tuple[str, list[str]] | None:
    """Part a line of ours into the command's config and its overrides; None for other programs."""
    words = shlex.split(line, comments=True)
    if words[:2] == ["python", "train.py"]:
        command, rest = "train", words[2:]
    elif words[:2] == ["python", "-m"] and words[2].startswith("facade_gan."):
        command, rest = words[2].removeprefix("facade_gan."), words[3:]
    elif words[:1] == ["facade-gan"] and len(words) > 1:
        command, rest = words[1], words[2:]
    else:
        return None
    return command, [word for word in rest if word not in ("-m", "--multirun", "--help", "...")]


@pytest.mark.parametrize(("page", "line"), commands())
def test_command_lines_are_ones_that_work(page: str, line: str) -> None:
    ours = command_and_overrides(line)
    if ours is None:
        for extra in re.findall(r"\.\[([\w,]+)\]", line):
            assert set(extra.split(",")) <= set(EXTRAS), f"{page}: no such extra in {line}"
        for target in re.findall(r"^make ([\w-]+)", line):
            assert re.search(rf"^{target}:", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
        return
    command, overrides = ours
    assert (CONF / f"{command}.yaml").is_file(), f"{page}: no such command in {line}"
    single = []
    for parsed, text in zip(
        OverridesParser.create().parse_overrides(overrides), overrides, strict=True
    ):
        key = parsed.get_key_element()
        if key.startswith(("hydra/", "hparams_search")):  # may need an extra
            group, choice = (
                key.split("/", 1)[-1] if key.startswith("hydra/") else key,
                parsed.value(),
            )
            assert key == "hydra/launcher" or (CONF / group / f"{choice}.yaml").is_file()
            continue
        values = list(parsed.sweep_string_iterator()) if parsed.is_choice_sweep() else None
        single.append(f"{key}={values[0]}" if values else text)
    register_resolvers()
    with initialize_config_dir(str(CONF), version_base="1.3"):
        compose(command, single)


def keys_of_conf() -> set[str]:
    """List every dotted key that a file of conf/ sets."""
    keys = set()

    def walk(prefix: str, value: object) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{prefix}{key}.", inner)
        keys.add(prefix[:-1])

    for path in CONF.rglob("*.yaml"):
        header = re.search(r"# @package (\S+)", path.read_text(encoding="utf-8"))
        group = ".".join(path.parent.relative_to(CONF).parts)
        package = group if header is None else header[1].replace("_global_", "")
        walk(f"{package}." if package else "", OmegaConf.to_container(OmegaConf.load(path)))
    groups = {path.name for path in CONF.iterdir() if path.is_dir()}
    return keys | groups


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_settings_named_in_a_sentence_exist(page: Path) -> None:
    known = keys_of_conf()
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for code in re.findall(r"`([^`\n]+)`", text):
        for key in re.findall(r"(?:^|[\s'\"])([a-z_]+(?:\.[a-z_]+)*)=", code):
            if code.startswith(("pip", "export", "OMP")) or key.startswith(("hydra", "--")):
                continue
            assert key in known, f"{name(page)}: there is no setting {key} (in `{code}`)"
