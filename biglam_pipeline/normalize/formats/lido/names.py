"""What does an element of LIDO mean to be called? Its own name, or the one of the schema that it is a slip for.

Schema 1.0 and 1.1, whose names are those of 1.0 and 14 more: http://www.lido-schema.org/schema/v1.1/lido-v1.1.xsd
"""

from functools import lru_cache
from typing import NamedTuple

SKOS = "http://www.w3.org/2004/02/skos/core"
_WORDS = """actor actorID actorInRole administrativeMetadata appellationValue applicationProfile
    attributionQualifierActor category classification classificationWrap collection conceptID creditLine
    culture date descriptiveMetadata descriptiveNoteID descriptiveNoteValue displayActor displayActorInRole
    displayDate displayEdition displayEvent displayMaterialsTech displayObject displayObjectMeasurements
    displayPlace displayRelatedWork displayRepository displayState displayStateEditionWrap displaySubject
    earliestDate event eventActor eventDate eventDescriptionSet eventID eventMaterialsTech eventMethod
    eventName eventObjectMeasurements eventPlace eventSet eventType eventWrap extentActor extentMaterialsTech
    extentMeasurements extentSubject formatMeasurements genderActor gml inscriptionDescription
    inscriptionTranscription inscriptions inscriptionsWrap latestDate legalBodyID legalBodyName
    legalBodyWeblink lido lidoRecID lidoWrap linkResource materialsTech measurementType measurementUnit
    measurementValue measurementsSet nameActorSet namePlaceSet nationalityActor object objectClassificationWrap
    objectDescriptionRights objectDescriptionSet objectDescriptionWrap objectID objectIdentificationWrap
    objectMaterialsTechSet objectMaterialsTechWrap objectMeasurements objectMeasurementsSet
    objectMeasurementsWrap objectName objectNote objectPublishedID objectRelationWrap objectType
    objectWebResource objectWorkType objectWorkTypeWrap partOfPlace periodName place placeClassification
    placeID qualifierMeasurements recordID recordInfoID recordInfoLink recordInfoSet recordMetadataDate
    recordRights recordSource recordType recordWrap relatedEvent relatedEventRelType relatedEventSet
    relatedWork relatedWorkRelType relatedWorkSet relatedWorksWrap repositoryLocation repositoryName
    repositorySet repositoryWrap resourceDateTaken resourceDescription resourceID resourceMeasurementsSet
    resourcePerspective resourceRelType resourceRepresentation resourceSet resourceSource resourceType
    resourceWrap rightsDate rightsHolder rightsResource rightsType rightsWorkSet rightsWorkWrap roleActor
    roleInEvent scaleMeasurements shapeMeasurements sourceActorInRole sourceAppellation sourceDescriptiveNote
    sourceMaterialsTech sourceRelatedWorkSet sourceRepositorySet sourceStateEdition subject subjectActor
    subjectConcept subjectDate subjectEvent subjectObject subjectPlace subjectSet subjectWrap term
    termMaterialsTech thingPresent titleSet titleWrap vitalDatesActor vitalPlaceActor workID"""
_NAMES = frozenset(_WORDS.split())
"""Every element that the schema declares: it takes no others but those of SKOS, GML and OWL."""
_FOLDED = {name.casefold(): name for name in _NAMES}
_LONGEST = 200
"""A longer name, with its namespace, is no slip of anybody."""
_LONG = 12
"""From so many letters on two slips are no doubt, or a letter in the place of another: eventNote is no eventName."""


class Name(NamedTuple):
    """What an element is called."""

    known: str
    """By the schema; `skos:Concept` of SKOS; empty where no schema knows it."""
    slip: str = ""
    """As it is written, where that is otherwise."""


def name_of(tag: str) -> Name:
    """tag: as lxml has it. A name that is no name of the schema is the one that differs from it in large and small
    letters alone, or in one or two slips where there is one such name.
    """
    return _name_of(tag) if len(tag) <= _LONGEST else Name("")


@lru_cache(maxsize=4096)
def _name_of(tag: str) -> Name:
    space, _, local = tag.rpartition("}")
    if local in _NAMES:
        return Name(local)
    if SKOS in space:
        return Name(f"skos:{local}")
    if space and "lido" not in space.casefold():
        return Name("")
    folded = local.casefold()
    if folded in _FOLDED:
        return Name(_FOLDED[folded], local)
    near = sorted((slips, name) for name in _NAMES if (slips := _slips(folded, name.casefold())) is not None)
    if near and (len(near) == 1 or near[0][0] < near[1][0]):
        return Name(near[0][1], local)
    return Name("")


def _slips(written: str, meant: str) -> int | None:
    """How many letters are missing, doubled, changed for another or for their neighbour; None where too many are."""
    most = 2 if min(len(written), len(meant)) >= _LONG else 1
    if abs(len(written) - len(meant)) > most or len(meant) < 6 or len({*written} ^ {*meant}) > 2 * most:
        return None
    if most == 1 and len(written) == len(meant) and sorted(written) != sorted(meant):
        return None
    found = _distance(written, meant)
    return found if found <= most else None


def _distance(one: str, other: str) -> int:
    """The optimal string alignment distance: https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance"""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one):
        last, row = row, [at + 1]
        for place, meant in enumerate(other):
            cost = min(last[place + 1] + 1, row[place] + 1, last[place] + (letter != meant))
            if at and place and letter == other[place - 1] and meant == one[at - 1]:
                cost = min(cost, before[place - 1] + 1)
            row.append(cost)
        before = last
    return row[-1]
