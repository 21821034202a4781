"""The prompts: read from their files and filled with evidence.

Belongs here: the files' form (a front matter with a version, then the text), and the message and
hash that follow from prompt and evidence. The texts stand in ``prompts/``; ``rules.md`` is part of
every one. A change of a text is a new version in its front matter.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from journey_assets.analyses.catalogue import Kind
from journey_assets.analyses.evidence import NOTHING, Evidence

_PROMPTS = Path(__file__).with_name("prompts")
_FILE = re.compile(r"---\nversion: (?P<version>[0-9]+)\n---\n(?P<text>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Message:
    """What Mave is sent: the text, and the version of the prompt it was made from."""

    kind: Kind
    version: str
    text: str

    @property
    def sha256(self) -> str:
        """The hash by which the same question is recognised."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def compose(kind: Kind, evidence: Evidence) -> Message:
    """The message of ``kind`` with ``evidence``; its last line names prompt and version.

    The version is the prompt's and the rules', as ``1.1``; being part of the text, a new one makes
    another hash.
    """
    version, text = _read(kind)
    rules_version, rules = _read("rules")
    example = evidence.tables[-1].rows[0].id
    filled = _fill(rules, example=example, nothing=NOTHING)
    version = f"{version}.{rules_version}"
    body = _fill(text, rules=filled, evidence=evidence.markdown())
    return Message(kind, version, f"{body}\n\n(Prompt {kind}, version {version}.)")


def _read(name: str) -> tuple[str, str]:
    path = _PROMPTS / f"{name}.md"
    file = _FILE.fullmatch(path.read_text(encoding="utf-8"))
    if file is None:
        raise ValueError(f"{path} does not start with a front matter that names its version")
    return file["version"], file["text"].strip()


def _fill(text: str, **values: str) -> str:
    """Replace ``{name}`` in one pass, so that braces inside a value stay what they are."""
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)
