"""All packs together: the shapes with their English words, other languages as they are asked for.

A folder of `adaptive/content/lessons` is a pack: `pack.toml` (no words), `pack.<language>.toml`
and one `<lesson>.<language>.toml` a lesson. A lesson whose shape or English words have a fault is
left out; one whose words in another language have a fault is shown in English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from adaptive.learning import PrerequisiteError, PrerequisiteGraph
from adaptive.lessons.model import Block, Fault, Lesson, LessonTexts, Pack, PackTexts
from adaptive.lessons.shapes import SHAPE, read_shape
from adaptive.lessons.words import read_lesson, read_pack
from adaptive.occupations.letters import cyrillic_to_latin

CONTENT: Final = Path(__file__).parent.parent / "content" / "lessons"
SOURCE: Final = "en"


@dataclass
class Library:
    """Every sound lesson, in the order of packs and lessons; `faults` is what was left out."""

    folder: Path
    packs: Mapping[str, Pack]
    lessons: Mapping[str, Lesson]
    graph: PrerequisiteGraph
    faults: tuple[Fault, ...]
    _lesson_texts: dict[tuple[str, str], LessonTexts] = field(default_factory=dict)
    _pack_texts: dict[tuple[str, str], PackTexts] = field(default_factory=dict)

    def lesson_texts(self, lesson_id: str, locale: str) -> LessonTexts:
        """Return a lesson's words for a locale, in English where that language has none."""
        key = (lesson_id, locale)
        if key not in self._lesson_texts:
            lesson = self.lessons[lesson_id]
            path = self._path(lesson.pack, lesson_id, locale)
            texts = read_lesson(path, self.folder, lesson)[0] if path.is_file() else None
            if texts is None:
                texts = self._lesson_texts[lesson_id, SOURCE]
            elif is_latin(locale):
                texts = lesson_in_latin(texts)
            self._lesson_texts[key] = texts
        return self._lesson_texts[key]

    def pack_texts(self, pack_id: str, locale: str) -> PackTexts:
        """Return a pack's words for a locale, in English where that language has none."""
        key = (pack_id, locale)
        if key not in self._pack_texts:
            path = self._path(pack_id, "pack", locale)
            skills = self.packs[pack_id].skills
            texts = read_pack(path, self.folder, skills)[0] if path.is_file() else None
            if texts is None:
                texts = self._pack_texts[pack_id, SOURCE]
            elif is_latin(locale):
                texts = _pack_in_latin(texts)
            self._pack_texts[key] = texts
        return self._pack_texts[key]

    def skill_name(self, skill: str, locale: str) -> str:
        """Return a skill's name as a learner reads it, the bare word if no pack has it."""
        for pack in self.packs.values():
            if skill in pack.skills:
                return self.pack_texts(pack.id, locale).skills[skill]
        return skill

    def picture(self, lesson_id: str, block: int) -> str:
        """Return the SVG markup of a block's picture, "" if it has none."""
        lesson = self.lessons[lesson_id]
        name = lesson.pictures.get(block)
        if name is None:
            return ""
        return (self.folder / lesson.pack / "pictures" / name).read_text(encoding="utf-8").strip()

    def check_languages(self) -> list[Fault]:
        """Return the faults of every translation, and files that belong to no lesson."""
        faults: list[Fault] = []
        for pack in self.packs.values():
            for path in sorted((self.folder / pack.id).glob("*.*.toml")):
                name = path.name.split(".")[0]
                if name == "pack":
                    faults += read_pack(path, self.folder, pack.skills)[1]
                elif name in pack.lessons:
                    faults += read_lesson(path, self.folder, self.lessons[name])[1]
                else:
                    place = str(path.relative_to(self.folder))
                    faults.append(Fault(place, 1, f"no lesson {name} in {SHAPE}; add or rename it"))
        return faults

    def _path(self, pack: str, name: str, locale: str) -> Path:
        language = locale.replace("-", "_").split("_")[0]
        return self.folder / pack / f"{name}.{language}.toml"


