"""What people call the columns: names of fields, of many institutions and standards, in small letters and bare.

From: Dublin Core and DCMI terms (dublincore.org), MODS and MARC's names (loc.gov/standards), schema.org and CSVW
(w3.org/TR/tabular-metadata), Europeana's EDM, LIDO and CDWA, VRA Core, Darwin Core (tdwg.org), DataCite 4.5; exports
of museums (The Met, MoMA, Tate, Cleveland, Art Institute of Chicago, Rijksmuseum, SMK, Cooper Hewitt, Harvard, National
Gallery of Art, Carnegie, Auckland, Te Papa, Museums Victoria); interfaces of Trove, DigitalNZ, DPLA, Library of
Congress, Gallica, Finna, K-samsök, Wellcome; words of English, German, French, Dutch, Spanish, Italian, Portuguese,
the Nordic languages and Polish, as their own exports head columns.

Of several fields that fit one column, the name that stands first here wins.
"""

import re
import unicodedata


def bare(name: str) -> str:
    """Small letters and digits alone, without accents: `Date de création` and `date_de_creation` are one."""
    folded = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o").replace("ł", "l")).casefold()
    return re.sub(r"[^a-z0-9]", "", folded)


_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_A-Za-z]+")
_AROUND = frozenset(
    [
        "display",
        "displayed",
        "text",
        "txt",
        "raw",
        "string",
        "value",
        "values",
        "label",
        "labels",
        "list",
        "full",
        "primary",
        "main",
        "preferred",
        "pref",
        "orig",
        "original",
        "object",
        "objects",
        "item",
        "work",
        "artwork",
        "record",
        "entry",
        "dc",
        "dcterms",
        "dct",
        "edm",
        "schema",
        "sdo",
        "marc",
        "mods",
        "lido",
        "free",
        "normalized",
        "field",
        "data",
        "the",
        "of",
        "de",
        "des",
        "du",
        "la",
        "le",
        "le",
        "der",
        "die",
        "das",
        "van",
        "von",
        "en",
        "eng",
        "english",
    ]
)
"""Words that say nothing of what a field holds: `date_display`, `artist_display` (Chicago), `objectTitle`,
        `dc_date`."""


def without_frills(name: str) -> str:
    """The name without such words, bare; nothing where it is made of nothing else."""
    words = [word for word in _WORD.findall(unicodedata.normalize("NFC", name)) if word.casefold() not in _AROUND]
    return bare("".join(words))


