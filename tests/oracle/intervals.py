"""Sets of time: sorted lists of disjoint, non-empty, half-open (start, end) pairs of integers.

Whatever comes out of here is a `Spans`, so that it is not put in order again each time it goes in.
"""

from bisect import bisect_right


class Spans(list):
    """A list that is a set of time; nobody changes it."""


def union(*sets):
    if len(sets) == 1 and isinstance(sets[0], Spans):
        return sets[0]
    joined = Spans()
    for start, end in sorted(pair for one in sets for pair in one if pair[0] < pair[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def intersection(left, right):
    left, right = union(left), union(right)
    if len(left) > len(right):
        left, right = right, left
    shared = Spans()
    for start, end in left:
        for i in range(first_ending_after(right, start), len(right)):
            if right[i][0] >= end:
                break
            shared.append((max(start, right[i][0]), min(end, right[i][1])))
    return shared


def first_ending_after(one, point):
    """Index of the first interval with its end after the point."""
    index = bisect_right(one, point, key=lambda pair: pair[0])
    return index - 1 if index > 0 and one[index - 1][1] > point else index


def difference(left, right):
    left, right = union(left), union(right)
    kept = Spans()
    for start, end in left:
        for i in range(first_ending_after(right, start), len(right)):
            if right[i][0] >= end:
                break
            if start < right[i][0]:
                kept.append((start, right[i][0]))
            start = right[i][1]
        if start < end:
            kept.append((start, end))
    return kept


def length(one):
    return sum(end - start for start, end in one)


def contains(one, point):
    one = union(one)
    return first_ending_after(one, point) < len(one) and one[first_ending_after(one, point)][0] <= point
