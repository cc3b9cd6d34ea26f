"""A question cut into tokens: names of the graph, quantities, words of asking, and the words left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from index.matcher import Match
from index.segment import Segmenter
from kg.ask.lexicon import Entity, Lexicon, words
from kg.ask.reading import MAX_LENGTH, Quantity, ends_beside, plain, quantities, quoted
from kg.ask.typos import Typos

LONGEST_GROUP = 12  # characters of a group's name
OR = ("或", "或者", "或是")


@dataclass(frozen=True, slots=True)
class Token:
    """``kind``: entity, quantity, role, word (content) or light (may be ignored); ``why`` says how it was known."""

    start: int
    end: int
    text: str
    kind: str
    why: str
    entity: Entity | None = None
    quantity: Quantity | None = None
    roles: tuple[str, ...] = ()


@dataclass(slots=True)
class Tokens:
    """The tokens of a question in order, and what was said about reading it."""

    question: str
    text: str
    items: list[Token]
    quoted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def roles(self) -> set[str]:
        return {role for t in self.items for role in t.roles}

    def has(self, *roles: str) -> bool:
        return any(role in t.roles for t in self.items for role in roles)

    def entities(self, *kinds: str) -> list[Token]:
        return [t for t in self.items if t.entity and (not kinds or t.entity.kind in kinds)]

    def quantities(self, *kinds: str) -> list[Quantity]:
        return [t.quantity for t in self.items if t.quantity and t.quantity.kind in kinds]

    def quantities_said(self) -> list[Quantity]:
        """All quantities, whatever their kind."""
        return [t.quantity for t in self.items if t.quantity]

    def content(self) -> list[Token]:
        """Words that are no name, quantity, question word or filler."""
        return [t for t in self.items if t.kind == "word"]


def tokenise(
    question: str, lexicon: Lexicon, segmenter: Segmenter, typos: Typos, known: Callable[[str], bool]
) -> Tokens:
    """Cut a question up. A word the data does not know is first tried as a typo of a name it does know, then as
    two words that it knows; ``known`` tells whether it knows a word."""
    text = ends_beside(plain(question[:MAX_LENGTH]))
    notes = [f"问题过长，只读了前 {MAX_LENGTH} 个字"] if len(question) > MAX_LENGTH else []
    tokens = Tokens(question, text, _cut(text, lexicon, segmenter, known), quoted(question[:MAX_LENGTH]), notes)
    for _ in range(3):
        names = [(t.start, t.end) for t in tokens.entities()]
        mended = typos.mend(tokens.text, [(t.start, t.end) for t in tokens.content()], names)
        if mended is None:
            break
        said, meant, fixed = mended
        tokens.notes.append(f"“{said}”按“{meant}”理解")
        tokens = replace(tokens, text=fixed, items=_cut(fixed, lexicon, segmenter, known))
    items = [part for token in tokens.items for part in _halves(token, lexicon, known)]
    return replace(tokens, items=_idle_alternatives(items))


def _halves(token: Token, lexicon: Lexicon, known: Callable[[str], bool]) -> list[Token]:
    """An unknown compound as the two known or light words it is made of, if it is: 区域合作 → 区域, 合作; 物业费 → 物业, 费."""
    text = token.text
    if token.kind == "word" and not known(text) and (len(text) > 3 or text[2:] in words()["tails"]["words"]):
        for cut in range(2, max(3, len(text) - 1)):
            if all(part in lexicon.light or known(part) for part in (text[:cut], text[cut:])):
                start, middle = token.start, token.start + cut
                return [
                    _plain_word(start, middle, text[:cut], lexicon),
                    _plain_word(middle, token.end, text[cut:], lexicon),
                ]
    return [token]


def _plain_word(start: int, end: int, text: str, lexicon: Lexicon) -> Token:
    light = text in lexicon.light
    why = "语气或功能词，不参与检索" if light else "内容词，按主题查找"
    return Token(start, end, text, "light" if light else "word", why)


def _idle_alternatives(items: list[Token]) -> list[Token]:
    """“补贴或生活费”, where one alternative is idle, asks for no more than that one."""
    out = list(items)
    for at in range(1, len(items) - 1):
        if items[at].text in OR:
            one, other = items[at - 1], items[at + 1]
            for place, word, beside in ((at - 1, one, other), (at + 1, other, one)):
                if word.kind == "word" and beside.kind == "light":
                    out[place] = replace(word, kind="light", why="与可有可无的词二者任一，不作条件")
    return out


def _cut(text: str, lexicon: Lexicon, segmenter: Segmenter, known: Callable[[str], bool]) -> list[Token]:
    year = lexicon.years[0] if lexicon.years else None
    numbers = {q.start: q for q in quantities(text, year)}
    spans = _word_spans(text, segmenter)
    nouns = {start for start, end in spans.items() if end - start > 1 and known(text[start:end])}
    items: list[Token] = []
    rest = at = 0
    while at < len(text):
        token = _named(text, at, lexicon, numbers, spans, nouns, rest)
        if token is None:
            at += 1
            continue
        items += _leftover(text, rest, at, lexicon, segmenter)
        items.append(token)
        rest = at = token.end
    return items + _leftover(text, rest, len(text), lexicon, segmenter)


def _named(
    text: str,
    at: int,
    lexicon: Lexicon,
    numbers: dict[int, Quantity],
    spans: dict[int, int],
    nouns: set[int],
    rest: int,
) -> Token | None:
    """The name, quantity or question word that starts here: the longest, a name before the others.

    ``nouns``: where words that the data knows start; ``rest``: where what is not yet taken begins.
    """
    entity, quantity = _entity(text, at, lexicon), numbers.get(at)
    role = lexicon.roles.longest(text, at)
    if role and (begins := next((p for p in range(at + 1, role.end) if p in numbers), 0)):
        role = lexicon.roles.longest(text[:begins], at)  # 既|不是90%
    if role and (inside := next((s for s, e in spans.items() if at < s < role.end < e and s in nouns), 0)):
        role = lexicon.roles.longest(text[:inside], at) or role  # 多少|家庭: no 多少家
    word = next((start for start, end in spans.items() if start < at < end), at)  # where the word over ``at`` starts
    if role and role.end == at + 1 and rest <= word < at:
        role = None  # the last character of a word: 失业率 asks for no 率 of 失业
    if role and text[role.end - 1].isdigit() and text[role.end : role.end + 1].isdigit():
        role = None  # 是01: no 是零
    end, roles = (role.end, role.values) if role else (at, ())
    begun = word < rest  # the word is taken in part: 2024年|少
    if not role and (spans.get(at) == at + 1 or text[at] == "、" or begun):
        # a single character only where it is a word by itself
        end, roles = at + 1, lexicon.roles.get(text[at])
    if entity and entity.end >= max(quantity.end if quantity else at, end if roles else at):
        chosen = min(entity.values, key=lambda e: _PREFERENCE[e.kind])
        why = f"图谱中的名称（{_KIND[chosen.kind]}）"
        also = roles if end == entity.end else ()
        return Token(at, entity.end, entity.text, "entity", why, chosen, roles=also)
    each = quantity is not None and quantity.kind == "amount" and "per_unit" in roles
    if quantity and (not roles or quantity.end > end or (quantity.end == end and not each)):
        why = f"数量（{_shown(quantity.kind)}）"
        return Token(at, quantity.end, quantity.text, "quantity", why, quantity=quantity)
    if roles:
        why = f"提问用词（{'、'.join(map(_shown, roles))}）"
        return Token(at, end, text[at:end], "role", why, roles=roles)
    return None


MARKS = ",;?!。:"


def _entity(text: str, at: int, lexicon: Lexicon) -> Match[Entity] | None:
    """The longest name that starts here; a group's also with a 的 inside: 家庭经济困难的学生."""
    if text[at] in MARKS:
        return None  # no name begins with what ends a sentence
    found = lexicon.entities.longest(text, at)
    particle = text.find("的", at + 2, at + LONGEST_GROUP)
    if particle > 0 and (not found or found.end <= particle):
        joined = lexicon.entities.longest(text[:particle] + text[particle + 1 :], at)
        if joined and joined.end > particle and all(e.kind == "group" for e in joined.values):
            return replace(joined, end=joined.end + 1, text=joined.text)
    return found


