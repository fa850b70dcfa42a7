"""Which MARC relator is meant by a role, as a code, an address or a word in the languages of catalogues?

Codes: https://id.loc.gov/vocabulary/relators.html (2025). Words: its terms, and what RDA Appendix I and RAK, BnF,
REICAT, SBN, KB, Libris, BIBSYS, Finto and NUKAT print for them.
"""

import re

_CODES = """
abr acp act adi adp aft anl anm ann anc ant ape apl app aqt arc ard arr art asg asn ato att auc aud aui aus aut bdd bjd
bka bkd bkp blw bnd bpd brd brl bsl cad cas ccp chr cli cll clr clt cmm cmp cmt cnd cng cns coe col com con cop cor cos
cot cou cov cpc cpe cph cpl cpt cre crp crr crt csl csp cst ctb cte ctg ctr cts ctt cur cwt dbd dbp dfd dfe dft dgc dgg
dgs dis djo dln dnc dnr dpc dpt drm drt dsr dst dtc dte dtm dto dub edc edd edm edt egr elg elt eng enj etr evp exp fac
fds fld flm fmd fmk fmo fmp fnd fon fpy frg gdv gis grt his hnr hst ill ilu ink ins inv isb itr ive ivr jud jug lbr lbt
ldr led lee lel len let lgd lie lil lit lsa lse lso ltg ltr lyr mcp mdc med mfp mfr mka mod mon mrb mrk msd mte mtk mup
mus mxe nan nrt onp opn org orm osp oth own pad pan pat pbd pbl pdr pfr pht plt pma pmn pnc pop ppm ppt pra prc prd pre
prf prg prm prn pro prp prs prt prv pta pte ptf pth ptt pup rap rbr rcd rce rcp rdd red ren res rev rpc rps rpt rpy rse
rsg rsp rsr rst rth rtm rxa sad sce scl scr sde sds sec sfx sgd sgn sht sll sng spk spn spy srv std stg stl stm stn str
swd tad tau tcd tch ths tld tlg tlh tlp trc trl tyd tyg uvp vac vdg vfx voc wac wal wam wat waw wdc wde wfs wft wfw win
wit wpr wst wts
"""
CODES = frozenset(_CODES.split())

