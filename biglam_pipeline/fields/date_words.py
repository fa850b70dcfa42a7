"""Which words do cataloguers put around a date? About, before, or, between, no date: in fifteen languages.

English, German, French, Spanish, Italian, Portuguese, Dutch, Danish, Norwegian, Swedish, Finnish, Polish, Czech,
Russian and Romanian: the words and short forms that the rules of those languages' catalogues prescribe (AACR2 1.4F and
RDA 2.8.6 with their translations, RAK, ISBD, REICAT, KBSDB, Finto), beside Latin.
"""

import re

Pattern = re.Pattern[str]


def compiled(pattern: str) -> Pattern:
    """Read without regard to case."""
    return re.compile(pattern, re.IGNORECASE)


def alternatives(words: str) -> str:
    """One word or phrase a line, or several divided by `|`; the longest is tried first."""
    found = {word.strip() for word in words.replace("\n", "|").split("|")} - {""}
    return "|".join(
        re.escape(word).replace(r"\ ", r"\s+") for word in sorted(found, key=lambda word: (-len(word), word))
    )


ABOUT = alternatives("""
circa | cca | cca. | ca. | ca | c. | c | c:a | cirka | approximately | approx. | approx | appr. | about | around
roughly
um | etwa | ungefähr | gegen | ungef. | vers | environ | env. | autour de | hacia | alrededor de
aproximadamente | aprox.
verso il | verso | intorno al | intorno | por volta de | cerca de | omstreeks | ongeveer | rond | omkring
omtrent | omkr.
noin | około | ok. | okolo | kolem | přibližně | přibl. | asi | около | ок. | приблизительно | прибл.
aproximativ | în jurul anului
""")
MAYBE = alternatives("""
probably | possibly | perhaps | maybe | prob. | poss. | presumably | wohl | vermutlich | wahrscheinlich | vielleicht
möglicherweise | probablement | peut-être | probablemente | posiblemente | quizás | quizá | tal vez
probabilmente | forse
provavelmente | possivelmente | talvez | waarschijnlijk | vermoedelijk | misschien | mogelijk | sandsynligvis
formentlig
måske | sannsynligvis | trolig | muligens | kanskje | troligen | sannolikt | möjligen | kanske | luultavasti
todennäköisesti | ehkä | prawdopodobnie | być może | pravděpodobně | snad | вероятно | возможно | предположительно
""")
BEFORE = alternatives("""
before | prior to | not after | not later than | no later than | until | till | up to | by | ante | pre | or before
non post
vor | bis | spätestens | nicht nach | avant | jusqu'en | jusqu'à | au plus tard en | au plus tard | antes de | hasta
prima del | ante il | fino al | entro il | até | antes do ano de | voor | vóór | tot | uiterlijk | før | inden
indtil
senest | innen | før år | före | innan | senast | ennen | viimeistään | przed | do | nie później niż | najpóźniej
před rokem | před r. | před | nejpozději | nejpozději v | до | не позднее | не позже
înainte de | înaintea anului | până în
""")
AFTER = alternatives("""
non ante | after | not before | not earlier than | no earlier than | since | post | from | nach | seit | ab
frühestens
nicht vor
après | depuis | dès | à partir de | après l'an | después de | desde | a partir de | dopo il | dopo | dal
depois de | após
na | sinds | vanaf | efter | siden | fra | etter | sedan | från | jälkeen | po | od | nie wcześniej niż | od roku
po roce | после | не ранее | не раньше | начиная с
după | din anul | începând cu
""")
OR_LATER = alternatives("""
or after | or later | and after | and later | ff. | ff | oder später | oder danach | ou après | ou plus tard
o después
o posterior
o dopo | o successivo | ou depois | of later | eller senere | eller senare | tai myöhemmin | lub później
nebo později
или позже | или позднее
""")
OR_EARLIER = alternatives("""
or before | or earlier | and before | and earlier | oder früher | ou avant | ou antérieur | o antes | o anterior
o prima
ou antes | of eerder | eller tidligere | eller tidigare | tai aiemmin | lub wcześniej | nebo dříve | или ранее
или раньше
""")
OR = alternatives("or | oder | bzw. | ou | o | oppure | of | eller | tai | lub | albo | nebo | či | или | либо")
EITHER = alternatives("either | entweder | soit | o | sea | ou | enten | antingen | joko | albo | buď | либо")
BETWEEN = alternatives("""
inter | between | btw. | btwn. | betw. | zwischen | zw. | entre | tra | fra | tra il | fra il | tussen | mellem
mellom
mellan
między | pomiędzy | mezi lety | mezi roky | mezi | между | from | von | vom | de | du | del | da | dal | van
från | od | с | от | între | între anii
""")
AND = alternatives("""
and | und | et | y | e | en | og | och | ja | a | i | и | & | to | bis | à | au | al | a | e il | tot | til
till | do | до | по | și | şi
through | thru | until
""")
TO = alternatives("""
to | through | thru | until | till | bis | à | jusqu'à | a | al | hasta | até | tot | til | till | do | do roku
до | по
""")
STILL = alternatives("""
present | the present | ongoing | today | now | date | current | to date | heute | Gegenwart | aujourd'hui
présent | presente
actualidad | oggi | hoje | heden | nu | i dag | idag | nykyään | dziś | obecnie | dnes | современность
настоящее время
open
""")
UNKNOWN = alternatives("""
unknown | not known | unbekannt | inconnu | inconnue | desconocido | desconocida | sconosciuto | sconosciuta | ignoto
desconhecido | desconhecida | onbekend | ukendt | ukjent | okänd | okänt | tuntematon | nieznany | nieznana | neznámý
neznámé | neznámo | неизвестно | неизвестен | none | null | nan | n/a | na | nil | not available | not dated
""")
ABSENT = (
    r"(?:(?:n|s)\.?\s?d|s\.?\s?[af]|[oz]\.?\s?[jd]|u\.?\s?(?:å|d)|b\.?\s?[dr]|б\.?\s?/?\s?[гд])(?:\.?\s?w)?|"
    + alternatives("""
undated | no date | not dated | date unknown | date not known | sine anno | sine dato
date of publication not identified
publication date not identified | date not identified | date not available | no date available | date unavailable
ohne jahr | ohne datum | ohne jahresangabe | undatiert | sans date | non daté | non datée | sin fecha | sin año
sin data
senza data | senza anno | sem data | sem ano | zonder jaar | zonder datum | ongedateerd | uden år | udateret | uten år
udatert | utan år | odaterad | ei vuotta | ajoittamaton | päiväämätön | bez daty | bez roku | bez data | nedatováno
bez vročení | без года | без даты | недатировано | не датировано | uuuu | xxxx | ----
""")
    + "|"
    + UNKNOWN
)
# Verbs and nouns that say what was done at the date, and nothing of the date itself.
DONE = alternatives("""
published | publ. | printed | created | made | built | copied | dated | date | issued | composed | written | painted
drawn | executed | erected | constructed | manufactured | produced | photographed | taken | compiled
signed and dated
gedruckt | erschienen | ersch. | gedr. | wintersemester | sommersemester | entstanden | datiert | hergestellt
imprimé | imprimée | publié | publiée | daté | réalisé | impr.
dépôt légal | dép. légal | dép. lég. | d. l. | d.l. | dl | depósito legal | depósito legal: | imp.
impreso | publicado | fechado | stampato | stampa | pubblicato | datato | eseguito | impresso | gedrukt | uitgegeven
gedateerd
vervaardigd | trykt | udgivet | utgitt | dateret | datert | tryckt | utgiven | daterad | painettu | julkaistu
wydano | drukowano | vydáno | tištěno | напечатано | издано
""")
COPYRIGHT = alternatives("copyright | copyrighted | copyr. | copr. | cop. | cop")
EXHIBITED = alternatives("exhibited | exh. | ausgestellt | exposé | expuesto | esposto")
# A thing printed again: the other date is that of the first printing.
REPRINT = alternatives("""
reprint | reprinted | repr. | reissue | reissued | re-issued | facsimile | facsim. | facs. | later printing
new impression
nachdruck | nachdr. | neudruck | faksimile | reprod. | réimpression | réimpr. | reimpr. | fac-similé | fac-sim.
reimpresión | reimpressão | facsímil | ristampa | rist. | herdruk | herdr. | genoptryk | optryk | opptrykk | nytryck
omtryck | näköispainos | lisäpainos | przedruk | přetisk | dotisk | репринт | перепечатка | перепеч.
""")
OF = alternatives("of | von | de | du | del | di | da | van | af | av | von der ausg. | d. ausg. | der ausgabe")
PRINTING = alternatives(
    "printing | print. | printings | impression | imp. | issue | druck | tirage | tiratura | imprint"
)
CORRECTED = (
    r"(?:i\.\s?e\.|recte|rectius|d\.\s?i\.|d\.\s?h\.|c\.\-à\-d\.|sc\.|scil\.|vere|m\.\s?a\.|ersch(?:ienen|\.)|vielm(?:ehr|\.)"
    r"|tj\.|t\.\s?j\.|т\.\s?е\.)"
)

