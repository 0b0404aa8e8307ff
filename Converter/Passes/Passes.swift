/// The rules in the order in which they run. One line each.
package enum Passes {
  /// What brings quantization out into the open, before edges are marked with it.
  package static let quantization: [[Rule]] = [[.raiseDequantize]]

  /// After layers have become integers.
  package static let conversions: [[Rule]] = [[.cancelConversions]]

  /// Patterns of layers that the file format has as one, and a common form for the rest.
  package static let patterns: [[Rule]] = [
    [
      .foldConstants, .removeIdentity, .mergeReshapes, .mergeTransposes, .normalizeArithmetic, .fuseGELU,
      .fuseHardSwish, .fuseSoftmax, .fuseMean, .fuseReciprocalRoot, .fuseL2Normalization, .fuseLogistic,
    ]
  ]

  /// Layout, then what needs layers next to each other.
  package static let standard: [[Rule]] = [
    layout,
    layout + [.selectThroughViews, .collapseViews, .pictureAfterViews, .permuteFullyConnected],
    layout + [
      .selectThroughViews, .collapseViews, .pictureAfterViews, .permuteFullyConnected, .transposeAsReshape, .foldScale,
      .foldOffset, .foldSelection, .foldScaleForward, .foldOffsetForward, .mergeMatrixScales, .fuseHardSwish,
      .fuseL2Normalization, .fuseSoftmax,
    ],
    [
      .foldConstants, .removeIdentity, .mergeReshapes, .keepDimensions, .mergeTransposes, .raiseThroughPadding,
      .fusePadding, .fuseActivation, .foldOffset, .fuseMatrixTranspose,
    ],
    [.expandErf, .foldConstants, .removeIdentity],
  ]

  static let layout: [Rule] = [
    .foldConstants, .removeIdentity, .mergeReshapes, .mergeTransposes, .sinkThroughElementwise,
    .sinkThroughConcatenation, .sinkThroughReduction, .sinkThroughMovement, .sinkThroughLastDimension,
    .reshapeOfTranspose, .sinkThroughReshape, .sinkReshape,
  ]
}
