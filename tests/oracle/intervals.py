"""Sets of time: sorted lists of disjoint, non-empty, half-open (start, end) pairs of integers."""


def union(*sets):
    joined = []
    for start, end in sorted(pair for one in sets for pair in one if pair[0] < pair[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def intersection(left, right):
    shared = []
    for a_start, a_end in left:
        for b_start, b_end in right:
            if max(a_start, b_start) < min(a_end, b_end):
                shared.append((max(a_start, b_start), min(a_end, b_end)))
    return union(shared)


def difference(left, right):
    for hole_start, hole_end in right:
        remaining = []
        for start, end in left:
            remaining.append((start, min(end, hole_start)))
            remaining.append((max(start, hole_end), end))
        left = [pair for pair in remaining if pair[0] < pair[1]]
    return union(left)


def length(one):
    return sum(end - start for start, end in one)


def contains(one, point):
    return any(start <= point < end for start, end in one)