BORN = alternatives("""
born | b. | geboren | geb. | * | né | née | né en | née en | né(e) | nacido | nacida | nato | nata | nascido
nascida | født
född | född år | syntynyt | urodzony | ur. | narozen | narozena | nar. | родился | родилась | род. | baptized
baptised
bapt. | bap. | getauft
""")
DIED = alternatives("""
died | d. | gestorben | gest. | † | mort | morte | mort en | décédé | décédée | muerto | muerta | fallecido
morto | morta
falecido | overleden | overl. | død | död | kuollut | zmarł | zm. | zemřel | zemř. | умер | ум. | closed | dissolved
defunct | disbanded | ceased | buried | bur.
""")
ACTIVE = alternatives("""
active | act. | fl. | flor. | floruit | flourished | working | worked | alive | mentioned | extant | existed
documented | doc. | recorded | tätig | aktiv
erwähnt | nachweisbar | actif | active en | actif en | activo | activa | attivo | attiva | ativo | werkzaam
actief | virksom
verksam | toiminut | czynny | činný | činná | работал
""")
FOUNDED = alternatives("""
established | founded | formed | incorporated | opened | gegründet | gegr. | fondé | fondée | fundado | fundada
fondato | fondata
opgericht | grundlagt | grunnlagt | grundat | perustettu | założony | založeno | založen | основан
""")
NOT = alternatives(
    "not | no | never | nicht | kein | pas | ne | não | niet | ikke | inte | ei | nie | не | destroyed | lost"
)

