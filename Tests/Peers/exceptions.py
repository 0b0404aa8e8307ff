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


@excuse("*LSTM int8", "with a projection LiteRT walks the peephole weights by the number of outputs, not of cells")
def peepholes_beside_a_projection(case):
    inputs = case.node.inputs
    return inputs[16] is not None and any(tensor is not None for tensor in inputs[9:12])


@excuse("SELECT_V2 *", "of one element everywhere LiteRT gives the second operand's shape, whatever the ranks")
def one_element_of_more_dimensions(case):
    condition, left, right = (tensor.shape for tensor in case.node.inputs)
    return len(left) < max(len(condition), len(right)) and set((*condition, *left, *right)) <= {1}


@excuse("SignalFftAutoScale int16", "of zeros alone the wheel finds no bits to shift by, where the formula gives 15")
def silence(case):
    return not any(value.any() for value in case.inputs)
