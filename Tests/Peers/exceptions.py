"""Configurations that differ because LiteRT's own kernel is at fault: what, when, and why."""

import fnmatch

EXCUSES = []


def excuse(pattern, reason):
    """Registers a predicate of the case for labels that match `pattern`."""
    def register(applies):
        EXCUSES.append((pattern, applies, reason))
        return applies
    return register


def excused(label, case):
    return any(fnmatch.fnmatch(label, pattern) and applies(case) for pattern, applies, _ in EXCUSES)


@excuse("SELECT_V2 *", "of one element everywhere LiteRT gives the second operand's shape, whatever the ranks")
def one_element_of_more_dimensions(case):
    condition, left, right = (tensor.shape for tensor in case.node.inputs)
    return len(left) < max(len(condition), len(right)) and set((*condition, *left, *right)) <= {1}
