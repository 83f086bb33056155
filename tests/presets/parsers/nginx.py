"""nginx: quotes only at the start of a word, backslash escapes, an error for what nginx would not take."""


def parse_nginx(text: str) -> list[object]:
    """Directives as lists of words; a block's last word is the list of its directives.

    Written after nginx's own reader: quotes only at the start of a word, backslash escapes,
    and an error for whatever nginx would not take.
    """
    directives, rest = _directives(text, 0, closing=False)
    assert rest == len(text)
    return directives


def _directives(text: str, at: int, *, closing: bool) -> tuple[list[object], int]:
    found: list[object] = []
    words: list[object] = []
    while at < len(text):
        mark = text[at]
        if mark.isspace():
            at += 1
        elif mark == ";":
            assert words, "a directive without a name"
            found.append(words)
            words, at = [], at + 1
        elif mark == "{":
            assert words, "a block without a name"
            body, at = _directives(text, at + 1, closing=True)
            found.append([*words, body])
            words = []
        elif mark == "}":
            assert closing and not words, "an unexpected }"
            return found, at + 1
        else:
            assert mark != "#", "a comment"
            word, at = _word(text, at)
            words.append(word)
    assert not closing and not words, "an unexpected end"
    return found, at


def _word(text: str, at: int) -> tuple[str, int]:
    if text[at] not in "\"'":
        end = at
        while text[end] not in " \t\n;{}\"'\\":
            end += 1
        return text[at:end], end
    quote, word, at = text[at], "", at + 1
    while text[at] != quote:
        if text[at] == "\\":
            at += 1
            word += {"n": "\n", "t": "\t", "r": "\r"}.get(text[at], text[at])
        else:
            word += text[at]
        at += 1
    assert text[at + 1] in " \t\n;{", "a word goes on after its quotes"
    return word, at + 1
