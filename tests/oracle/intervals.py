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
    left, right = union(left), union(right)
    shared, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        shared.append((max(left[i][0], right[j][0]), min(left[i][1], right[j][1])))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return union(shared)


def difference(left, right):
    left = union(left)
    if not left:
        return []
    holes = union(right)
    ends = [left[0][0], *(edge for hole in holes for edge in hole), left[-1][1]]
    return intersection(left, [(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True)])


def length(one):
    return sum(end - start for start, end in one)


def contains(one, point):
    return any(start <= point < end for start, end in one)

