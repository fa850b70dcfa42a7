"""The sentences of the town's newspaper, by what an article is about."""

TOPICS: dict[str, tuple[str, ...]] = {
    "The Market": (
        "The supply of wheat at {place} was short on {day}, and the best samples were taken up before noon.",
        "Barley was offered by {number} sellers, but the maltsters held back in the expectation of lower prices.",
        "{person} obtained {sum} above the common rate for a pen of ewes, which were driven in from {village}.",
        "Butter was plentiful, and the inspector seized {number} pounds of it as being under weight.",
        "A {trade} complained that the new tolls had kept his waggon standing for the whole of the morning.",
    ),
    "Proceedings of the Council": (
        "The Council met at {place} on {day}, with {person} in the chair and {number} members attending.",
        "A letter was read from {person}, who declined to repair the pavement before his premises.",
        "It was moved that {sum} be voted for the lighting of {place}, and the motion was carried after some warmth.",
        "The surveyor reported that the culvert was choked, and that {number} cellars had been under water.",
        "Upon the question of the town clock the members divided equally, and the matter was put off until {month}.",
    ),
    "Accident Near the Town": (
        "An accident that might have ended fatally happened on {day} at the corner of {place}.",
        "The horse of {person} took fright at a hoop, and ran with the empty cart as far as {village}.",
        "A {trade} who was passing seized the reins, and was dragged for {number} yards before he could stop it.",
        "The unfortunate man was carried to the dispensary, where his arm was set and he is now doing well.",
        "It is the third occurrence of the kind within {number} weeks, and we trust the authorities will take notice.",
    ),
    "The Free Library": (
        "The Library at {place} was opened on {number} evenings, and the gas was found to answer very well.",
        "{person} has presented {thing}, together with a subscription of {sum} for the purchase of books.",
        "The number of tickets issued to working readers has doubled, the {trade} being as welcome as the gentleman.",
        "A lecture upon the antiquities of {village} will be delivered by {person} on {day} next.",
        "The Committee beg that borrowers will not dry their stockings before the fire in the reading room.",
    ),
    "Canal and Shipping": (
        "The traffic upon the canal has been brisk, {number} boats having passed the upper lock since {day}.",
        "The barge of {person} was aground below {place} for two tides, with a cargo of slate and salt.",
        "The Company give notice that the navigation will be stopped in {month} for the repair of the gates.",
        "A boatman found {thing} floating beneath the bridge, and it lies at {place} until the owner shall claim it.",
        "The rates for coal to {village} are to be lowered, which will be a relief to every {trade} in the district.",
    ),
    "Petty Sessions": (
        "Before {person} and a full bench, a {trade} was charged with taking {thing} from a yard behind {place}.",
        "The constable deposed that he had followed the footprints through the snow as far as {village}.",
        "The defendant said that he had been at chapel, and called {number} witnesses who could not remember it.",
        "He was fined {sum} with costs, and was advised by the chairman to keep better company.",
        "Another case, concerning the ownership of a pig, was adjourned for the attendance of {person}.",
    ),
    "The Weather and the Crops": (
        "The storm of {day} night uncovered {number} ricks, and threw down the great elm by {place}.",
        "The hay in the low meadows about {village} is spoiled, but the uplands have been got in dry.",
        "{person} has measured more rain in this month than in any since the year of the great flood.",
        "The turnips promise well, and the hops have a clean and vigorous appearance after the warm nights.",
        "A {trade} brought to our office an apple of uncommon size, and a swarm of bees which we did not require.",
    ),
}

GENERAL = (
    "We learn from a correspondent at {village} that the matter has been the subject of general conversation.",
    "Several respectable inhabitants were present, among whom we noticed {person} and {person}.",
    "It is not our custom to publish rumours, and we give the circumstance upon the authority of {person}.",
    "The proceedings were conducted with great propriety, and the company separated shortly before ten o'clock.",
    "A collection was afterwards made at the doors, which amounted to {sum}.",
    "The neighbourhood is under considerable obligation to {person} for this timely interference.",
    "Further particulars will be found in our next publication, if they should come to hand by {day}.",
    "A subscription has been opened at the shop of a {trade}, where the smallest amount will be acknowledged.",
    "The inhabitants of {place} have drawn up a remonstrance, which bears the names of {number} householders.",
    "Nothing of the sort has been remembered in Aldermere since the old bridge was carried away.",
    "It was observed that the younger part of the audience took more interest in the refreshments.",
    "The arrangements reflected the highest credit upon {person}, who had spared neither trouble nor expense.",
)

HEADLINES = tuple(TOPICS)
