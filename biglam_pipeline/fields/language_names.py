"""Which names of languages do catalogues write that `language_data` does not know, or takes for another language?

A name here goes before the look-up. Sources: the names of ISO 639-2 (https://www.loc.gov/standards/iso639-2/) in
English, French and German; the MARC code list for languages; abbreviations of Duden, of ГОСТ 7.12 (Russian) and of
PN-N-01178 (Polish); the adverbs with which Czech and Slovak catalogues say in which language a text is.
"""

import re

_NAMES = """
yi: judendeutsch | jüdisch-deutsch | jüdischdeutsch | jüdischdeutsche sprache
gsw: alemannisch | alsatian | elsässisch
wen: sorbian | sorbisch | sorbe | wendisch | sorbian languages
smi: sami | samisk | saame | saami | sámi | lappisch | samiska | sami languages
lad: ladino | judenspanisch | judeo-spanish | judéo-espagnol
oc: langue d'oc | occitan (post 1500) | okzitanisch
pro: altprovenzalisch | provençal, old (to 1500) | ancien provençal
es: castellano | castilian | castellà | kastilisch | span.
hi: hindi | hindī
mi: te reo māori | te reo maori
ro: român | limba română
grc: griechisch, alt | griechisch (alt) | griechisch, altgriechisch | grec, ancien | grec ancien (jusqu'à 1453)
grc: griego, antiguo | greco, antico | greco antico | grieks, oud | oudgrieks | starogrecki
grc: græsk, oldgræsk | starořečtina
el: griechisch, neu | griechisch (neu) | grec, moderne | griego, moderno | griech.
frm: französisch, mittel | moyen français | français, moyen
fro: altfranzösisch | ancien français | français, ancien
gmh: deutsch, mittelhochdeutsch | mittelhochdt. | mhd. | moyen haut-allemand
goh: deutsch, althochdeutsch | ahd.
nds: plattdt. | niederdt. | niedersächsisch
de: dt. | dtsch. | deutschsprachig | německy | nemecky | německý | niem. | нем. | нем
en: engl. | angl. | anglicky | англ. | англ
fr: franz. | frz. | franç. | francouzsky | francúzsky | франц. | фр. | franc.
la: lat. | latinsky | łac. | лат. | latein. | латин.
it: ital. | italsky | taliansky | итал. | wł.
ru: russ. | rusky | ros. | рус.
pl: poln. | polsky | poľsky | pol. | польск.
cs: česky | český | tschech. | чеш.
sk: slovensky | slovenský | slowak.
sl: slovinsky | slovinský | slowen.
hu: ungar. | maďarsky | węg.
nl: niederl. | nizozemsky | holl. | holländisch
da: dän. | dánsky
sv: schwed. | švédsky
he: hebr. | hebrejsky | евр.
uk: укр. | ukrajinsky
be: белорус.
el: řecky
es: španělsky | hiszp. | исп.
pt: portug. | portugalsky
cu: церк.-слав. | церковнослав. | kirchenslawisch
mul: verschiedene sprachen | diverse sprachen | langues multiples | plusieurs langues | multilingue | various languages
mul: multiple languages | mehrsprachig | různé jazyky | vícejazyčné | wielojęzyczny | flerspråkig
mul: flersproget | meertalig
mul: plurilingue | monikielinen | varias lenguas | varios idiomas | lingue diverse
zxx: no linguistic content | no language | not applicable | kein sprachlicher inhalt | keine sprache | ohne sprache
zxx: pas de contenu linguistique | sans contenu linguistique | aucun contenu linguistique | sin contenido lingüístico
zxx: nessun contenuto linguistico | geen taalkundige inhoud | sem conteúdo linguístico | inget språkligt innehåll
mis: uncoded languages | langues non codées | nicht kodierte sprachen
"""
NAMES = {
    name.strip().rstrip("."): line.partition(":")[0]
    for line in _NAMES.strip().split("\n")
    for name in line.partition(":")[2].split("|")
}
"""Name in small letters, without a full stop at its end -> tag."""

COLLECTIVE = {
    "germanic": "gem", "romance": "roa", "slavic": "sla", "celtic": "cel", "baltic": "bat", "semitic": "sem",
    "indic": "inc", "iranian": "ira", "berber": "ber", "bantu": "bnt", "cushitic": "cus", "dravidian": "dra",
    "caucasian": "cau", "finno-ugrian": "fiu", "finno-ugric": "fiu", "indo-european": "ine", "turkic": "trk",
    "altaic": "tut", "austronesian": "map", "papuan": "paa", "polynesian": "poz", "philippine": "phi", "mayan": "myn",
    "sino-tibetan": "sit", "tibeto-burman": "tbq", "tai": "tai", "mon-khmer": "mkh", "nilo-saharan": "ssa",
    "niger-kordofanian": "nic", "afroasiatic": "afa", "afro-asiatic": "afa", "khoisan": "khi", "salishan": "sal",
    "north american indian": "nai", "south american indian": "sai", "central american indian": "cai",
    "creoles and pidgins, english-based": "cpe", "creoles and pidgins, french-based": "cpf",
    "creoles and pidgins, portuguese-based": "cpp", "creoles and pidgins": "crp", "artificial": "art",
    "aboriginal australian": "aus", "algonquian": "alg", "athapascan": "ath", "iroquoian": "iro", "siouan": "sio",
}  # fmt: skip
"""Groups of ISO 639-5 and of the MARC list, which writes "Germanic (Other)" -> code."""

SCRIPTS = {
    "arabic": "Arab", "armenian": "Armn", "cyrillic": "Cyrl", "kyrillisch": "Cyrl", "cyrillique": "Cyrl",
    "ćirilica": "Cyrl", "latinica": "Latn", "latin": "Latn", "roman": "Latn", "hebrew": "Hebr", "hebräisch": "Hebr",
    "greek": "Grek", "devanagari": "Deva", "glagolitic": "Glag", "glagolitisch": "Glag", "coptic": "Copt",
    "syriac": "Syrc", "georgian": "Geor", "mongolian": "Mong", "tibetan": "Tibt", "thai": "Thai",
}  # fmt: skip
"""Words for a script in brackets behind a language -> its code in ISO 15924, https://www.unicode.org/iso15924/."""

ADDRESS = re.compile(
    r"https?://(?:id\.loc\.gov/vocabulary/(?P<list>iso639-[125]|languages)/|(?:www\.)?lexvo\.org/id/(?:iso639-[135]/|term/)?"
    r"|publications\.europa\.eu/resource/authority/language/|iso639-3\.sil\.org/code/)(?P<code>[A-Za-z]{2,3})(?:\.html)?/?",
    re.IGNORECASE,
)
"""Vocabularies whose addresses end in a code: of the Library of Congress, lexvo, the European Union and SIL."""

BESIDE = re.compile(
    r"(?:languages?|dialects?|tongue|sprachen?|dialekt|mundart|langues?|dialecte|lenguas?|idioma|lingu[ae]|dialetto"
    r"|taal|språk|sprog|kieli|język|jazyk|язык|antiqua|fraktur|script|schrift|type|of|de|del|do|da|aus|in|the|modern|classical|old"
    r"|\d{1,4}-?(?:\d{1,4})?)"
)
"""Words that may stand beside a name and leave it what it is; years too."""
# -isch, -sky, -ský end an adjective that is made of the name.
ENDING = re.compile(r"isch(?:e[nrs]?)?|sk[yýáé]")