@lru_cache(maxsize=4)
def load_library(folder: Path = CONTENT) -> Library:
    """Read all packs of a folder; nothing wrong in one file keeps another from loading."""
    faults: list[Fault] = []
    packs: dict[str, Pack] = {}
    lessons: dict[str, Lesson] = {}
    lesson_texts: dict[tuple[str, str], LessonTexts] = {}
    pack_texts: dict[tuple[str, str], PackTexts] = {}
    shapes = [
        (path, read_shape(path, folder)) for path in sorted(folder.iterdir()) if path.is_dir()
    ]
    shapes.sort(key=lambda pair: pair[1].place)
    known = {skill for _path, shape in shapes for one in shape.lessons for skill in one.skills}
    for path, shape in shapes:
        faults += shape.faults
        skills = tuple(dict.fromkeys(skill for one in shape.lessons for skill in one.skills))
        texts, wrong = read_pack(path / f"pack.{SOURCE}.toml", folder, skills)
        faults += wrong
        if texts is None:
            continue
        own: list[str] = []
        for lesson in shape.lessons:
            words, wrong = read_lesson(path / f"{lesson.id}.{SOURCE}.toml", folder, lesson)
            faults += wrong
            where = f"{path.name}/{SHAPE}"
            if lesson.id in lessons:
                other = lessons[lesson.id].pack
                faults.append(Fault(where, 1, f"{lesson.id} is a lesson of {other}; rename one"))
            elif words is not None:
                odd = sorted(set(lesson.after) - known)
                faults += [
                    Fault(where, 1, f"{lesson.id} comes after {one}, which no lesson teaches")
                    for one in odd
                ]
                lessons[lesson.id] = replace(
                    lesson, after=tuple(one for one in lesson.after if one in known)
                )
                lesson_texts[lesson.id, SOURCE] = words
                own.append(lesson.id)
        if own:
            packs[path.name] = Pack(path.name, tuple(own), skills)
            pack_texts[path.name, SOURCE] = texts
    graph, circle = _graph(lessons)
    faults += circle
    return Library(folder, packs, lessons, graph, tuple(faults), lesson_texts, pack_texts)


def _graph(lessons: Mapping[str, Lesson]) -> tuple[PrerequisiteGraph, list[Fault]]:
    """Return what comes before what; a circle is reported, and then nothing waits."""
    before: dict[str, set[str]] = {}
    for lesson in lessons.values():
        for skill in lesson.skills:
            before.setdefault(skill, set()).update(set(lesson.after) - set(lesson.skills))
    tidy = {skill: tuple(sorted(names & set(before))) for skill, names in before.items()}
    try:
        return PrerequisiteGraph.of(tidy), []
    except PrerequisiteError as wrong:
        faults = [Fault(SHAPE, 1, problem) for problem in wrong.problems]
        return PrerequisiteGraph.of(dict.fromkeys(tidy, ())), faults


def is_latin(locale: str) -> bool:
    """Return whether a locale is Serbian in Latin script, which is made from the Cyrillic."""
    return locale.replace("-", "_").lower() == "sr_latn"


def lesson_in_latin(texts: LessonTexts) -> LessonTexts:
    """Return Serbian words in Latin script; authors write Cyrillic, which converts safely."""
    one = cyrillic_to_latin
    return replace(
        texts,
        title=one(texts.title),
        why=one(texts.why),
        tip=one(texts.tip),
        blocks=tuple(
            Block(
                one(block.heading),
                tuple(
                    one(part) if isinstance(part, str) else tuple(map(one, part))
                    for part in block.paragraphs
                ),
                one(block.alt),
            )
            for block in texts.blocks
        ),
        exercises=tuple(
            replace(
                exercise,
                ask=one(exercise.ask),
                story=one(exercise.story),
                options={letter: one(text) for letter, text in exercise.options.items()},
                replies={letter: one(text) for letter, text in exercise.replies.items()},
                good=one(exercise.good),
                again=one(exercise.again),
                model=one(exercise.model),
                accept=(*exercise.accept, *map(one, exercise.accept)),
            )
            for exercise in texts.exercises
        ),
    )


def _pack_in_latin(texts: PackTexts) -> PackTexts:
    one = cyrillic_to_latin
    skills = {skill: one(name) for skill, name in texts.skills.items()}
    return replace(texts, title=one(texts.title), summary=one(texts.summary), skills=skills)