_TERMS = {
    "id": """id identifier recordid recordidentifier objectid objectnumber uuid guid uid itemid workid artworkid
        accessionnumber accession inventorynumber inventarnummer inventarnr inventarisnummer numerodinventaire
        numeroinventaire numinventaire numeroinventario inventario referencenumber reference ref identifiant
        identificador identificatore identifikator kennung signatur shelfmark callnumber cote catalogueid bibid
        controlnumber systemnumber isbn doi ark handle key nr objektnummer priref occurrenceid catalognumber
        dcidentifier""",
    "title": """title titel titre titulo titolo tittel otsikko nimeke tytul name objectname maintitle titleproper
        titlefull titlestatement fulltitle displaytitle primarytitle objecttitle titlemain headline heading label
        titels titles titledisplay dctitle titelstatement titreprincipal titrepropre titredeloeuvre bezeichnung
        objektbezeichnung objecttitel worktitle preflabel""",
    "text": """text fulltext body content transcription ocr ocrtext plaintext fulltextocr pagetext articletext
        transcript transcriptie transkription transkript tekst texte texto testo texteintegral texttranscription
        articlebody fulltekst volltext speech paragraph sentence article fulltextcontent contents""",
    "creators": """creator creators author authors artist artists maker makers artistdisplayname displayartist
        constituents constituent photographer auteur auteurs artiste autor autores autore autori urheber verfasser
        verfasserin kunstler kunstlerin kunstner kunstnar maker vervaardiger upphovsman upphovsperson tekija
        ophav ophavsperson kunstenaar schilder producer writer composer architect editor artistname
        creatorname creatorsname authorname artistmaker attribution contributor contributors dccreator dctermscreator
        createdby creatordescription principalorfirstmaker byline artistfull people auteurprincipal tworca fotograf
        fotografo photographe hersteller composer componist speaker""",
    "date": """date dates datecreated creationdate created datetext displaydate objectdate dated productiondate
        dateofproduction datepublished publicationdate pubdate issued dateissued year yearofpublication
        publicationyear pubyear datepub jahr datierung erscheinungsjahr erscheinungsdatum entstehungszeit datum
        datering jaar annee millesime datedecreation datedepublication dateedition fecha fechadecreacion ano anio anno
        data datazione datacriacao ar aar arstal vuosi aika rok issuedate dcdate dctermsissued dctermscreated
        dctermsdate eventdate objectbegindate datestart startdate earliestdate creationyear period periode epoche
        epoque dating productionyear dateoriginal verwendungszeit""",
    "publisher": """publisher publishers verlag herausgeber editeur uitgever editorial editora editore casaeditrice
        utgivare forlag forlegger kustantaja wydawca imprint dcpublisher publishername""",
    "publication_place": """publicationplace placeofpublication pubplace placepub publishedin erscheinungsort
        verlagsort lieudepublication lieuedition lieudedition plaatsvanuitgave lugardepublicacion luogodipubblicazione
        utgivningsort udgivelsessted placepublished""",
    "languages": """language languages lang langue langues sprache sprachen taal talen idioma idiomas lingua lingue
        sprak sprog kieli jezyk dclanguage inlanguage languagecode langcode languageiso languagesfrommarcrecord
        languageterm dctermslanguage""",
    "subjects": """subject subjects topic topics keyword keywords tag tags subjectheadings subjectterms themes theme
        schlagwort schlagworter schlagworte sujet sujets motscles onderwerp onderwerpen trefwoorden trefwoord materia
        materias temas tema soggetto soggetti assunto assuntos amnesord emneord emner emne asiasanat avainsanat temat
        hasla dcsubject subjecttopical iconclass depicts""",
    "genres": """genre genres type objecttype worktype classification medium format gattung objektart objektgattung
        objekttyp technikobjekt domaine typedobjet soortobject objectsoort genero tipo tipodeobjeto categoria category
        categories typeofresource resourcetype documenttype typeofdocument objekttype sjanger genretyp dctype""",
    "description": """description descriptions abstract summary beschreibung resume resumen descripcion descrizione
        descricao beschrijving omschrijving beskrivning beskrivelse kuvaus opis caption captions notes note inhalt
        annotation commentaire sammanfattning zusammenfassung dcdescription scopecontent scopeandcontent
        physicaldescription labeltext webtext""",
    "extent": """extent dimensions dimension size masse abmessungen afmetingen mesures dimensioni dimensiones
        dimensoes format umfang importancematerielle matt mal mitat wymiary measurements pages pagination
        dcformatextent""",
    "spatial": """spatial place places location coverage country geography region city placeofproduction
        productionplace herkunftsort entstehungsort ort lieu lieux plaats lugar luogo local plats sted paikka miejsce
        coveragespatial placename geographicname depictedplace countryoforigin""",
    "collection": """collection collectionname collections collectie samling sammlung fonds fondo coleccion collezione
        colecao kolekcja kokoelma ispartof department series serie partof""",
    "image_url": """imageurl image images primaryimage imageuri imagelink imagefile thumbnail thumbnailurl
        primaryimagesmall
        bild bildurl bildlink urlimage lienimage afbeelding afbeeldingurl imagen imagenurl immagine imagem isshownby
        edmisshownby object edmobject primaryimageurl webimage mediaurl iiifimage preview edmpreview picture photourl
        imagethumb largeimage webimageurl billede bildefil""",
    "source_url": """sourceurl url uri link permalink webpage website recordurl objecturl isshownat edmisshownat
        landingpage linkresource itemurl pageurl href objectlink weburl urlpage lien permalien persistenturl
        persistentlink permanentlink ligne ark arkurl handleurl linktoexplore catalogueurl homepage sameas web
        frontendurl link url_notice urlnotice about""",
    "rights": """rights rightsstatement rightsstatements rightsuri licence license licenseuri licenceuri licenseurl
        licenceurl licencetype licensetype copyright copyrightstatus copyrightstatement copyrightnotice usage
        usagerights useandreproduction accesscondition accessrights conditionsofuse termsofuse rechte
        rechtestatus lizenz nutzungsrechte nutzungsbedingungen urheberrecht droits droit licences
        droitsdutilisation rechten licentie auteursrecht auteursrechten gebruiksvoorwaarden derechos licencia diritti
        licenza direitos licenca rattigheter rettigheter rettighed lisens licens kayttooikeus kayttooikeudet
        prawa licencja edmrights dcrights dctermsrights dctermslicense sharelicensestatus webpublisher creditrights
        imagelicense imagerights mediarights reuse publicdomain""",
}
TERMS: dict[str, tuple[str, ...]] = {column: tuple(words.split()) for column, words in _TERMS.items()}
"""Column, or `rights` -> the names it goes by, the most telling first."""
IDENTIFIERS: dict[str, tuple[str, ...]] = {
    "isbn": ("isbn", "isbn13", "isbn10"),
    "issn": ("issn", "eissn"),
    "doi": ("doi",),
    "ark": ("ark",),
    "wikidata": ("wikidata", "wikidataid", "objectwikidataurl", "wikidataqid", "qid"),
    "accession": ("accessionnumber", "accession", "accessionnum", "inventorynumber", "inventarnummer", "objectnumber"),
    "shelfmark": ("shelfmark", "callnumber", "signatur", "cote"),
    "oclc": ("oclc", "oclcnumber", "oclcnum"),
    "lccn": ("lccn",),
}
"""Scheme -> names of fields that hold such identifiers."""
_BOOKKEEPING = re.compile(
    r"(?:last|first|date|record|meta)*(?:modified|updated|update|changed|harvested|indexed|accessioned|acquired"
    r"|digitized|digitised|scanned|uploaded|ingested|timestamp|datestamp|entered|catalogued|acquisition|added)"
    r"(?:at|on|date|time|utc)*|createdat|updatedat|recordcreated|recordcreationdate|dateacquired|accessiondate"
    r"|acquisitiondate|(?:birth|death|geburts|todes|sterbe)\w*|\w*(?:birth|death)(?:date|year)?"
)


def is_bookkeeping(name: str) -> bool:
    """Is it when somebody filed, changed, bought or scanned it, or a maker's life: a date, and not of the thing?"""
    return bool(_BOOKKEEPING.fullmatch(bare(name)))
