"""Who goes first among equals: the lower number, so that a rerun or a new order of rows does not flip a plan."""

import numpy as np

from eigenform.value.arrays import BoolArray, FloatArray, IntArray
from eigenform.value.optimise.market import Market

_ODD = np.uint64(0x9E3779B97F4A7C15)


def lower_numbers(market: Market, taken: BoolArray, numbers: IntArray) -> BoolArray:
    """Swap chosen candidates for alike ones of lower number, wherever the subject has room for it."""
    most, person = market.limits.per_subject_max, market.subject
    traits = np.stack([market.cost, market.net, market.channel, market.minutes, market.is_contact])
    _, kind = np.unique(traits, axis=1, return_inverse=True)
    kind = kind.ravel()
    contested = np.flatnonzero(np.isin(kind, kind[taken]) & np.isin(kind, kind[~taken]))
    contested = contested[np.lexsort((numbers[contested], kind[contested]))]
    used = np.bincount(person[taken], minlength=person.max() + 1)
    taken = taken.copy()
    for alike in np.split(contested, np.flatnonzero(np.diff(kind[contested])) + 1):
        spare = [candidate for candidate in alike[::-1] if taken[candidate]]
        for candidate in alike[~taken[alike]]:
            if not spare or numbers[spare[0]] < numbers[candidate]:
                break
            mine = person[candidate]
            later = [other for other in spare if numbers[other] > numbers[candidate]]
            if used[mine] >= most:
                later = [other for other in later if person[other] == mine]
            if later:
                used[mine] += 1
                used[person[later[0]]] -= 1
                taken[candidate], taken[later[0]] = True, False
                spare.remove(later[0])
    return taken


def lower_subjects(market: Market, taken: BoolArray, numbers: IntArray) -> BoolArray:
    """Give the richer choices of subjects that are alike in all their candidates to those of lower number."""
    mark = _marks(market)
    order = np.argsort(mark, kind="stable")
    same = np.zeros(len(mark), bool)
    same[order[1:]] = mark[order[1:]] == mark[order[:-1]]
    same[order[:-1]] |= mark[order[1:]] == mark[order[:-1]]
    shared = np.flatnonzero(same)
    if len(shared) == 0:
        return taken
    part, places = market.of_subjects(shared)
    chosen = taken[places]
    worth = np.add.reduceat(np.where(chosen, part.net, 0.0), part.starts[:-1])
    first = np.minimum.reduceat(numbers[places], part.starts[:-1])
    by_worth = np.lexsort((first, -worth, mark[shared]))
    by_number = np.lexsort((first, mark[shared]))
    to, source = _spread(part.starts, by_number), _spread(part.starts, by_worth)
    columns = (part.net, part.cost, part.minutes, part.channel, part.offer, part.segment)
    if not all(np.array_equal(column[to], column[source]) for column in columns):
        return taken  # two different subjects with one mark: never seen, but then nobody is swapped
    found = taken.copy()
    found[places[to]] = chosen[source]
    return found


def _spread(starts: IntArray, order: IntArray) -> IntArray:
    sizes = np.diff(starts)[order]
    begin = np.cumsum(sizes) - sizes
    spread: IntArray = np.repeat(starts[:-1][order] - begin, sizes) + np.arange(sizes.sum())
    return spread


def _marks(market: Market) -> np.ndarray:
    """Return a number per subject that is the same for subjects with the same candidates in the same order."""
    found = []
    for block in market.blocks():
        first, last = market.subject[block.start], market.subject[block.stop - 1]
        starts = market.starts[first : last + 1] - block.start
        place = np.arange(block.stop - block.start) - np.repeat(
            starts, np.diff(starts, append=block.stop - block.start)
        )
        mark = place.astype(np.uint64) + np.uint64(1)
        floats: tuple[FloatArray, ...] = (market.net[block], market.cost[block], market.minutes[block])
        codes = (market.channel[block], market.offer[block], market.segment[block], market.is_contact[block])
        with np.errstate(over="ignore"):
            for column in (*(np.ascontiguousarray(f, float).view(np.uint64) for f in floats), *codes):
                mark = (mark ^ column.astype(np.uint64)) * _ODD
                mark ^= mark >> np.uint64(29)
        found.append(np.add.reduceat(mark, starts))
    return np.concatenate(found)
