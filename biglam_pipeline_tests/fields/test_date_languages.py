"""Dates in the languages of catalogues: at least ten forms of each that catalogues write, with what they mean."""

import pytest

from biglam_pipeline.fields.dates import read_date
from biglam_pipeline_tests.fields.test_dates import assert_valid

# Of a part of a century or a decade the years stand behind: 18XX 1850-1899.
FORMS = {
    "en": """
early 1920s => 192X 1920-1923 | mid-1850s => 185X 1854-1856 | late 1950's => 195X 1957-1959
circa mid-1850s => 185X~ 1854-1856 | early to mid 1920s => 192X 1920-1926 | the 1850s => 185X
in the 1850s => 185X | late 1870s–early 1880s => 1877/1883 | mid 19th c. => 18XX 1834-1866
[between 1846 and 1853?] => 1846?/1853? | on 5 May 1850 => 1850-05-05
second quarter 19th cent. => 18XX 1825-1849
""",
    "fr": """
le 5 janvier 1889 => 1889-01-05 | 1er mai 1850 => 1850-05-01 | 5 floréal an VII => 1799-04-24
an VII [1799] => 1798-09-22/1799-09-22 | [vers 1850] => 1850~ | [entre 1835 et 1840] => 1835/1840
XIXe siècle (2e moitié) => 18XX 1850-1899 | 2e moitié du XIXe siècle => 18XX 1850-1899
début XXe siècle => 19XX 1900-1933 | fin du XVIIIe siècle => 17XX 1767-1799
1er quart 19e siècle => 18XX 1800-1824 | DL 1985 => 1985 | cop. 1985 => 1985 | impr. 1987 => 1987
[1850?] => 1850? | après 1850 => 1850/.. | avant 1900 => /1900 | 1914-1918 => 1914/1918
de 1850 à 1860 => 1850/1860 | vers 1850-1860 => 1850~/1860 | circa 1900 => 1900~ | années 1920 => 192X
15ème siècle => 14XX | milieu du XVIIIe s. => 17XX 1734-1766 | 19e s. (1ère moitié) => 18XX 1800-1849
février 1789 => 1789-02 | D.L. 2001 => 2001 | [ca 1750] => 1750~ | [18..] => 18XX | [185.] => 185X
18.. => 18XX | 185. => 185X | XVe-XVIe siècle => 1400/1599 | à partir de 1850 => 1850/..
juillet-août 1914 => 1914-07/1914-08 | hiver 1944 => 1944-24 | vendémiaire an IV => 1795-09-23/1795-10-22
1870 ou 1871 => 1870/1871 | fin des années 1920 => 192X 1927-1929 | début des années 1920 => 192X 1920-1923
""",
    "de": """
um 1850 => 1850~ | [um 1850] => 1850~ | ca. 1850 => 1850~ | [19. Jh.] => 18XX
2. Hälfte 19. Jh. => 18XX 1850-1899 | Anfang 20. Jh. => 19XX 1900-1933
Ende des 18. Jahrhunderts => 17XX 1767-1799 | zwischen 1850 und 1860 => 1850/1860 | nach 1850 => 1850/..
vor 1900 => /1900 | 1. Hälfte des 16. Jh. => 15XX 1500-1549 | 15./16. Jh. => 1400/1599 | 1850 ff. => 1850/..
1850- => 1850/.. | [1850/60] => 1850/1860 | 1920er Jahre => 192X | März 1848 => 1848-03
18. März 1848 => 1848-03-18 | 18.3.1848 => 1848-03-18 | 1848-03-18 => 1848-03-18 | Frühjahr 1945 => 1945-21
[erschienen 1850] => 1850 | 1850 [i.e. 1851] => 1851 | Ersch. 1850 => 1850 | Mitte 15. Jh. => 14XX 1434-1466
letztes Viertel 15. Jahrhundert => 14XX 1475-1499 | 3. Viertel 18. Jh. => 17XX 1750-1774
vermutlich 1850 => 1850? | wohl um 1700 => 1700% | 1700/1710 => 1700/1710 | Jänner 1848 => 1848-01
Okt. 1901 => 1901-10 | 2. Juni 1901 => 1901-06-02 | anno 1634 => 1634 | im Jahre 1634 => 1634
MDCXXXIV => 1634 | spätes 18. Jahrhundert => 17XX 1767-1799 | frühes 19. Jahrhundert => 18XX 1800-1833
Wintersemester 1910/11 => 1910/1911 | am 5. Mai 1848 => 1848-05-05
Anfang der 1920er Jahre => 192X 1920-1923 | 1850 [erschienen 1851] => 1851
""",
    "nl": """
circa 1650 => 1650~ | ca. 1650 => 1650~ | omstreeks 1650 => 1650~ | [ca. 1650] => 1650~
tussen 1650 en 1660 => 1650/1660 | na 1650 => 1650/.. | vóór 1700 => /1700 | voor 1700 => /1700
17e eeuw => 16XX | 17de eeuw => 16XX | eerste helft 17e eeuw => 16XX 1600-1649
tweede helft 18e eeuw => 17XX 1750-1799 | begin 20e eeuw => 19XX 1900-1933 | eind 19e eeuw => 18XX 1867-1899
1650 - 1660 => 1650/1660 | 12 mei 1940 => 1940-05-12 | mei 1940 => 1940-05 | 1 januari 1900 => 1900-01-01
maart 1848 => 1848-03 | jaren 1920 => 192X | 1650 of 1651 => 1650/1651 | [1650?] => 1650?
vermoedelijk 1650 => 1650? | midden 17e eeuw => 16XX 1634-1666 | ca. 1650-1660 => 1650~/1660
1650-ca. 1660 => 1650/1660~ | zomer 1944 => 1944-22 | laatste kwart 19e eeuw => 18XX 1875-1899
tot 1650 => /1650 | vanaf 1650 => 1650/.. | derde kwart 18de eeuw => 17XX 1750-1774
op 5 mei 1940 => 1940-05-05
""",
    "es": """
hacia 1850 => 1850~ | ca. 1850 => 1850~ | [ca. 1850] => 1850~ | siglo XIX => 18XX | s. XIX => 18XX
S. XVI => 15XX | siglos XVI-XVII => 1500/1699 | principios del siglo XX => 19XX 1900-1933
fines del siglo XVIII => 17XX 1767-1799 | segunda mitad del siglo XIX => 18XX 1850-1899
mediados del s. XVIII => 17XX 1734-1766 | entre 1850 y 1860 => 1850/1860 | después de 1850 => 1850/..
antes de 1900 => /1900 | 5 de mayo de 1862 => 1862-05-05 | mayo de 1862 => 1862-05 | enero 1900 => 1900-01
1850? => 1850? | ¿1850? => 1850? | D.L. 1985 => 1985 | año 1634 => 1634 | Año de MDCXXXIV => 1634
1850-1860 => 1850/1860 | [18--] => 18XX | [185-?] => 185X? | primera mitad del s. XVI => 15XX 1500-1549
último cuarto del siglo XV => 14XX 1475-1499 | imp. 1985 => 1985 | primavera de 1939 => 1939-21
finales del siglo XIX => 18XX 1867-1899 | década de 1920 => 192X | 1790, en la Imprenta Real => 1790
setiembre de 1810 => 1810-09 | final de la década de 1920 => 192X 1927-1929
""",
    "it": """
circa 1850 => 1850~ | ca. 1850 => 1850~ | 1850 ca. => 1850~ | 1850 circa => 1850~ | sec. XIX => 18XX
XIX secolo => 18XX | secolo XVI => 15XX | sec. XVI (prima metà) => 15XX 1500-1549
prima metà del XVI secolo => 15XX 1500-1549 | seconda metà sec. XVIII => 17XX 1750-1799
inizio sec. XX => 19XX 1900-1933 | fine sec. XVIII => 17XX 1767-1799 | tra il 1850 e il 1860 => 1850/1860
dopo il 1850 => 1850/.. | ante 1850 => /1850 | post 1850 => 1850/.. | 5 maggio 1860 => 1860-05-05
maggio 1860 => 1860-05 | gennaio 1900 => 1900-01 | 1850? => 1850? | stampa 1985 => 1985 | copyr. 1985 => 1985
c1985 => 1985 | ultimo quarto sec. XV => 14XX 1475-1499 | metà sec. XVI => 15XX 1534-1566
secc. XVI-XVII => 1500/1699 | sec. XV ex. => 14XX 1467-1499 | sec. XV in. => 14XX 1400-1433
sec. XIV med. => 13XX 1334-1366 | 1850-1860 => 1850/1860 | 1937 (XV) => 1937 | 1634 novembre 5 => 1634-11-05
5-VI-1860 => 1860-06-05 | XVIII sec. => 17XX
""",
    "pt": """
ca. 1850 => 1850~ | [ca. 1850] => 1850~ | c. 1850 => 1850~ | século XIX => 18XX | séc. XIX => 18XX
Séc. XVI => 15XX | séculos XVI-XVII => 1500/1699 | início do século XX => 19XX 1900-1933
fins do século XVIII => 17XX 1767-1799 | segunda metade do século XIX => 18XX 1850-1899
meados do séc. XVIII => 17XX 1734-1766 | entre 1850 e 1860 => 1850/1860 | depois de 1850 => 1850/..
antes de 1900 => /1900 | 5 de maio de 1862 => 1862-05-05 | maio de 1862 => 1862-05 | janeiro 1900 => 1900-01
1850? => 1850? | D.L. 1985 => 1985 | anos 1920 => 192X | década de 1920 => 192X
primeira metade do séc. XVI => 15XX 1500-1549 | [18--] => 18XX | [185-] => 185X
1ª metade séc. XX => 19XX 1900-1949 | finais do séc. XIX => 18XX 1867-1899 | imp. 1985 => 1985
último quartel do século XVIII => 17XX 1775-1799 | Março de 1974 => 1974-03 | 25 Abr. 1974 => 1974-04-25
""",
    "da": """
ca. 1850 => 1850~ | omkring 1850 => 1850~ | [ca. 1850] => 1850~ | 1800-tallet => 18XX | 1850'erne => 185X
1850erne => 185X | midten af 1800-tallet => 18XX 1834-1866 | slutningen af 1700-tallet => 17XX 1767-1799
begyndelsen af 1900-tallet => 19XX 1900-1933 | 5. maj 1945 => 1945-05-05 | maj 1945 => 1945-05
mellem 1850 og 1860 => 1850/1860 | efter 1850 => 1850/.. | før 1900 => /1900 | 1850? => 1850?
19. århundrede => 18XX | 1. halvdel af 1800-tallet => 18XX 1800-1849 | januar 1900 => 1900-01
2. halvdel af 18. årh. => 17XX 1750-1799 | 1920-1930 => 1920/1930 | marts 1848 => 1848-03
oktober 1943 => 1943-10 | den 5. maj 1945 => 1945-05-05
""",
    "sv": """
ca 1850 => 1850~ | omkring 1850 => 1850~ | [ca 1850] => 1850~ | 1800-talet => 18XX | 1850-talet => 185X
slutet av 1700-talet => 17XX 1767-1799 | början av 1900-talet => 19XX 1900-1933
mitten av 1800-talet => 18XX 1834-1866 | 5 maj 1945 => 1945-05-05 | maj 1945 => 1945-05
mellan 1850 och 1860 => 1850/1860 | efter 1850 => 1850/.. | före 1900 => /1900
1800-talets mitt => 18XX 1834-1866 | 1800-talets andra hälft => 18XX 1850-1899
1700-talets slut => 17XX 1767-1799 | 1850? => 1850? | troligen 1850 => 1850? | 1 januari 1900 => 1900-01-01
andra hälften av 1800-talet => 18XX 1850-1899 | första hälften av 1900-talet => 19XX 1900-1949
augusti 1914 => 1914-08 | 1920-tal => 192X | 1880-tal - 1890-tal => 1880/1899 | 1600-tal => 16XX
slutet av 1850-talet => 185X 1857-1859
""",
    "no": """
ca. 1850 => 1850~ | omkring 1850 => 1850~ | 1800-tallet => 18XX | 1850-årene => 185X | 1850-åra => 185X
begynnelsen av 1900-tallet => 19XX 1900-1933 | slutten av 1700-tallet => 17XX 1767-1799
midten av 1800-tallet => 18XX 1834-1866 | 5. mai 1945 => 1945-05-05 | mai 1945 => 1945-05
mellom 1850 og 1860 => 1850/1860 | etter 1850 => 1850/.. | før 1900 => /1900 | 19. århundre => 18XX
januar 1900 => 1900-01 | første halvdel av 1800-tallet => 18XX 1800-1849 | 1920-årene => 192X
[1850?] => 1850? | 17. mai 1814 => 1814-05-17 | desember 1905 => 1905-12 | trolig 1850 => 1850?
tidlig 1900-tall => 19XX 1900-1933
""",
    "fi": """
noin 1850 => 1850~ | 1800-luku => 18XX | 1800-luvulla => 18XX | 1850-luku => 185X
1800-luvun alku => 18XX 1800-1833 | 1800-luvun loppu => 18XX 1867-1899
1800-luvun loppupuoli => 18XX 1850-1899 | 1900-luvun alkupuoli => 19XX 1900-1949
5. toukokuuta 1945 => 1945-05-05 | toukokuu 1945 => 1945-05 | 5.5.1945 => 1945-05-05 | ennen 1850 => /1850
1850 jälkeen => 1850/.. | vuoden 1850 jälkeen => 1850/.. | [1850?] => 1850? | vuosina 1850-1860 => 1850/1860
1850-luvun puoliväli => 185X 1854-1856 | tammikuu 1900 => 1900-01 | 1. tammikuuta 1900 => 1900-01-01
1800-luvun puoliväli => 18XX 1834-1866 | 1930-luvun loppu => 193X 1937-1939 | 1860-luvulta => 186X
kesä 1918 => 1918-22 | 1800-luvun jälkipuolisko => 18XX 1850-1899
""",
    "pl": """
ok. 1850 => 1850~ | około 1850 => 1850~ | [ok. 1850] => 1850~ | XIX wiek => 18XX | XIX w. => 18XX
XVI/XVII w. => 1500/1699 | 1 poł. XIX w. => 18XX 1800-1849 | I połowa XIX w. => 18XX 1800-1849
2 poł. XVIII w. => 17XX 1750-1799 | pocz. XX w. => 19XX 1900-1933 | początek XX w. => 19XX 1900-1933
koniec XVIII w. => 17XX 1767-1799 | kon. XVIII w. => 17XX 1767-1799 | poł. XIX w. => 18XX 1834-1866
poł. XVII w. => 16XX 1634-1666 | 5 maja 1791 => 1791-05-05 | maj 1791 => 1791-05
3 maja 1791 r. => 1791-05-03 | 1791 r. => 1791 | między 1850 a 1860 => 1850/1860 | po 1850 => 1850/..
przed 1900 => /1900 | cop. 1985 => 1985 | lata 20. XX w. => 192X | lata 1920 => 192X
styczeń 1900 => 1900-01 | 1 stycznia 1900 => 1900-01-01 | 1850? => 1850? | 3 ćw. XIX w. => 18XX 1850-1874
1 ćw. XX w. => 19XX 1900-1924 | II poł. XIX w. => 18XX 1850-1899 | ca 1850 => 1850~ | [post 1850] => 1850/..
[ante 1850] => /1850 | [około 1850-1860] => 1850~/1860 | lata 30. XX wieku => 193X
""",
    "cs": """
asi 1850 => 1850~ | kolem 1850 => 1850~ | [ca 1850] => 1850~ | 19. století => 18XX | 19. stol. => 18XX
1. polovina 19. století => 18XX 1800-1849 | 2. pol. 18. stol. => 17XX 1750-1799
počátek 20. století => 19XX 1900-1933 | konec 18. století => 17XX 1767-1799 | kolem roku 1850 => 1850~
okolo 1850 => 1850~ | 5. května 1945 => 1945-05-05 | květen 1945 => 1945-05 | mezi 1850 a 1860 => 1850/1860
po roce 1850 => 1850/.. | před 1900 => /1900 | před rokem 1900 => /1900 | leden 1900 => 1900-01
1. ledna 1900 => 1900-01-01 | 1850? => 1850? | mezi lety 1850 a 1860 => 1850/1860
20. léta 20. století => 192X | začátek 20. stol. => 19XX 1900-1933 | polovina 19. století => 18XX 1834-1866
třetí čtvrtina 19. století => 18XX 1850-1874 | 1. čtvrtina 18. století => 17XX 1700-1724
[mezi 1850-1860] => 1850/1860 | léta 1850-1860 => 1850/1860
""",
    "ru": """
ок. 1850 => 1850~ | около 1850 г. => 1850~ | 1850 г. => 1850 | 1850 год => 1850 | 1850-е => 185X
1850-е гг. => 185X | 1850-е годы => 185X | XIX век => 18XX | XIX в. => 18XX
конец XVIII в. => 17XX 1767-1799 | начало XX века => 19XX 1900-1933 | нач. XX в. => 19XX 1900-1933
середина XIX в. => 18XX 1834-1866 | сер. XIX в. => 18XX 1834-1866 | 1-я половина XIX в. => 18XX 1800-1849
вторая половина XVIII в. => 17XX 1750-1799 | 2-я пол. XVIII в. => 17XX 1750-1799
5 мая 1945 г. => 1945-05-05 | май 1945 => 1945-05 | мая 1945 г. => 1945-05 | между 1850 и 1860 => 1850/1860
после 1850 => 1850/.. | до 1900 => /1900 | 1914-1918 гг. => 1914/1918 | 1850-1860 гг. => 1850/1860
янв. 1900 => 1900-01 | 1 января 1900 => 1900-01-01 | [1850?] => 1850? | XVI-XVII вв. => 1500/1699
последняя четверть XV в. => 14XX 1475-1499 | не ранее 1850 => 1850/.. | не позднее 1850 => /1850
20-е гг. XX в. => 192X | 1920-1930-е гг. => 1920/1939 | XVIII в., 2-я пол. => 17XX 1750-1799
Кон. XV в. => 14XX 1467-1499 | 1853, июль => 1853-07 | 12 сентября 1853 года => 1853-09-12
конец 1920-х гг. => 192X 1927-1929
""",
    "ro": """
secolul XIX => 18XX | secolul al XIX-lea => 18XX | sf. sec. XIX => 18XX 1867-1899
sfârșitul sec.al XIX-lea => 18XX 1867-1899 | începutul secolului al XX-lea => 19XX 1900-1933
mijl. sec. XIX => 18XX 1834-1866 | prima jumătate a secolului XX => 19XX 1900-1949
a doua jumătate a secolului al XIX-lea => 18XX 1850-1899 | primul sfert al sec. XX => 19XX 1900-1924
ultimul sfert al secolului al XVIII-lea => 17XX 1775-1799 | sf. sec. XIX - înc. sec. XX => 1867/1933
anii 1920 => 192X | după 1960 => 1960/.. | înainte de 1900 => /1900 | între 1900 și 1910 => 1900/1910
83 î.Hr. => -0082 | sec. II d.Hr. => 01XX | 5 ianuarie 1945 => 1945-01-05 | iunie 1945 => 1945-06
""",
    "la": """
anno MDCXXXIV => 1634 | Anno Domini 1634 => 1634 | A.D. 1634 => 1634 | M.D.XXXIV. => 1534 | MDXXXIIII => 1534
M.CCCC.LXXXV => 1485 | anno 1634 => 1634 | circa 1500 => 1500~ | ante 1500 => /1500 | post 1500 => 1500/..
saec. XV => 14XX | saec. XV ex. => 14XX 1467-1499 | s. XV => 14XX | s. XV in. => 14XX 1400-1433
s. XV med. => 14XX 1434-1466 | saec. XIV/XV => 1300/1499 | s. XV 2/2 => 14XX 1450-1499
s. XV^1 => 14XX 1400-1449 | Anno salutis MDXX => 1520 | 1634 [stylo veteri] => 1634
[non ante 1500] => 1500/.. | [post 15.VI.1500] => 1500-06-15/.. | CIƆIƆCXXXIV => 1634 | MDC.XXXIV => 1634
cIɔ.Iɔ.c.xxxiv => 1634 | m.d.xxxiii => 1533 | inter 1500 et 1510 => 1500/1510 | non post 1500 => /1500
s. IX/X => 0800/0999 | saec. IX => 08XX
""",
}