def _shown(role: str) -> str:
    said: str = words()["labels"].get(role, role)
    return said


_PREFERENCE = {
    "project": 0,
    "programme": 1,
    "department": 2,
    "type": 3,
    "fund": 4,
    "group": 5,
    "indicator": 6,
}
_KIND = {
    "project": "项目", "programme": "项目", "department": "部门", "type": "指标类型", "fund": "资金来源",
    "group": "受益群体", "indicator": "指标",
}  # fmt: skip


def _word_spans(text: str, segmenter: Segmenter) -> dict[int, int]:
    spans: dict[int, int] = {}
    at = 0
    for word in segmenter.words(text, guess=False):
        at = text.find(word, at)
        if at < 0:
            break
        spans[at] = at + len(word)
        at += len(word)
    return spans


def _leftover(text: str, start: int, end: int, lexicon: Lexicon, segmenter: Segmenter) -> list[Token]:
    spans: list[tuple[int, int, bool, bool]] = []  # (start, end, light, single characters)
    for at, stop in sorted(_word_spans(text[start:end], segmenter).items()):
        light = text[start + at : start + stop] in lexicon.light
        # single characters in a row that no dictionary joins are one unknown word (or a slip for a known one)
        if spans and stop - at == 1 and not light and spans[-1][1] == at and not spans[-1][2] and spans[-1][3]:
            spans[-1] = (spans[-1][0], stop, False, True)
        else:
            spans.append((at, stop, light, stop - at == 1))
    return [_plain_word(start + at, start + stop, text[start + at : start + stop], lexicon) for at, stop, _, _ in spans]
