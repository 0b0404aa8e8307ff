package import ModelFormat

/// Which operators the runtime has. One line each.
package enum OperatorTable {
  /// False in a library that was built for certain models: then lines are missing below.
  static let isComplete = true

  /// Refuses a layer of a kind that the library was built without.
  @inline(__always)
  static func requireLayers(_ isBuilt: Bool) throws(PrepareError) {
    guard isBuilt else {
      throw PrepareError(
        .typeUnsupported, .input(0), found: .type(.float32),
        remedy: Selection.remedy)
    }
  }

  package static func entry(for code: OperatorCode) -> OperatorEntry? {
    code.builtin == OperatorCode.custom ? custom(code.customText) : builtin(code.builtin)
  }

  package static func builtin(_ code: Int) -> OperatorEntry? {
    switch code {
    case 0: OperatorEntry(BinaryArithmetic.self, upTo: 6)
    case 1: OperatorEntry(AveragePool2D.self, upTo: 3)
    case 2: OperatorEntry(Concatenation.self, upTo: 7)
    case 3: OperatorEntry(Conv2D.self, upTo: 8)
    case 4: OperatorEntry(DepthwiseConv2D.self, upTo: 7)
    case 5: OperatorEntry(SpaceDepth.self, upTo: 2)
    case 6: OperatorEntry(Dequantize.self, upTo: 9)
    case 7: OperatorEntry(EmbeddingLookup.self, upTo: 5)
    case 8: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 9: OperatorEntry(FullyConnected.self, upTo: 14)
    case 11: OperatorEntry(L2Normalization.self, upTo: 2)
    case 12: OperatorEntry(L2Pool2D.self, upTo: 1)
    case 13: OperatorEntry(LocalResponseNormalization.self, upTo: 1)
    case 14: OperatorEntry(UnaryFunction.self, upTo: 3)
    case 16: OperatorEntry(LSTM.self, upTo: 4)
    case 17: OperatorEntry(MaxPool2D.self, upTo: 3)
    case 18: OperatorEntry(BinaryArithmetic.self, upTo: 8)
    case 19: OperatorEntry(UnaryFunction.self, upTo: 3)
    case 20: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 21: OperatorEntry(UnaryFunction.self, upTo: 3)
    case 22: OperatorEntry(Reshape.self, upTo: 1)
    case 23: OperatorEntry(ResizeBilinear.self, upTo: 4)
    case 25: OperatorEntry(Softmax.self, upTo: 4)
    case 26: OperatorEntry(SpaceDepth.self, upTo: 2)
    case 27: OperatorEntry(SVDF.self, upTo: 4)
    case 28: OperatorEntry(UnaryFunction.self, upTo: 3)
    case 34: OperatorEntry(Pad.self, upTo: 6)
    case 36: OperatorEntry(Gather.self, upTo: 8)
    case 37: OperatorEntry(BatchSpace.self, upTo: 4)
    case 38: OperatorEntry(BatchSpace.self, upTo: 4)
    case 39: OperatorEntry(Transpose.self, upTo: 9)
    case 40: OperatorEntry(Mean.self, upTo: 3)
    case 41: OperatorEntry(BinaryArithmetic.self, upTo: 5)
    case 42: OperatorEntry(BinaryArithmetic.self, upTo: 2)
    case 43: OperatorEntry(Squeeze.self, upTo: 2)
    case 44: OperatorEntry(UnidirectionalSequenceLSTM.self, upTo: 4)
    case 45: OperatorEntry(StridedSlice.self, upTo: 8)
    case 47: OperatorEntry(UnaryFunction.self, upTo: 2)
    case 48: OperatorEntry(TopK.self, upTo: 3)
    case 49: OperatorEntry(Split.self, upTo: 5)
    case 50: OperatorEntry(LogSoftmax.self, upTo: 2)
    case 53: OperatorEntry(Cast.self, upTo: 9)
    case 54: OperatorEntry(PReLU.self, upTo: 1)
    case 55: OperatorEntry(BinaryArithmetic.self, upTo: 4)
    case 56: OperatorEntry(ArgExtremum.self, upTo: 3)
    case 57: OperatorEntry(BinaryArithmetic.self, upTo: 4)
    case 58: OperatorEntry(Comparison.self, upTo: 3)
    case 59: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 60: OperatorEntry(Pad.self, upTo: 6)
    case 61: OperatorEntry(Comparison.self, upTo: 2)
    case 62: OperatorEntry(Comparison.self, upTo: 3)
    case 63: OperatorEntry(Comparison.self, upTo: 2)
    case 64: OperatorEntry(Select.self, upTo: 4)
    case 65: OperatorEntry(Slice.self, upTo: 8)
    case 66: OperatorEntry(UnaryFunction.self, upTo: 2)
    case 67: OperatorEntry(TransposeConv.self, upTo: 5)
    case 68: OperatorEntry(SparseToDense.self, upTo: 3)
    case 69: OperatorEntry(Tile.self, upTo: 3)
    case 70: OperatorEntry(ExpandDims.self, upTo: 1)
    case 71: OperatorEntry(Comparison.self, upTo: 5)
    case 72: OperatorEntry(Comparison.self, upTo: 4)
    case 73: OperatorEntry(UnaryFunction.self, upTo: 2)
    case 74: OperatorEntry(Sum.self, upTo: 2)
    case 75: OperatorEntry(UnaryFunction.self, upTo: 2)
    case 76: OperatorEntry(UnaryFunction.self, upTo: 3)
    case 77: OperatorEntry(ShapeOperator.self, upTo: 1, .dependsOnShapeOnly)
    case 78: OperatorEntry(BinaryArithmetic.self, upTo: 1)
    case 79: OperatorEntry(ArgExtremum.self, upTo: 3)
    case 80: OperatorEntry(FakeQuantize.self, upTo: 2)
    case 81: OperatorEntry(ReduceProd.self, upTo: 2)
    case 82: OperatorEntry(ReduceMax.self, upTo: 3)
    case 83: OperatorEntry(Pack.self, upTo: 5)
    case 84: OperatorEntry(LogicalBinary.self, upTo: 1)
    case 85: OperatorEntry(OneHot.self, upTo: 1)
    case 86: OperatorEntry(LogicalBinary.self, upTo: 1)
    case 87: OperatorEntry(LogicalNot.self, upTo: 1)
    case 88: OperatorEntry(Unpack.self, upTo: 6)
    case 89: OperatorEntry(ReduceMin.self, upTo: 3)
    case 90: OperatorEntry(BinaryArithmetic.self, upTo: 3)
    case 91: OperatorEntry(ReduceAny.self, upTo: 1)
    case 92: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 93: OperatorEntry(ZerosLike.self, upTo: 1)
    case 94: OperatorEntry(Fill.self, upTo: 5)
    case 95: OperatorEntry(BinaryArithmetic.self, upTo: 2)
    case 96: OperatorEntry(RangeOperator.self, upTo: 2)
    case 97: OperatorEntry(ResizeNearestNeighbor.self, upTo: 4)
    case 98: OperatorEntry(UnaryFunction.self, upTo: 2)
    case 99: OperatorEntry(BinaryArithmetic.self, upTo: 2)
    case 100: OperatorEntry(MirrorPad.self, upTo: 3)
    case 101: OperatorEntry(UnaryFunction.self, upTo: 5)
    case 102: OperatorEntry(SplitV.self, upTo: 3)
    case 104: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 105: OperatorEntry(Reverse.self, upTo: 3)
    case 106: OperatorEntry(AddN.self, upTo: 1)
    case 107: OperatorEntry(GatherND.self, upTo: 6)
    case 108: OperatorEntry(UnaryFunction.self, upTo: 2)
    case 109: OperatorEntry(Where.self, upTo: 2)
    case 110: OperatorEntry(Rank.self, upTo: 1, .dependsOnShapeOnly)
    case 111: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 112: OperatorEntry(ReverseSequence.self, upTo: 1)
    case 113: OperatorEntry(MatrixDiagonal.self, upTo: 1)
    case 114: OperatorEntry(Quantize.self, upTo: 6)
    case 115: OperatorEntry(MatrixSetDiagonal.self, upTo: 1)
    case 116: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 117: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 118: OperatorEntry(If.self, upTo: 1, .callsSubgraphs)
    case 119: OperatorEntry(While.self, upTo: 1, .callsSubgraphs)
    case 120: OperatorEntry(NonMaxSuppression.self, upTo: 1)
    case 121: OperatorEntry(NonMaxSuppression.self, upTo: 1)
    case 122: OperatorEntry(ScatterND.self, upTo: 1)
    case 123: OperatorEntry(Select.self, upTo: 2)
    case 124: OperatorEntry(Densify.self, upTo: 1)
    case 125: OperatorEntry(Segments.self, upTo: 1)
    case 126: OperatorEntry(BatchMatMul.self, upTo: 4)
    case 128: OperatorEntry(CumulativeSum.self, upTo: 1)
    case 129: OperatorEntry(CallOnce.self, upTo: 1, .stateful)
    case 130: OperatorEntry(BroadcastTo.self, upTo: 4)
    case 131: OperatorEntry(RealFFT2D.self, upTo: 1)
    case 132: OperatorEntry(Conv3D.self, upTo: 1)
    case 133: OperatorEntry(ComplexParts.self, upTo: 1)
    case 134: OperatorEntry(ComplexParts.self, upTo: 1)
    case 135: OperatorEntry(ComplexParts.self, upTo: 1)
    case 140: OperatorEntry(ReduceAll.self, upTo: 1)
    case 142: OperatorEntry(VarHandle.self, upTo: 1, .stateful)
    case 143: OperatorEntry(ReadVariable.self, upTo: 1, .stateful)
    case 144: OperatorEntry(AssignVariable.self, upTo: 1, .stateful)
    case 145: OperatorEntry(BroadcastArgs.self, upTo: 1)
    case 147: OperatorEntry(Bucketize.self, upTo: 1)
    case 150: OperatorEntry(UnaryFunction.self, upTo: 3)
    case 151: OperatorEntry(DynamicUpdateSlice.self, upTo: 6)
    case 152: OperatorEntry(UnaryFunction.self, upTo: 1)
    case 153: OperatorEntry(Segments.self, upTo: 1)
    case 154: OperatorEntry(Segments.self, upTo: 1)
    case 155: OperatorEntry(Segments.self, upTo: 1)
    case 156: OperatorEntry(BinaryArithmetic.self, upTo: 1)
    case 157: OperatorEntry(Segments.self, upTo: 1)
    case 158: OperatorEntry(UnaryFunction.self, upTo: 2)
    case 159: OperatorEntry(Bitcast.self, upTo: 1)
    case 160: OperatorEntry(Bitwise.self, upTo: 1)
    case 161: OperatorEntry(Bitwise.self, upTo: 1)
    case 203: OperatorEntry(Dilate.self, upTo: 1)
    case 206: OperatorEntry(Composite.self, upTo: 1, .callsSubgraphs)
    default: nil
    }
  }

  package static func custom(_ name: Text) -> OperatorEntry? {
    switch name {
    case "TFLite_Detection_PostProcess": OperatorEntry(DetectionPostProcess.self, upTo: 1)
    case "SignalWindow": OperatorEntry(SignalWindow.self, upTo: 1)
    case "SignalFftAutoScale": OperatorEntry(SignalAutoScale.self, upTo: 1)
    case "SignalRfft": OperatorEntry(SignalRealFFT.self, upTo: 1)
    case "SignalEnergy": OperatorEntry(SignalEnergy.self, upTo: 1)
    case "SignalFilterBank": OperatorEntry(SignalFilterBank.self, upTo: 1)
    case "SignalFilterBankSquareRoot": OperatorEntry(SignalSquareRoot.self, upTo: 1)
    case "SignalFilterBankSpectralSubtraction": OperatorEntry(SignalSpectralSubtraction.self, upTo: 1, .stateful)
    case "SignalPCAN": OperatorEntry(SignalGain.self, upTo: 1)
    case "SignalFilterBankLog": OperatorEntry(SignalLog.self, upTo: 1)
    case "SignalFramer": OperatorEntry(SignalFramer.self, upTo: 1, .stateful)
    case "SignalStacker": OperatorEntry(SignalStacker.self, upTo: 1, .stateful)
    case "SignalDelay": OperatorEntry(SignalDelay.self, upTo: 1, .stateful)
    case "SignalOverlapAdd": OperatorEntry(SignalOverlapAdd.self, upTo: 1, .stateful)
    case "SignalIrfft": OperatorEntry(SignalInverseRealFFT.self, upTo: 1)
    case "PosenetDecoderOp": OperatorEntry(PoseDecoder.self, upTo: 1)
    case "Convolution2DTransposeBias": OperatorEntry(TransposeConvBias.self, upTo: 1)
    default: nil
    }
  }

  /// The custom operators, with the types of their data.
  static let customNames: [(name: StaticString, types: [StaticString])] = [
    ("TFLite_Detection_PostProcess", ["float32", "uint8"]), ("SignalWindow", ["int16"]),
    ("SignalFftAutoScale", ["int16"]), ("SignalRfft", ["int16"]), ("SignalEnergy", ["int16"]),
    ("SignalFilterBank", ["uint32"]), ("SignalFilterBankSquareRoot", ["uint64"]),
    ("SignalFilterBankSpectralSubtraction", ["uint32"]), ("SignalPCAN", ["uint32"]),
    ("SignalFilterBankLog", ["uint32"]), ("SignalFramer", ["int16"]), ("SignalStacker", ["int16"]),
    ("SignalDelay", ["int16"]), ("SignalOverlapAdd", ["float32", "int16"]), ("SignalIrfft", ["int16"]),
    ("PosenetDecoderOp", ["float32", "uint8"]), ("Convolution2DTransposeBias", ["float32"]),
  ]

  static func remedy(for code: OperatorCode) -> StaticString {
    guard isComplete else { return Selection.remedy }
    if code.builtin != OperatorCode.custom { return "this version has no kernel for it" }
    if code.customText.has("edgetpu-custom-op") {
      return "the model was compiled for the Edge TPU: use the original file"
    }
    if code.customText.starts(with: "Flex") { return "convert the model without SELECT_TF_OPS" }
    return "custom operators have to be known to the runtime"
  }
}
