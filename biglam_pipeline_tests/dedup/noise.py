"""Made-up pages, and the same as an OCR engine has them."""

from random import Random

SYLLABLES = [f"{a}{b}{c}" for a in "bdfhklmnprstvw" for b in "aeiou" for c in ("", "n", "r", "st", "l")]


def page(seed: str) -> str:
    """Two hundred words."""
    chance = Random(seed)
    return " ".join("".join(chance.choices(SYLLABLES, k=chance.randrange(1, 4))) for _ in range(200))


def noisy(text: str, seed: int, share: float = 0.03, letters: str = "aeioult") -> str:
    """The same with some letters wrong, as an OCR engine has it. letters: what it reads instead."""
    chance = Random(seed)
    return "".join(chance.choice(letters) if chance.random() < share and one != " " else one for one in text)


def collection() -> dict[str, str]:
    """Twenty pages; p03 has a noisy copy, p05 two, and p07 one of equal letters."""
    pages = {f"p{at:02d}": page(f"page {at}") for at in range(20)}
    pages |= {"q03": noisy(pages["p03"], 1), "q05": noisy(pages["p05"], 2), "r05": noisy(pages["p05"], 3)}
    return pages | {"q07": pages["p07"].upper().replace(" ", "\n")}
