"""TFLite_Detection_PostProcess: what the comparison with LiteRT draws."""

import numpy

from build import Node, Tensor
from cases import Case, activation, case


@case("TFLite_Detection_PostProcess", ("float32", "uint8"))
def detections(rng, name, kind):
    boxes, classes = int(rng.integers(2, 30)), int(rng.integers(1, 6))
    background = int(rng.integers(0, 2))
    options = {"max_detections": int(rng.integers(1, 12)), "max_classes_per_detection": int(rng.integers(1, classes + 1)),
               "detections_per_class": int(rng.integers(1, 12)), "use_regular_nms": bool(rng.integers(0, 2)),
               "nms_score_threshold": float(rng.uniform(0, 0.4)), "nms_iou_threshold": float(rng.uniform(0.1, 0.9)),
               "num_classes": classes, "y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
    anchors = numpy.concatenate([rng.uniform(0.2, 0.8, (boxes, 2)), rng.uniform(0.1, 0.4, (boxes, 2))], axis=1).astype("f4")
    encodings = rng.uniform(-2, 2, (1, boxes, 4)).astype("f4")
    # No two scores are equal: their order is the other runtime's own.
    order = rng.permutation(boxes * (classes + background)).reshape(1, boxes, -1)
    scores = ((order + 1) / (order.size + 1)).astype("f4")
    tensors = [activation(rng, kind, encodings.shape, scale=4 / 255, zero=128),
               activation(rng, kind, scores.shape, scale=1 / 256, zero=0)]
    values = [encodings, scores]
    if kind == "uint8":
        values = [numpy.round(encodings / (4 / 255) + 128).clip(0, 255).astype("u1"),
                  order.clip(0, 255).astype("u1")]
    anchor = Tensor("float32", data=anchors)
    if kind == "uint8":
        anchor = Tensor(kind, data=numpy.round(anchors * 255).astype("u1"), scale=1 / 255, zero=0)
    node = Node(name, [*tensors, anchor], [Tensor("float32") for _ in range(4)], 1, options=options, custom=True)
    return Case(node, inputs=values, tolerance=1e-5, frozen=(1,), trim=selected)


def selected(outputs):
    """The rows of detections: the other runtime leaves those behind them as they were."""
    boxes, classes, scores, count = outputs
    rows = int(count[0])
    return [boxes[:, :rows], classes[:, :rows], scores[:, :rows], count]