UNREAD = (
    "2nd half of the 1920s",
    "turn of 1850",
    "1850 [erschienen] 1851",
    "20er Jahre",
    "WS 1910/11",
    "jaren '20",
    "sec. 19.",
    "anni venti",
    "primele decenii ale sec. XX",
    "1/2 sec. XIX",
    "1. metà sec. 16.",
    "anno XII",
    "n. 1850",
    "1920-30-luku",
    "přelom 19. a 20. století",
    "рубеж XIX-XX вв.",
    "A. 1634",
    "Anno M. D. L.",
    "MDLXXXVIII. Cal. Ian.",
    "Kal. Maii 1500",
)
"""What says no century, or a turn of it whose years nobody names, or a calendar that is not read."""


@pytest.mark.parametrize("language", FORMS)
def test_what_catalogues_write_is_read(language: str) -> None:
    """Each of at least ten forms, with its EDTF and the years of its part of a century."""
    lines = FORMS[language].strip().split("\n")
    forms = [form.split(" => ") for line in lines for form in line.split(" | ")]
    assert len(forms) >= 10
    for raw, expected in forms:
        edtf, _, years = expected.partition(" ")
        reading = read_date(raw)
        assert reading.edtf == edtf, raw
        assert_valid(edtf)
        if years:
            assert f"{reading.year_start}-{reading.year_end}" == years, raw


@pytest.mark.parametrize("raw", UNREAD)
def test_what_names_no_years_of_its_own_is_counted(raw: str) -> None:
    reading = read_date(raw)
    assert (reading.edtf, reading.year_start, reading.year_end) == (None, None, None)
    assert reading.problem.startswith("not read; shape ")