_WORDS = """
aut: author | writer | auteur | auteur du texte | autor | autora | autore | verfasser | verfasserin | schrijver
aut: forfatter | författare | kirjoittaja | tekijä | автор | verf | scriptor | authors | auteurs
edt: editor | ed | hrsg | hg | herausgeber | herausgeberin | éditeur scientifique | editeur scientifique | redacteur
edt: directeur de publication | redaktor | redaktör | redaktør | curatore | toimittaja | редактор | organizador
edt: editor literario | utgivare | edt. | editors | udgiver
trl: translator | trans | tr | traducteur | traductrice | traductor | traductora | traduttore | tradutor
trl: übersetzer | übersetzerin | übers | vertaler | oversetter | oversætter | översättare | kääntäjä
trl: tłumacz | překladatel | переводчик
ill: illustrator | ill | illustrateur | illustratrice | ilustrador | ilustradora | illustratore | illustratorin
ill: ilustrator | kuvittaja | illustratør | illustratör | ilustrátor | иллюстратор | ilustr
art: artist | painter | künstler | künstlerin | maler | malerin | artiste | peintre | artista | pintor | pittore
art: kunstenaar | schilder | kunstner | konstnär | taiteilija | artysta | malarz | malíř | umělec | художник
art: draughtsman | drawer | zeichner | zeichnerin | dessinateur | dibujante | disegnatore | desenhista | tekenaar
egr: engraver | kupferstecher | kupferstecherin | stecher | graveur | grabador | incisore | gravador | kobberstikker
egr: kopparstickare | sztycharz | rytec | гравер
etr: etcher | radierer | aguafortista | acquafortista | etser
ltg: lithographer | lithograph | lithographe | litógrafo | litografo | lithograaf
prm: printmaker | druckgraphiker | druckgrafiker | prentmaker
pht: photographer | photograph | photographe | fotograf | fotografin | fotógrafo | fotógrafa | fotografo | fotograaf
pht: valokuvaaja | фотограф
prt: printer | drucker | druckerin | imprimeur | imprimeur-libraire | impresor | stampatore | tipografo | impressor
prt: drukker | boktrykker | bogtrykker | boktryckare | kirjapaino | drukarz | tiskař | типограф | typographus
pbl: publisher | editeur | éditeur | verleger | verlag | verlegerin | editorial | editore | uitgever
pbl: förläggare | forlegger | forlægger | kustantaja | wydawca | nakladatel | издатель | éditeur commercial
bsl: bookseller | libraire | buchhändler | librero | libraio | boekhandelaar | bokhandlare
cmp: composer | komponist | komponistin | compositeur | compositrice | compositor | compositora | compositore
cmp: componist | komponist | kompositör | säveltäjä | kompozytor | skladatel | композитор
com: compiler | compilateur | compilador | compilatore | kompilator | zusammenstellender
ctg: cartographer | kartograph | kartograf | cartographe | cartógrafo | cartografo | kartografi | картограф
arc: architect | architekt | architektin | architecte | arquitecto | architetto | arquiteto | arkkitehti | arkitekt
arc: архитектор
scl: sculptor | bildhauer | bildhauerin | sculpteur | escultor | scultore | beeldhouwer | billedhugger | rzeźbiarz
scl: skulptör | sochař | скульптор
col: collector | sammler | sammlerin | collectionneur | coleccionista | collezionista | verzamelaar | samler | samlare
ctb: contributor | mitwirkender | mitwirkende | contributeur | colaborador | collaboratore | medewerker | współtwórca
cre: creator | urheber | créateur | creador | creatore | maker | vervaardiger | twórca
scr: scribe | schreiber | copiste | copista | kopist
srv: surveyor | landmesser | arpenteur | agrimensor | landmeter
own: owner | besitzer | propriétaire | eigentümer
fmo: former owner | vorbesitzer | ancien possesseur | antiguo propietario | precedente proprietario
dnr: donor | schenker | donateur | donante
dsr: designer | gestalter | dessinateur-modélisateur | diseñador | ontwerper
mfr: manufacturer | hersteller | fabricant | fabricante | producent
dte: dedicatee | widmungsempfänger | dédicataire | dedicatario
rcp: addressee | recipient | adressat | empfänger | destinataire | destinatario | geadresseerde
crp: correspondent | briefschreiber
att: attributed to | attributed name | zugeschrieben | attribué à
dpc: depicted | sitter | dargestellt | dargestellte person
cph: copyright holder | rechteinhaber
dub: dubious author | fragliche verfasserschaft | auteur présumé
aui: author of introduction, etc | préfacier | prologuista | prefatore | verfasser eines vorworts
trc: transcriber | transkribent | transcripteur
pro: producer | produzent | producteur | productor
drt: director | regisseur | réalisateur
"""
_TERMS = {
    name.strip().rstrip("."): line.partition(":")[0]
    for line in _WORDS.strip().split("\n")
    for name in line.partition(": ")[2].split("|")
}
_ADDRESS = re.compile(
    r"(?:https?://(?:www\.)?id\.loc\.gov/vocabulary/relators/|marcrel:|relators?:)([a-z]{3})", re.IGNORECASE
)
_BOTH = re.compile(r"(.+?(?:e[rn]?|or|t))(?:/in|:in|\*in|_in|in)")


def code_of(role: str) -> str:
    """`aut` for "Author.", for "VerfasserIn" and for the address of the relator; "" for what is not known."""
    term = role.strip().strip(".,;:()[]").casefold()
    address = _ADDRESS.fullmatch(term)
    if address:
        term = address[1]
    found = term if term in CODES else _TERMS.get(term, "")
    both = _BOTH.fullmatch(term) if not found else None
    return found or (_TERMS.get(both[1], "") if both else "")