_LAST = alternatives(
    "s | er | mid | early | late | start | end | beginning | half | quarter | century | cent. | decade"
)
LOOKS_DATED = compiled(
    r"(?<!\w)(?:"
    + "|".join(
        (ABOUT, MAYBE, BEFORE, AFTER, BORN, DIED, ACTIVE, FOUNDED, REPRINT, EXHIBITED, COPYRIGHT, NOT, DONE, _LAST)
    )
    + r")(?!\w)"
)
"""A word that changes what a date beside it means: a text that holds one is not skipped on the way to a date."""

BC = (
    r"(?:b\.?\s?c\.?(?:\s?e\.?)?|v\.\s?chr\.?|v\.\s?u\.\s?z\.?|av\.\s?j\.?-?\s?c\.?|a\.\s?(?:de\s)?c\.?|f\.\s?kr\.?|eaa\.?"
    r"|î\.\s?(?:hr|chr|e\.\s?n)\.?|a\.\s?chr\.?|p\.\s?n\.\s?e\.?|př\.\s?n\.\s?l\.?|př\.\s?kr\.?|(?:г\.\s?)?до\s?н\.\s?э\.?)"
)
"""Before Christ, as a pattern. Not "eKr.": that is before Christ in Finnish, and after in careless Swedish."""
AD = (
    r"(?:a\.?\s?d\.?|c\.?\s?e\.?|n\.\s?chr\.?|n\.\s?u\.\s?z\.?|apr?\.\s?j\.?-?\s?c\.?|d\.\s?c\.?|e\.\s?kr\.?|jaa\.?"
    r"|jkr\.?|d\.\s?chr\.?|d\.\s?hr\.?|p\.\s?chr\.?|n\.\s?e\.?|n\.\s?l\.?|(?:г\.\s?)?н\.\s?э\.?)"
)
"""Of our era."""
