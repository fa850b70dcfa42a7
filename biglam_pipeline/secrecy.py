"""What in an address is a secret, found by its name; and the same address without it, for all that is shown or kept.

Names as their specifications and services have them, whatever their case and whatever divides their words:

- signed addresses: AWS Signature Version 4 (`X-Amz-*`: https://docs.aws.amazon.com/AmazonS3/latest/API/
  sigv4-query-string-auth.html), Version 2 and CloudFront (`AWSAccessKeyId`, `Signature`, `Key-Pair-Id`), Google Cloud
  Storage (`X-Goog-*`, `GoogleAccessId`), Azure's shared access signatures (`sig`), Swift's `temp_url_sig`, Alibaba
  (`x-oss-*`, `OSSAccessKeyId`), Tencent (`q-sign-*`, `q-ak`, `q-signature`, `x-cos-*`), Huawei (`x-obs-*`), Akamai's
  `hdnts`, `hdnea`, `hdntl`, Dropbox's `rlkey`, OneDrive's `authkey`, Google Drive's `resourcekey`, `tempauth`.
- OAuth: RFC 6749 (`code`, `client_secret`, `password`, `refresh_token`), RFC 6750 (`access_token`), RFC 7521
  (`assertion`, `client_assertion`), RFC 7636 (`code_verifier`), RFC 8628 (`device_code`), OpenID (`id_token`), RFC 5849
  (`oauth_*`); SAML (`SAMLResponse`, `SAMLRequest`, `SAMLart`); CAS (`ticket`).
- OWASP, Information exposure through query strings (https://owasp.org/www-community/vulnerabilities/
  Information_exposure_through_query_strings_in_url): passwords, tokens, and what stands for a session.
- keys of libraries' and museums' interfaces: `key` (Trove, Rijksmuseum, Dataverse), `wskey` (Europeana), `api_key`
  (DPLA, Smithsonian), `apikey` (Harvard), `subscription-key` (Azure's gateway), `private_link` (figshare).

A token that only says where to go on (`resumptionToken`, `pageToken`) is none.
"""

import re
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import quote, unquote, unquote_plus

REMOVED = "***"
"""What stands in an address in the place of a secret."""

