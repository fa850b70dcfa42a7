"""Which words beside a year say that it is not the year of the making? Numbers of things, what came to them later.

Words of the fourteen languages of `date_words` for what Spectrum 5.1 and CDWA keep apart from a date of creation:
object and shelf numbers, acquisition, loss and damage, reproduction; and the names of other calendars and eras.
"""

from biglam_pipeline.fields.date_words import ABOUT, AFTER, BEFORE, MAYBE, OR_EARLIER, OR_LATER, alternatives, compiled

_NUMBERS = alternatives("""
number | no. | nr | nr. | num. | numéro | número | numero | nummer | numer | číslo | номер | inv | inv.
inventory | inventar | inventarnr. | inventaire | inventario | inventário | inventaris | accession | accession no.
catalogue | catalog | shelfmark | shelf | signatur | cote | signatura | segnatura | sygnatura | signaturen | шифр
register | order | ms | ms. | mss | manuscript | isbn | issn | oclc | lccn | barcode | pages | p. | pp. | seite
seiten | seitenzahl | página | pagina | sida | sider | sivu | strona | strana | страница | folio | fol. | vol. | volume
chapter | kapitel | chapitre | folder | container | drawer
vitrine | items | copies | pieces | sheets
""")
_CAME = alternatives("""
acquired | acquisition | accessioned | purchase | purchased | bought | gift | gifts | given | donated | donation | donor
bequest | bequeathed | legacy | fund | funds | transfer | transferred | deposited | presented | loan | received
erworben | erwerb | erwerbung | ankauf | angekauft | schenkung | geschenk | nachlass | vermächtnis | zugang | leihgabe
acquis | acquise | achat | acheté | donné | dépôt | adquisición | adquirido | donación | donado
legado | depósito | acquisto | acquistato | donato | lascito | acquisizione | doação | doado | aquisição
aankoop | aangekocht | schenking | geschonken | legaat | verworven | køb | købt | testamente | kjøp | kjøpt
gåva | inköp | köpt | testamente | osto | ostettu | lahja | lahjoitus | zakup | zakupiony | darowizna | nabytek
nákup | koupě | odkaz | приобретено | приобретен | закупка | дар | поступление
""")
_LATER = alternatives("""
digitized | digitised | digitization | digitisation | scan | scanned | uploaded | modified | updated
accessed | retrieved | demolished | restored | restoration | conserved | excavated | excavation
stolen | burned | razed
digitalisiert | digitalisat | abgerissen | zerstört | restauriert | ausgegraben | gefunden | numérisé | numérisation
démoli | détruit | restauré | digitalizado | demolido | destruido | restaurado | digitalizzato | demolito | distrutto
restaurato | destruído | gedigitaliseerd | gesloopt | verwoest | gerestaureerd | digitaliseret | nedrevet | restaureret
digitalisert | revet | restaurert | digitaliserad | riven | förstörd | restaurerad | digitoitu | purettu | tuhottu
zniszczony | zburzony | odnowiony | zničeno | zbořeno | restaurováno | оцифровано | снесен | разрушен | реставрирован
""")
_ALONE = alternatives("""
don | dono | dar | gave | salle | zaal | lot | box | call | roll | id | lent | reel | room | raum | page | sheet
copy | item | piece | legs | compra | burnt
""")
"""Words that are places or names too (Dar es Salaam, Box Hill): they count where nothing else stands there."""
NOT_THE_MAKING = compiled(
    rf"(?<!\w)(?:{_NUMBERS}|{_CAME}|{_LATER})(?!\w)|^\s*(?:{_ALONE})(?:\s+(?:of|de|von|no|nr|number)(?!\w).*)?\s*$"
)
"""A word that makes the year beside it one of something else: "Rogers Fund, 1912", "Folder: 1850", "2010 (scan)"."""

OTHER_CALENDAR = compiled(
    r"a\.?\s?h\.?|h\.?|h\.\s?q\.|hijri|hijra|hegira|hégire|hidschra|sh\.?|h\.\s?sh\.|ش|هـ?|هجري|هجرية|solar|shamsi|jalali"
    r"|a\.?\s?m\.?|anno mundi|hebrew|jewish|islamic|muslim|persian|buddhist|b\.?\s?e\.?|bengali|saka|samvat"
    r"|vikram|v\.?\s?s\.?|ethiopian|coptic|.{1,20} calendar|b\.?\s?p\.?|bp cal\.?|republican|rumi|fasli"
)
"""A note in brackets that names another count of years; before present (BP) is one too."""

NOTE_OF_ANOTHER_YEAR = compiled(
    rf"(?:{_CAME}|{_LATER}|(?:(?:artist|maker|author|künstler)\S*\s+)?(?:birth|death|geburt|tod)|naissance|décès|nacimiento|muerte"
    r"|nascita|morte|destroyed|lost|accession|not|no)(?:\s+(?:no|nr|date|year|number|in))?[.:]?"
)
"""A note in brackets that makes the year one of a life, of an end, of an arrival, or of nothing."""

MAY_CHANGE_IT = compiled(
    rf"(?<!\w)(?:{ABOUT}|{MAYBE}|{BEFORE}|{AFTER}|{OR_LATER}|{OR_EARLIER}|terminus|post quem|ante quem|quem)(?!\w)"
)
"""A word in a note in brackets that may bound the date or doubt it."""
