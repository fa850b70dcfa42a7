"""The words of a made-up town: sentences with gaps, and texts drawn from them that are alike on every machine."""

from collections.abc import Sequence
from random import Random

PEOPLE = (
    "Mr. Tobias Fenwick",
    "Mrs. Harriet Lowe",
    "the Rev. Josiah Pell",
    "Miss Ann Garraway",
    "Mr. Saul Whitcombe",
    "Dr. Edmund Thrale",
    "Mrs. Dorcas Ling",
    "Mr. Jabez Orchard",
    "Alderman Crick",
    "Miss Leah Moon",
    "Mr. Amos Tarrant",
    "Captain Rudd",
    "Mr. Silas Pomfret",
    "Mrs. Keziah Bray",
    "Mr. Hugh Stannard",
    "Miss Priscilla Vane",
)
_GAPS: dict[str, Sequence[str]] = {
    "person": PEOPLE,
    "place": (
        "Mill Lane",
        "the Corn Exchange",
        "Sallow Bridge",
        "the Market Cross",
        "St. Osyth's churchyard",
        "the Long Wharf",
        "Gallows Green",
        "the Assembly Room",
        "Tanner's Row",
        "the Grammar School",
        "Priory Meadow",
        "the Old Tolbooth",
    ),
    "village": ("Little Sallow", "Nether Wick", "Ashcombe", "Thornby", "Great Marle", "Hollin End", "Withy Ford"),
    "trade": ("saddler", "chandler", "wheelwright", "cooper", "bookbinder", "miller", "glazier", "weaver", "printer"),
    "number": ("seven", "eleven", "fourteen", "nineteen", "two-and-twenty", "thirty", "six-and-forty", "eighty"),
    "sum": ("four shillings", "two pounds", "nine guineas", "thirty pounds", "half a crown", "a hundred pounds"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"),
    "month": ("January", "March", "April", "June", "August", "September", "November"),
    "thing": ("a brass lantern", "a box of seed", "an old atlas", "a clock", "a bale of wool", "a pair of globes"),
    "surname": tuple(name.split()[-1] for name in PEOPLE),
    "colour": ("brown", "green", "red", "blue", "black"),
}


class _Gaps:
    """What str.format_map asks for the filling of a gap: another word each time."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance

    def __getitem__(self, gap: str) -> str:
        return self._chance.choice(_GAPS[gap])


def fill(chance: Random, sentence: str) -> str:
    """The sentence with its gaps filled, and a capital letter at its beginning."""
    filled = sentence.format_map(_Gaps(chance))
    return filled[:1].upper() + filled[1:]


def compose(chance: Random, sentences: Sequence[str], least_words: int = 60) -> str:
    """Sentences of the list in another order, none twice, until there are at least that many words."""
    drawn: list[str] = []
    for sentence in chance.sample(sentences, len(sentences)):
        drawn.append(fill(chance, sentence))
        if sum(len(one.split()) for one in drawn) >= least_words:
            break
    return " ".join(drawn)


CARD_NOTES = (
    "Bound in half calf over {colour} boards, the spine mended with linen at some time before it was accessioned.",
    "Given to the Library by {person}, of {village}, together with {number} other volumes from the same house.",
    "The title leaf is wanting, and the title above has been taken from the head of the first chapter.",
    "With the signature of {person} on the fly-leaf, and a note in pencil concerning {place}.",
    "The plates, of which there should be {number}, were coloured by hand, and two are misplaced by the binder.",
    "Printed in the town by the widow of a {trade}, whose shop stood near {place}.",
    "This copy was bought at the sale of the effects of {person} for {sum}, as the bill pasted within shows.",
    "Marginal notes in {colour} ink, in a small and upright hand, run through the first {number} leaves.",
    "Water has stained the lower corners, the books having stood in the cellar during the flood of that year.",
    "A second copy, wanting the map, was exchanged with the reading society at {village}.",
    "At the end are bound {number} leaves of advertisements, among them one for a {trade} at {place}.",
    "Not to be lent out, by order of the Committee, except upon the written request of {person}.",
    "The half-title bears the stamp of the Mechanics' Institute, from which the Library had its first shelves.",
    "The map folded at the end shows the parish before the common was enclosed, with {place} in its old position.",
    "Contains a list of subscribers, where {person} is put down for {number} copies.",
    "The pagination leaps by twenty after the second part, but the text is continuous and nothing is lacking.",
    "Formerly shelved with the pamphlets, and moved to the press by the north window in {month}.",
    "A letter from {person} about the purchase is kept with the book in an envelope.",
    "The frontispiece is a view of {place}, engraved after a drawing by {person}.",
    "Some leaves remain unopened, from which it would seem that no reader has asked for the second volume.",
)

LETTER_LINES = (
    "I returned to {village} by the carrier on {day}, and found all in health but the old grey mare.",
    "You ask after {thing}, and I am sorry to say that it was sold with the rest to pay {person}.",
    "The roof above the reading room lets in the rain, and {person} has lent us {number} pails to stand beneath it.",
    "We had a lecture upon comets at {place}, which {person} slept through from beginning to end.",
    "I have read the book that you sent, and have lent it to {person}, who will not give it back.",
    "The price of coal has risen by {sum}, and we burn furze in the kitchen as our grandmother did.",
    "Pray tell {person} that the parcel came safely, though the string was cut and the label was gone.",
    "My brother is bound to a {trade} at {village}, and writes that he is worked hard but fed well.",
    "There was skating on the meadows until {day}, when the ice broke and {person} went in to the waist.",
    "I enclose {sum} towards the stove, and hope that the Committee will not spend it upon a clock.",
    "The children have all had the measles, {number} of them in one street, and the school is shut.",
    "On {day} we walked as far as {place} to see the new engine, which would not go.",
    "I am copying out the parish accounts, and find that a {trade} was once paid {sum} for mending one bell.",
    "{person} means to stand for the vestry, and has had {number} bills printed upon {colour} paper.",
    "Your aunt keeps her bed, but she talks as much as ever and has opinions upon the railway.",
    "The swifts came back in the second week of May, and {number} pairs are under the eaves of {place}.",
    "It is a dull season here, with nothing to read but almanacks and the sermons of {person}.",
    "If you should pass through {village}, ask for {person}, who has a room to let above the shop.",
    "I dreamt of the old house last night, with the {colour} door, and woke quite out of spirits.",
    "We drank your health on your birthday, and {person} sang all {number} verses of the ballad.",
    "I was {number} hours upon the coach, wedged between {person} and a basket of live geese.",
    "The new lamps at {place} were lit on {day}, and half the town walked up and down beneath them until bedtime.",
    "I cannot match the {colour} wool that you want, but the {trade}'s wife has promised to ask in the city.",
    "The bells were rung for {person}, who has come home from the colonies with a beard and {thing}.",
    "We have taken {number} jars of honey, and lost one hive to the moth.",
    "My eyes are too weak for candlelight now, so {person} reads to me, and leaves out what is improper.",
    "They are digging for a well near {place}, and have come upon old pavement with fishes worked in it.",
    "The schoolmaster begs for maps, slates and {sum}, and I have promised him the first of these.",
    "Since the {trade} removed to {village} there is nobody who can mend a lock or keep a secret.",
    "The river was over the stepping-stones on {day}, and the post came round by {village}.",
    "I have planted the cuttings along the south wall, where they are watched by {number} snails.",
    "It was a handsome wedding, though {person} wept and the {trade} trod upon the bride's train.",
    "Let me know by return whether the Society will buy the manuscript, for {person} is impatient.",
    "Our curate has lent me his telescope, and through it the clock of {village} may be read at night.",
    "The fair was wet and thin this year, with a {colour} parrot, a fat boy and no gingerbread worth the name.",
    "I send you the pedigree as far as I have it, but {person} disputes the second marriage.",
)
FRENCH_LINES = (
    "Je vous remercie de votre lettre, qui est arrivée mardi avec le paquet de livres et la carte de la province.",
    "Il pleut depuis onze jours, et le chemin de la rivière est devenu tout à fait impossible pour les voitures.",
    "Ma sœur apprend l'anglais avec Mlle {surname}, qui lui fait lire le journal de la ville chaque matin.",
    "Nous avons visité la bibliothèque, où l'on garde un vieux psautier et deux globes dont personne ne se sert.",
    "Le libraire me demande encore douze francs pour la reliure, ce qui me paraît beaucoup trop cher.",
    "Dites à M. {surname} que ses graines ont bien poussé et que le jardin est plein de fleurs bleues.",
    "On parle ici d'un chemin de fer, mais les vieux fermiers n'y croient pas et gardent leurs chevaux.",
    "J'ai copié pour vous les inscriptions de l'église, sauf la dernière, que la mousse a presque effacée.",
    "Notre cousin est parti pour Rouen avec trois malles, un parapluie et la promesse de nous écrire souvent.",
    "La vieille horloge de la mairie avance d'un quart d'heure, et tout le village déjeune trop tôt.",
    "On m'a prêté un microscope, et mes frères passent leurs soirées à regarder des ailes de mouche.",
    "Le meunier a marié sa fille samedi, et l'on a dansé dans la grange jusqu'au lever du soleil.",
    "J'ai perdu votre adresse dans un déménagement, ce qui explique mon long silence de l'hiver dernier.",
    "Les hirondelles sont revenues, et le curé prétend qu'il les reconnaît toutes par leur nom.",
    "Envoyez-moi, je vous prie, le prix du dictionnaire en deux volumes que vous annoncez dans votre liste.",
    "Je reste, avec ma mère qui vous salue, votre ami très fidèle et un peu paresseux.",
)
GERMAN_LINES = (
    "Ihr freundlicher Brief hat mich am Sonntag erreicht, und ich danke Ihnen herzlich für die beiden Bücher.",
    "Der Winter war lang und kalt, so daß der Fluß bis in den März hinein zugefroren blieb.",
    "Mein Vater arbeitet noch immer in der Druckerei und klagt täglich über das schlechte Papier.",
    "Bitte grüßen Sie Herrn {surname} von uns allen und sagen Sie, daß die Uhr wieder richtig geht.",
    "Wir haben in der kleinen Bibliothek einen Katalog begonnen, aber die Karten reichen nicht aus.",
    "Auf dem Markt kosten die Äpfel jetzt doppelt so viel wie im vergangenen Herbst.",
    "Die Kinder lernen Englisch und lesen abends laut aus der Zeitung vor, die Sie uns geschickt haben.",
    "Gestern sind wir über die Brücke bis zur alten Mühle gegangen und erst im Dunkeln heimgekehrt.",
    "Der Pfarrer sucht eine Landkarte der Gegend, die vor vielen Jahren hier gestochen worden sein soll.",
    "Im Garten blühen die ersten Rosen, und meine Mutter verkauft den Honig an die Nachbarn.",
    "Der neue Lehrer spielt jeden Abend Geige, was nicht allen im Hause gleich viel Freude macht.",
    "Unser Vetter will nach Amerika auswandern und hat schon eine große Kiste aus Eichenholz bestellt.",
    "Das Paket kam mit zerbrochenem Siegel an, doch fehlte darin zum Glück kein einziges Blatt.",
    "Man spricht hier von einer Eisenbahn, die im nächsten Jahr durch das Tal gebaut werden soll.",
    "Ich habe die Handschrift zweimal abgeschrieben und sende Ihnen die bessere der beiden Fassungen.",
    "Schreiben Sie bald wieder, denn die Abende sind lang und wir hören wenig von der Welt.",
)

PLATE_NOTES = (
    "The negative is cracked across the upper left corner, and has been bound between two sheets of clean glass.",
    "Taken from the window of the reading room on a still morning, with an exposure of about {number} seconds.",
    "{person} stands at the right in a tall hat, and a {trade} with his boy can be made out beside the door.",
    "The emulsion has lifted along one edge, so that the sky over {place} shows a band of darker grey.",
    "On the envelope, in pencil, is written that {person} paid {sum} for two prints.",
    "A dog has moved during the exposure, and appears three times in front of {place}.",
    "The bill on the wall announces a sale of {thing} upon a {day} in {month}.",
    "Given to the Library with the rest of the studio's stock, in a chest of {number} wooden boxes.",
    "A print from the same plate hung for many years in the house of {person} at {village}.",
    "The shutters are closed and the flag is at half mast, from which the day has been inferred.",
    "Beyond the roofs the tower of the church is seen before its repair, still without the weathercock.",
    "The photographer's own shadow, with that of the camera, falls across the cobbles in the foreground.",
)

REGISTER_NOTES = (
    "The reader gave the address of a {trade} near {place}, and a surety of {sum} was entered by the clerk.",
    "The volume came back after {number} weeks with a fern pressed between its leaves, and no fine was asked.",
    "A line in the margin says that {person} has vouched for the reader, who had lately come from {village}.",
    "The book was renewed upon a {day}, and again in {month}, before it was recalled for another reader.",
    "The entry has been struck through in {colour} pencil, and the reason given is that the ticket was lost.",
    "The same reader asked for {number} other books in that year, most of them voyages and lives of inventors.",
    "A note by the assistant remarks that the binding suffered from rain on the way home.",
)
