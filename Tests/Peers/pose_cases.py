"""PosenetDecoderOp beside the algorithm of PersonLab (arXiv:1803.08225) in NumPy: no other runtime at hand has it."""

import numpy

from build import Node, Tensor
from cases import Case, activation, case

PARTS = ("nose", "left eye", "right eye", "left ear", "right ear", "left shoulder", "right shoulder", "left elbow",
         "right elbow", "left wrist", "right wrist", "left hip", "right hip", "left knee", "right knee", "left ankle",
         "right ankle")
CHAINS = (("nose", "left eye", "left ear"), ("nose", "right eye", "right ear"),
          ("nose", "left shoulder", "left elbow", "left wrist"), ("left shoulder", "left hip", "left knee", "left ankle"),
          ("nose", "right shoulder", "right elbow", "right wrist"),
          ("right shoulder", "right hip", "right knee", "right ankle"))
EDGES = [(PARTS.index(a), PARTS.index(b)) for chain in CHAINS for a, b in zip(chain, chain[1:])]


class Decoder:
    """Scores and offsets are (height, width, channels), offsets in cells: row before column, see `pairs`."""

    def __init__(self, scores, short, mid, longer=None):
        self.scores = scores
        self.last = numpy.asarray(scores.shape[:2], "f4") - 1
        self.short, self.longer = self.pairs(short), None if longer is None else self.pairs(longer)
        forth, back = numpy.split(mid, 2, axis=-1)
        self.forth, self.back = self.pairs(forth), self.pairs(back)

    @staticmethod
    def pairs(offsets):
        """(height, width, n, 2) from channels that are n rows, then n columns."""
        return numpy.stack(numpy.split(offsets, 2, axis=-1), axis=-1)

    def sample(self, field, point):
        """Bilinear."""
        base = numpy.floor(point).astype(int)
        high = numpy.minimum(base + 1, self.last.astype(int))
        t = (point - base).astype("f4")
        upper = (1 - t[1]) * field[base[0], base[1]] + t[1] * field[base[0], high[1]]
        lower = (1 - t[1]) * field[high[0], base[1]] + t[1] * field[high[0], high[1]]
        return (1 - t[0]) * upper + t[0] * lower

    def moved(self, point, field):
        return numpy.clip(point + self.sample(field, point), 0, self.last).astype("f4")

    def decoded(self, part, point):
        """All keypoints of the person that has this one: from the best that is reached to its neighbours."""
        found, points, scores = set(), {part: point}, {part: self.sample(self.scores[..., part], point)}
        while len(found) < len(PARTS):
            best = max((p for p in points if p not in found), key=lambda p: (scores[p], -p))
            found.add(best)
            for edge, (parent, child) in enumerate(EDGES):
                for start, end, field in ((parent, child, self.forth), (child, parent, self.back)):
                    if start != best or end in found:
                        continue
                    place = self.moved(points[best], field[:, :, edge])
                    for _ in range(5):
                        place = self.moved(place, self.short[:, :, end])
                    points[end], scores[end] = place, self.sample(self.scores[..., end], place)
        logits = numpy.array([scores[p] for p in range(len(PARTS))])
        return numpy.array([points[p] for p in range(len(PARTS))], "f4"), 1 / (1 + numpy.exp(-logits.astype("f8")))

    def roots(self, threshold):
        """Keypoints that are no worse than their neighbours, best first."""
        limit = -numpy.log(1 / (numpy.float32(threshold) + 1e-6) - 1)
        padded = numpy.pad(self.scores, ((1, 1), (1, 1), (0, 0)), constant_values=-numpy.inf)
        windows = numpy.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1)).max(axis=(-1, -2))
        places = numpy.argwhere((self.scores >= limit) & (self.scores >= windows))
        order = sorted(range(len(places)), key=lambda i: (-self.scores[tuple(places[i])], i))
        for y, x, part in places[order]:
            yield part, numpy.clip(numpy.array([y, x], "f4") + self.short[y, x, part], 0, self.last).astype("f4")

    def poses(self, limit, threshold, radius):
        poses = []
        for part, point in self.roots(threshold):
            if len(poses) == limit:
                break
            if any(near(points[part], point, radius) for points, _ in poses):
                continue
            points, scores = self.decoded(part, point)
            if scores.mean() >= threshold:
                poses.append((points, scores))
        poses.sort(key=lambda pose: -pose[1].mean())
        rated = []
        for i, (points, scores) in enumerate(poses):
            free = [not any(near(other[p], points[p], radius) for other, _ in poses[:i]) for p in range(len(PARTS))]
            rated.append((float((scores * free).sum() / len(PARTS)), points, scores))
        rated.sort(key=lambda pose: -pose[0])
        return [pose for pose in rated if pose[0] >= threshold]

    def masks(self, poses, limit):
        """Each cell belongs to the pose whose keypoints are next to where its offsets lead."""
        height, width = self.scores.shape[:2]
        masks = numpy.zeros((limit, height, width), "f4")
        for y, x in numpy.ndindex(height, width):
            ends = []
            for part in range(len(PARTS)):
                point = numpy.array([y, x], "f4")
                for _ in range(3):
                    point = self.moved(point, self.longer[:, :, part])
                ends.append(point)
            if poses:
                masks[int(numpy.argmin([((points - ends) ** 2).sum() for _, points, _ in poses])), y, x] = 1
        return masks


