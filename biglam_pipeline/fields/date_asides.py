"""Which words beside a year say that it is not the year of the making? Numbers of things, what came to them later.

What is kept apart is what cataloguing keeps apart from a date of creation: numbers and places of an object (Spectrum
5.1, object number, location; EAD `container` and `physloc`), its arrival and loss (CDWA 23, ownership and collecting
history; the Smithsonian's Transaction Terms, Acquire; CERL's methods of acquisition, field 317 $9), what was done to it
(LIDO's events Acquisition, Finding, Excavation, Loss, Modification; museum-digital's 44 Restauriert, 46 Zerstört).

The words, in the languages of `date_words`, are named list by list with where they stand: FreeDict (2022.04.21, English
to each language and back; of a participle its verb), LoC's Abbreviations for Captions (CONSER: AACR2 appendix B and ISO
832), J. H. Quinn's lists of abbreviations in cataloguing. A line that says "in none of these" is from memory. No word
here can make a date: with it a value is read as without it, or not at all (test_date_asides).
"""

from biglam_pipeline.fields.date_words import ABOUT, AFTER, BEFORE, MAYBE, OR_EARLIER, OR_LATER, alternatives, compiled

_NUMBERS = alternatives(
    # CONSER: AACR2 appendix B, ISO 832
    "number | no. | nr | nr. | num. | numéro | número | numero | nummer | numer | číslo | p. | chapter "
    # Quinn
    "| ms. | mss | pp. | fol. | vol. "
    # EAD, container/@type and @containerid, physloc, unitid
    "| folder | volume | folio | container | barcode | shelf | accession | accession no. "
    # MARC 21, fields 020, 022, 035 and 010
    "| isbn | issn | oclc | lccn "
    # FreeDict: number, inventory, catalogue, register, signature, page, chapter, showcase and the like
    "| inventory | inventar | inventário | inventaris | catalogue | catalog | signatur | signatura | signaturen "
    "| register | order | ms | manuscript | pages | seite | seiten | seitenzahl | página | pagina | sida | sider "
    "| sivu | strona | strana | страница | shelfmark | kapitel | chapitre | drawer | vitrine | items | copies "
    "| pieces | sheets | inv "
    # in none of these
    "| номер | inv. | inventarnr. | inventaire | inventario | cote | segnatura | sygnatura | шифр"
)
_CAME = alternatives(
    # CDWA, the Smithsonian, CERL, credit lines of the Metropolitan Museum
    "acquired | acquisition | accessioned | purchase | purchased | bought | gift | gifts | given | donated "
    "| donation | donor | bequest | bequeathed | legacy | fund | funds | transfer | transferred | deposited "
    "| presented | loan | received "
    # FreeDict: acquisition, acquire, purchase, buy, gift, give, bequest, legacy, testament, loan, deposit, estate
    "| erworben | erwerb | erwerbung | ankauf | angekauft | schenkung | geschenk | nachlass | vermächtnis | zugang "
    "| leihgabe | acquis | acquise | achat | acheté | donné | adquisición | adquirido | legado | depósito "
    "| acquisto | doação | doado | aquisição | aankoop | aangekocht | schenking | geschonken | verworven "
    "| testamente | kjøp | kjøpt | gåva | inköp | köpt | osto | ostettu | lahja | lahjoitus | zakup | darowizna "
    "| nabytek | nákup | koupě | odkaz "
    # in none of these
    "| dépôt | donación | donado | acquistato | donato | lascito | acquisizione | legaat | køb | købt | zakupiony "
    "| приобретено | приобретен | закупка | дар | поступление"
)
_LATER = alternatives(
    # LIDO, CDWA (lost, stolen, destroyed; conservation), and English for what servers note; all in FreeDict
    "digitized | digitised | digitization | digitisation | scan | scanned | uploaded | modified | updated "
    "| accessed | retrieved | demolished | restored | restoration | conserved | excavated | excavation | stolen "
    "| burned | razed "
    # FreeDict: digitise, demolish, pull down, destroy, ruin, restore, dig up, find
    "| digitalisiert | abgerissen | zerstört | restauriert | ausgegraben | gefunden | démoli | détruit | restauré "
    "| demolido | destruido | destruído | restaurado | demolito | distrutto | gesloopt | verwoest | förstörd "
    "| digitoitu | purettu | tuhottu | zniszczony | zničeno "
    # in none of these
    "| digitalisat | numérisé | numérisation | digitalizado | digitalizzato | restaurato | gedigitaliseerd "
    "| gerestaureerd | digitaliseret | nedrevet | restaureret | digitalisert | revet | restaurert | digitaliserad "
    "| riven | restaurerad | zburzony | odnowiony | zbořeno | restaurováno | оцифровано | снесен | разрушен "
    "| реставрирован"
)
_ALONE = alternatives(
    # EAD, container/@type, physloc, unitid (call number)
    "box | roll | reel | room | page | item | call "
    # FreeDict: gift, present, give, purchase, room, sheet, piece and the like
    "| don | dono | dar | gave | salle | zaal | lot | id | lent | raum | sheet | copy | piece | compra | burnt "
    # French for a bequest; in none of these
    "| legs"
)
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
"""A note in brackets that names another count of years; before present (BP) is one too.

The calendars of Unicode CLDR (buddhist, coptic, ethiopic, hebrew, indian with its Saka era, islamic, persian) with the
marks of their eras (AH, AM, BE), and any `calendar` that a date of MODS 3.7 names (`mods_dates`); Bengali, Vikram
Samvat, Rumi, Fasli and Republican are from memory.
"""

NOTE_OF_ANOTHER_YEAR = compiled(
    rf"(?:{_CAME}|{_LATER}|(?:(?:artist|maker|author|künstler)\S*\s+)?(?:birth|death|geburt|tod)|naissance|décès|nacimiento|muerte"
    r"|nascita|morte|destroyed|lost|accession|not|no)(?:\s+(?:no|nr|date|year|number|in))?[.:]?"
)
"""A note in brackets that makes the year one of a life, of an end, of an arrival, or of nothing.

Birth and death in five languages, by FreeDict but for "décès".
"""

MAY_CHANGE_IT = compiled(
    rf"(?<!\w)(?:{ABOUT}|{MAYBE}|{BEFORE}|{AFTER}|{OR_LATER}|{OR_EARLIER}|terminus|post quem|ante quem|quem)(?!\w)"
)
"""A word in a note in brackets that may bound the date or doubt it."""
