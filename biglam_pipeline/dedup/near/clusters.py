"""Groups of duplicates, each with the keeper that stays; nobody leaves for a keeper that it is not like itself.

A chain of likenesses may lead from a text to quite another one. So every member is compared with its keeper, and
who fails is judged again among those that failed with it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near.keys import distinct
from biglam_pipeline.dedup.near.profiles import Profile

Judge = Callable[[npt.NDArray[np.int64]], npt.NDArray[np.float32]]
"""Pairs (m, 2) -> their similarity, 0 where they cannot be the same; (m,)."""
Read = Callable[[npt.NDArray[np.int64], npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""Pairs (m, 2) and their shares of equal slots -> their similarity, both texts having been read."""
ROUNDS = 8
"""Keepers that a group is tried with. What is left then joins a keeper that it is directly like, or stays."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """For n documents in rank order: who stays for whom."""

    keeper: npt.NDArray[np.int64]
    """(n,): the document itself where it stays."""
    similarity: npt.NDArray[np.float32]
    """(n,): to the keeper; 1 where it stays."""


def connect(
    documents: int, pairs: npt.NDArray[np.int64], shares: npt.NDArray[np.float32], profile: Profile, read: Read
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Pairs that were read, and their similarities: enough of them that the components are those of all pairs.

    First each document with the highest-ranked one that it is likely a duplicate of; then the pairs that lie between
    components, for one within says nothing new. That saves a third of the reading. pairs: (m, 2), smaller first.
    """
    unlikely = shares < profile.rearranged
    order = np.lexsort((np.where(unlikely, -shares, 0), unlikely, pairs[:, 1]))
    chosen = np.zeros(len(pairs), np.bool_)
    if len(pairs):
        second = pairs[order, 1]
        chosen[order[np.append(True, second[1:] != second[:-1])]] = True
    answers = np.zeros(len(pairs), np.float32)
    answers[chosen] = read(pairs[chosen], shares[chosen])
    alike = pairs[answers >= profile.shared]
    first = np.arange(documents)
    if len(alike):
        members = distinct(alike, documents)
        first[members] = _first_of_each(members, alike, documents)
    rest = ~chosen & (first[pairs[:, 0]] != first[pairs[:, 1]])
    answers[rest] = read(pairs[rest], shares[rest])
    done = chosen | rest
    return pairs[done], answers[done]


def group(
    documents: int, pairs: npt.NDArray[np.int64], similarity: npt.NDArray[np.float32], least: float, judge: Judge
) -> Grouped:
    """Groups of the documents that are alike, by their pairs (m, 2) and the similarity of each (m,).

    Documents are numbered by rank: the first of a group is its keeper. least: similarity from which two are alike.
    A pure function of its arguments, with as many questions to `judge` as there are members a round.
    """
    keeper = np.arange(documents)
    found = np.ones(documents, np.float32)
    alike = similarity >= least
    edges, weights = pairs[alike], similarity[alike]
    links = edges
    for _ in range(ROUNDS):
        if not len(links):
            return Grouped(keeper, found)
        members = distinct(links, documents)
        first = _first_of_each(members, links, documents)
        asked = np.column_stack([first, members])[first != members]
        answers = judge(asked)
        joins = asked[answers >= least]
        keeper[joins[:, 1]], found[joins[:, 1]] = joins[:, 0], answers[answers >= least]
        links = _stars_of(asked[answers < least])
    left = np.zeros(documents, np.bool_)
    left[links.ravel()] = True
    rest = left[edges].all(axis=1)
    _settle(edges[rest], weights[rest], keeper, found)
    return Grouped(keeper, found)


def _stars_of(failed: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Those that failed with one keeper stay together, though the pairs that led to it are spent: a star to the first.

    failed: keeper and member, (m, 2).
    """
    of, member = failed[np.lexsort((failed[:, 1], failed[:, 0]))].T
    fresh = np.append(True, of[1:] != of[:-1])[: len(of)]
    heads = member[np.flatnonzero(fresh)]
    stars: npt.NDArray[np.int64] = np.column_stack([heads[np.cumsum(fresh) - 1], member])[~fresh]
    return stars


def _first_of_each(
    members: npt.NDArray[np.int64], edges: npt.NDArray[np.int64], documents: int
) -> npt.NDArray[np.int64]:
    """For each member the smallest number of its component."""
    # Here, for it takes a tenth of a second to import, and most nights find nothing to group.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    place = np.zeros(documents, np.int64)
    place[members] = np.arange(len(members))
    a, b = place[edges].T
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(members), len(members)))
    _, labels = connected_components(graph, directed=False)
    first = np.full(int(labels.max()) + 1, documents, np.int64)
    np.minimum.at(first, labels, members)
    labelled: npt.NDArray[np.int64] = first[labels]
    return labelled


def _settle(
    edges: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float32],
    keeper: npt.NDArray[np.int64],
    found: npt.NDArray[np.float32],
) -> None:
    """What is left, by rank: each joins the first keeper that a verified pair names, or becomes one."""
    order = np.lexsort((edges[:, 0], edges[:, 1]))
    for at in order.tolist():
        first, second = edges[at].tolist()
        if keeper[second] == second and keeper[first] == first:
            keeper[second], found[second] = first, weights[at]
