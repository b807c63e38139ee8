"""Extracts from the README and the guides what tests check: links, anchors, code and paths."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
GUIDES = ROOT / "assets" / "docs"
DOCS = [ROOT / "README.md", *sorted(GUIDES.glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def text_of(path: Path) -> str:
    """The text of a document."""
    return path.read_text(encoding="utf-8")


def all_text() -> str:
    """The README and all guides, one after another."""
    return "\n".join(map(text_of, DOCS))


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of a document in one language ("" for those without)."""
    return [code for kind, code in FENCE.findall(text_of(path)) if kind == language]


def prose(path: Path) -> str:
    """A document without its code blocks."""
    return FENCE.sub("", text_of(path))


def section(path: Path, title: str) -> str:
    """The text below a heading of the second level."""
    return text_of(path).split(f"\n## {title}\n")[1].split("\n## ")[0]


def links(path: Path) -> list[str]:
    """The relative links of a document."""
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(path)))
    return [link for link in found if not re.match(r"\w+:", link)]


def anchors(path: Path) -> set[str]:
    """The anchors of a document's headings, by GitHub's rule."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        found.add(f"{name}-{seen[name]}" if seen[name] else name)
        seen[name] += 1
    return found


def is_file_name(name: str) -> bool:
    """Whether a text between backticks names a file or folder of the repository."""
    return bool(re.fullmatch(r"(?:seq2seq|assets|tests|\.ci|\.github)/[\w./-]*|\.[\w.-]+\.\w+|"
                             r"app\.py|(?:tests/)?requirements\.txt", name))


def file_names(path: Path) -> list[str]:
    """The files and folders of the repository that a document names in backticks."""
    return list(filter(is_file_name, re.findall(r"`([^`\n]+)`", prose(path))))


def modules(path: Path) -> list[str]:
    """The dotted names of the package that a document names in backticks."""
    return re.findall(r"`(seq2seq(?:\.\w+)+)(?:\(\))?`", prose(path))


def commands(path: Path, program: str) -> list[str]:
    """The arguments of `python -m program` in the shell blocks and the text of a document."""
    shell = "\n".join(blocks(path, "sh")).replace("\\\n", " ")
    lines = [*shell.splitlines(), *re.findall(r"`([^`\n]+)`", prose(path))]
    return [line.split(f" -m {program}", 1)[1].split("#")[0].strip()
            for line in lines if f"python -m {program} " in f"{line} "]
