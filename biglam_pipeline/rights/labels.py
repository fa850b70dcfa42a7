"""What do the Labels and Notices of Local Contexts ask of whoever publishes?

Labels are a community's own words about its knowledge, Notices an institution's admission that it holds some:
https://localcontexts.org/labels/, https://localcontexts.org/notices/. The names below are the last part of their
addresses there. What is written on a Label that is not known here cannot be obeyed, so it closes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

Effect = Literal["none", "asks", "implies", "nc", "blocks"]
"""none: says nothing of what is there. asks: whose it is has to be asked. implies: Indigenous knowledge is there.
nc: implies, and only non-commercial use is allowed. blocks: implies, and is not for everybody, so not for the Hub."""


@dataclass(frozen=True, slots=True)
class Label:
    """One Label or Notice."""

    name: str
    """As in its address: tk-secret-sacred, bc-provenance, notice-attribution-incomplete."""
    effect: Effect

    @property
    def title(self) -> str:
        """For people: "TK Secret Sacred"."""
        kind, _, rest = self.name.partition("-")
        words = rest.replace("-", " ").title()
        return f"{words} Notice" if kind == "notice" else f"{kind.upper()} {words}"


UNKNOWN = Label("", "blocks")
"""A Label that is not known here."""

# Why some block that are not called secret: the template texts of Clan, Family, Community Use Only and Outreach begin
# alike, "traditionally and usually not publicly available"; General as well as Restricted gender Labels ask outsiders
# "to not download, copy, remix or otherwise circulate"; a Seasonal one is for one time of the year, and a dataset is
# read at all times. The Viewing Notice limits who may see "existing images or representations".
_EFFECTS: dict[Effect, str] = {
    "none": "notice-open-to-collaborate",
    "asks": "notice-attribution-incomplete",
    "implies": "tk-attribution tk-multiple-communities tk-community-voice tk-creative tk-verified tk-non-verified "
    "tk-culturally-sensitive tk-commercial tk-open-to-collaboration bc-provenance bc-multiple-communities "
    "bc-consent-verified bc-consent-non-verified bc-open-to-commercialization bc-open-to-collaboration "
    "bc-research-use notice-traditional-knowledge notice-biocultural notice-belonging notice-caring "
    "notice-leave-undisturbed notice-safety notice-authorization",
    "nc": "tk-non-commercial bc-non-commercial",
    "blocks": "tk-seasonal tk-secret-sacred tk-men-restricted tk-women-restricted tk-men-general tk-women-general "
    "tk-community-use-only tk-clan tk-family tk-outreach bc-clan bc-outreach notice-withholding notice-viewing "
    "notice-gender-aware",
}
LABELS = {name: Label(name, effect) for effect, names in _EFFECTS.items() for name in names.split()}
"""Name -> Label: the twenty TK Labels, the ten BC Labels, and the Notices."""

# The Hub of Local Contexts writes them behind the name: "TK Attribution (TK A)"
# (https://github.com/localcontexts/localcontextshub).
_CODES = (
    "tk-a attribution, tk-cl clan, tk-f family, tk-mc multiple-communities, tk-cv community-voice, tk-cr creative, "
    "tk-v verified, tk-nv non-verified, tk-s seasonal, tk-wg women-general, tk-mg men-general, tk-mr men-restricted, "
    "tk-wr women-restricted, tk-cs culturally-sensitive, tk-ss secret-sacred, tk-c commercial, tk-nc non-commercial, "
    "tk-co community-use-only, tk-o outreach, tk-oc open-to-collaboration, bc-p provenance, bc-mc multiple-communities,"
    " bc-cl clan, bc-cv consent-verified, bc-cnv consent-non-verified, bc-oc open-to-commercialization, "
    "bc-cb open-to-collaboration, bc-o outreach, bc-r research-use, bc-nc non-commercial"
)
# It writes some names of its API in another way than its addresses.
_OTHER_NAMES = (
    "tk-multiple-community tk-multiple-communities, bc-multiple-community bc-multiple-communities, "
    "bc-commercialization bc-open-to-commercialization, bc-collaboration bc-open-to-collaboration, "
    "bc-research bc-research-use, tk-notice notice-traditional-knowledge, bc-notice notice-biocultural, "
    "tk-tk-multiple-community tk-multiple-communities"
)


def _pairs() -> dict[str, str]:
    found = {}
    for pair in _CODES.split(", "):
        code, name = pair.split()
        found[code] = f"{code[:2]}-{name}"
    return found | dict(pair.split() for pair in _OTHER_NAMES.split(", "))


_ALSO = _pairs()


def read_label(text: str) -> Label:
    """The Label that a name, a code ("TK SS") or an address of localcontexts.org means; UNKNOWN where it is none."""
    plain, *guesses = _candidates(text)
    known = LABELS.get(_ALSO.get(plain, plain))
    named = (LABELS.get(guess) for guess in guesses)  # a code alone is too short to be taken for one: "a label"
    return known or next((label for label in named if label), UNKNOWN)


def _candidates(text: str) -> list[str]:
    folded = text.strip().casefold()
    if address := re.match(r"https?://(?:www\.)?localcontexts\.org/(?:[a-z]{2}/)?(label|notice)s?/([^/?#]+)", folded):
        kind, folded = address.groups()
        return [folded if kind == "label" else f"notice-{folded}"]
    folded = re.sub(r"\((?:tk|bc)[^()]{0,20}\)", " ", folded)
    folded = folded.replace("traditional knowledge", "tk").replace("biocultural", "bc")
    words = [word for word in re.split(r"[^a-z0-9]+", folded) if word not in ("", "label", "labels")]
    notice = {"notice", "notices"} & set(words)
    plain = "-".join(word for word in words if word not in ("notice", "notices"))
    if notice:
        known = {"tk": "traditional-knowledge", "bc": "biocultural", "bc-bc": "biocultural"}
        return [f"notice-{known.get(plain, plain)}"]
    return [plain] if plain[:3] in ("tk-", "bc-") else [plain, f"tk-{plain}", f"bc-{plain}", f"notice-{plain}"]


_ADDRESS = re.compile(r"https?://(?:www\.)?localcontexts(?:hub)?\.org/[^\s;,|<>\"']+", re.IGNORECASE)
_NAMES_ITSELF = re.compile(r"\s*(?:tk|bc|traditional[ -]knowledge|biocultural)\b", re.IGNORECASE)


def labels_of(values: Iterable[str]) -> tuple[Label, ...]:
    """The Labels of one record, each once; several in one value are divided by `;`, `|`, `,` or a line's end.

    A value that is none, whole or in pieces, gives `UNKNOWN`.
    """
    found: dict[Label, None] = {}
    for value in values:
        whole = read_label(value)
        pieces = [value] if whole.name else [one for one in re.split(r"[;|,\n]", value) if one.strip()]
        found.update((read_label(piece), None) for piece in pieces)
    return tuple(found)


def labels_among(statements: Iterable[str]) -> Iterator[str]:
    """The Labels that stand among statements of rights, where institutions put them for want of a better field.

    An address at Local Contexts anywhere in a value, or a value that names itself TK or BC and is a Label.
    """
    for value in statements:
        if addresses := _ADDRESS.findall(value):
            yield from (address.rstrip(".)") for address in addresses)
        elif _NAMES_ITSELF.match(value) and any(label.name for label in labels_of([value])):
            yield value