def near(a, b, radius):
    return float(((a - b) ** 2).sum()) <= radius ** 2


def people(rng, height, width, count):
    """Fields that say what a network would of `count` persons, with a little noise."""
    cells = numpy.stack(numpy.meshgrid(numpy.arange(height), numpy.arange(width), indexing="ij"), axis=-1)
    persons = rng.uniform(0, 1, (count, len(PARTS), 2)) * [height - 1, width - 1]
    distance = ((cells[:, :, None, None] - persons) ** 2).sum(axis=-1)
    nearest = distance.argmin(axis=2)
    scores = 4 - distance.min(axis=2) + rng.uniform(-0.3, 0.3, (height, width, len(PARTS)))

    def toward(part, anchor):
        """From each cell to `part` of the person whose `anchor` is nearest."""
        return persons[nearest[:, :, anchor], part] - cells + rng.uniform(-0.1, 0.1, (height, width, 2))

    def channels(offsets):
        return numpy.concatenate([numpy.stack([o[..., axis] for o in offsets], -1) for axis in (0, 1)], axis=-1)
    short = channels([toward(p, p) for p in range(len(PARTS))])
    mid = numpy.concatenate([channels([toward(b, a) for a, b in EDGES]), channels([toward(a, b) for a, b in EDGES])], -1)
    longer = channels([toward(p, 0) for p in range(len(PARTS))])
    return [scores, short, mid, longer]


@case("PosenetDecoderOp", ("float32", "uint8"))
def poses(rng, name, kind):
    height, width = int(rng.integers(2, 14)), int(rng.integers(2, 14))
    limit, stride = int(rng.integers(1, 6)), int(rng.integers(4, 33))
    threshold, radius = float(rng.uniform(0.1, 0.6)), float(rng.uniform(0, 2 * stride))
    has_masks = bool(rng.integers(0, 2))
    fields = people(rng, height, width, int(rng.integers(1, 4)))[:4 if has_masks else 3]
    fields = [field * (stride if i else 1) for i, field in enumerate(fields)]
    tensors, values = [], []
    for field in fields:
        scale = float(numpy.float32(numpy.abs(field).max() / 127))
        tensor = activation(rng, kind, (1, *field.shape), scale=scale, zero=128)
        stored = field if kind == "float32" else numpy.clip(numpy.round(field / scale) + 128, 0, 255)
        tensors.append(tensor)
        values.append(stored.astype("f4" if kind == "float32" else kind)[None])

    def formula(*stored):
        real = [v[0].astype("f4") if kind == "float32" else (v[0].astype("f4") - 128) * numpy.float32(t.scale)
                for v, t in zip(stored, tensors)]
        decoder = Decoder(real[0], *[r / numpy.float32(stride) for r in real[1:]])
        found = decoder.poses(limit, threshold, radius / stride)
        points, scores, rates = (numpy.zeros((1, limit, 17, 2), "f4"), numpy.zeros((1, limit, 17), "f4"),
                                 numpy.zeros((1, limit), "f4"))
        for i, (rate, place, score) in enumerate(found):
            points[0, i], scores[0, i], rates[0, i] = place * stride, score, rate
        masks = [decoder.masks(found, limit)[None]] if has_masks else []
        return [points, scores, rates, numpy.asarray([len(found)], "f4"), *masks]
    outputs = [Tensor("float32") for _ in range(5 if has_masks else 4)]
    options = {"max_detections": limit, "nms_radius": radius, "score_threshold": threshold, "stride": stride}
    return Case(Node(name, tensors, outputs, 1, options=options, custom=True), tolerance=2e-4, oracle="reference",
                inputs=values, formula=formula)