_FAMILIES = re.compile(r"x-?(?:amz|goog|oss|cos|obs)-|q-(?:sign|ak$|signature)|oauth[_-]|saml", re.IGNORECASE)
_SECRETS = frozenset(
    re.findall(
        r"\w+",
        """
    auth authn authz authentication authorization bearer code codeverifier cookie cred creds csrf devicecode hmac jwe
    jws jwt key nonce otp pass passcode passwort motdepasse contrasena pin pwd psw pw sess sessid session sessionid sid
    sig sign signed tempauth tempurlsig ticket totp verifier xsrf aspsessionid cfid jsessionid phpsessid
    accessid awsaccesskeyid accesskeyid googleaccessid keypairid ossaccesskeyid hdnea hdntl hdnts
    authkey privatelink resourcekey rlkey wskey
    """,
    )
)
"""Whole names, without what divides their words."""
_ENDS = ("assertion", "credential", "passphrase", "passwd", "password", "secret", "signature", "token")
"""How further names end: `downloadToken`, `user[password]`, `client_secret`."""
_KEYS = frozenset(
    re.findall(
        r"\w+",
        """
        access account admin api app application auth client consumer customer dev developer license licence master
        partner private project public sas secret security server service session shared signing storage subscription
        user web
        """,
    )
)
"""A key after one of these opens something; `sortKey` and `primary_key` do not."""
_PAGES = ("resumption", "page", "next", "continuation", "continue", "cursor", "sync", "start", "scroll", "paging")
"""A token after one of these says where to go on."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_a-zA-Z]+")
_ADDRESS = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s<>\"`]+")
_USERINFO = re.compile(r"(?<=://)(?!\*{3}@)(?:[^/?#\s]+|[^][/?#\s:@]+:(?!\d{0,5}(?:[/?#]|$))\S{0,200}?)@")
"""Also a password with `/ ? #` that nobody escaped: what stands behind the colon is no port."""
_PAIR = re.compile(r"([?&;#])([^=&;#?]+)=([^&;#?]*)")
_REST = re.compile(r"[^&#]*")
_INSIDE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/|[/?]|[^=&;#?]+=[^&#?]*&[^=&;#?]+=")
"""How an address, or a query of several parameters, begins that stands inside another one."""
_DEEPEST = 3
"""So many addresses may stand inside one another's queries, and so often may one be escaped: each log-in on the way
does it once more.
"""


def is_secret(name: str) -> bool:
    """Is what a parameter of this name holds a secret?"""
    words = [word.casefold() for word in _WORD.findall(name)]
    whole = "".join(words)
    if _FAMILIES.match(name) or whole in _SECRETS:
        return True
    whole = whole.removesuffix("s")
    if whole.endswith(_ENDS):
        return not _counts_pages(name)
    if words[1:] and words[-1] in ("auth", "hmac", "jwt", "otp", "pwd", "sig", "sid"):
        return True
    return whole.endswith("key") and (whole[:-3] in _KEYS or (len(words) > 1 and words[-2] in _KEYS))


def _counts_pages(name: str) -> bool:
    whole = "".join(_WORD.findall(name)).casefold().removesuffix("s")
    return whole.endswith("token") and whole.removesuffix("token").endswith(_PAGES)


def secrets_in(text: str, public: Collection[str] = ()) -> list[str]:
    """Names of the secrets that the addresses in a text hold, each once; `@` for a name or password before the host.

    public: names that hold none, whatever they look like.
    """
    found: dict[str, None] = {}
    for address in _ADDRESS.findall(text):
        _bare(address, public, found, _DEEPEST)
    return list(found)


_HEADER = re.compile(r"""([A-Za-z][\w-]*)(\s*[:=]\s*)(?!\s|env:|["']env:|\{)("[^"]*"?|'[^']*'?|[^,}\]]+)""")
"""`X-Api-Key: VALUE`, as a line of sources.yaml has it, also without the blank."""
_OF_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie"))


def with_names_only(line: str, path: Collection[object] = ()) -> str:
    """A line of sources.yaml as a message may quote it: `env:NAME` in the place of what a header would send.

    path: the keys above it; below `headers` and `query` every value is one.
    """
    inside, below = "header" in line.casefold(), "headers" in path or "query" in path
    query = line.find("query:")

    def hide(found: re.Match[str]) -> str:
        name = found[1].casefold()
        sent = below or 0 <= query < found.start() or name in _OF_HEADERS or name.startswith("x-")
        sent = sent or (is_secret(name) and (inside or "-" in name))
        return f"{found[1]}: env:NAME" if sent else found[0]

    return _HEADER.sub(hide, line)


def secret_fault(names: Collection[str], *, asked: bool = True) -> str:
    """What to say of an address in sources.yaml that holds these. asked: whether it is one that a visit asks."""
    what = ", ".join("a name or password before the host" if name == "@" else f"`{name}`" for name in names)
    public = ", ".join(name for name in names if name != "@")
    way = "write harvest: {url: ADDRESS, headers: {NAME: env:NAME}}" if asked else "name a page that everybody can read"
    spare = f"; where it is no secret, write harvest: {{url: ADDRESS, public: [{public}]}}" if public else ""
    return (
        f"{what}: a secret in an address would stand on the card, on the shelves and in logs; leave it out there, and "
        f"{way}{spare}"
    )


_TOOLS = {
    "s3": "its key in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in the profile of AWS_PROFILE: `aws s3 sync",
    "gs": "its account by `gcloud auth login`, or a key file in GOOGLE_APPLICATION_CREDENTIALS: `gcloud storage rsync",
    "ftp": "its password in ~/.netrc: `wget --mirror",
}
"""Who copies what is not open, and where that program has its key:
https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html ,
https://cloud.google.com/docs/authentication/application-default-credentials ,
https://www.gnu.org/software/wget/manual/wget.html"""


def store_fault(address: str) -> str:
    """What to say of an address of a bucket or an FTP server that holds a name or password, without it; empty of any
    other.
    """
    scheme = address.partition("://")[0].strip()
    if scheme not in _TOOLS or "@" not in secrets_in(address):
        return ""
    open_to_all = _USERINFO.sub("", address.strip()).partition("#")[0]
    return (
        "a name or password stands in the address, and would stand on the card, on the shelves and in logs. Nobody "
        f"logs in there: what is open to everybody needs none, write {open_to_all}; what is not is copied by its own "
        f"program, with {_TOOLS[scheme]} {open_to_all} FOLDER`, and harvested as file:FOLDER"
    )


def without_secrets(text: str, public: Collection[str] = ()) -> str:
    """The text, with `***` in the place of every secret that its addresses hold."""
    return _shown(text, frozenset(public)) if "://" in text else text


@lru_cache(maxsize=16)
def _shown(text: str, public: frozenset[str]) -> str:
    # A visit shows the same address several times an answer: in errors that may come, and on the shelf.
    return _ADDRESS.sub(lambda found: _bare(found[0], public, {}, _DEEPEST), text)


def _bare(address: str, public: Collection[str], found: dict[str, None], depth: int) -> str:
    """The address without its secrets, whose names are put into `found`."""
    bare = _USERINFO.sub(f"{REMOVED}@", address)
    if bare != address:
        found["@"] = None
    spared, kept, place = {name.casefold() for name in public}, list[str](), 0
    for pair in _PAIR.finditer(bare):
        if pair.start() < place:
            continue
        name, value = unquote(unquote(unquote_plus(pair[2]))), pair[3]
        if is_secret(name) and name.casefold() not in spared:
            # A `;` may be a sign of the secret, unless it is what divides one parameter from the next.
            rest = _REST.match(bare, pair.start(3)) if pair[1] != ";" else None
            secret = rest[0] if rest else value
            if secret not in ("", REMOVED, "{}"):
                found[name] = None
                kept += [bare[place : pair.start(3)], REMOVED]
                place = pair.start(3) + len(secret)
        elif depth and not _counts_pages(name) and (inside := _inside(value)):
            # What a server says of its pages is its own affair.
            without = _bare(inside, public, found, depth - 1)
            kept += [bare[place : pair.start(3)], value if without == inside else quote(without.lstrip("&"), safe="*")]
            place = pair.end(3)
    return "".join(kept) + bare[place:]


def _inside(value: str) -> str:
    """The address or query that stands in escapes in a value, as `_bare` reads it; empty where there is none."""
    for _ in range(_DEEPEST):
        value, before = unquote(value), value
        if value != before and (found := _INSIDE.match(value)):
            return value if found[0][-1] in ":/?" else f"&{value}"
    return ""
