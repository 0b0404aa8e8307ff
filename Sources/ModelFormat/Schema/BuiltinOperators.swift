/// The operators of the schema in the order of their codes: `NAME`, `NAME:options` or `NAME::options2`, where the number is
/// the member of `BuiltinOptions` or `BuiltinOptions2` that belongs to the operator.
enum BuiltinOperators {
  private static let list: StaticString =
    """
    ADD:11 AVERAGE_POOL_2D:5 CONCATENATION:10 CONV_2D:1 DEPTHWISE_CONV_2D:2 DEPTH_TO_SPACE:94 DEQUANTIZE:38 \
    EMBEDDING_LOOKUP FLOOR FULLY_CONNECTED:8 HASHTABLE_LOOKUP L2_NORMALIZATION:12 L2_POOL_2D:5 \
    LOCAL_RESPONSE_NORMALIZATION:13 LOGISTIC LSH_PROJECTION:4 LSTM:14 MAX_POOL_2D:5 MUL:21 RELU RELU_N1_TO_1 RELU6 \
    RESHAPE:17 RESIZE_BILINEAR:15 RNN:7 SOFTMAX:9 SPACE_TO_DEPTH:19 SVDF:6 TANH CONCAT_EMBEDDINGS:3 SKIP_GRAM:18 \
    CALL:16 CUSTOM EMBEDDING_LOOKUP_SPARSE:20 PAD:22 UNIDIRECTIONAL_SEQUENCE_RNN:31 GATHER:23 BATCH_TO_SPACE_ND:24 \
    SPACE_TO_BATCH_ND:25 TRANSPOSE:26 MEAN:27 SUB:28 DIV:29 SQUEEZE:30 UNIDIRECTIONAL_SEQUENCE_LSTM:71 \
    STRIDED_SLICE:32 BIDIRECTIONAL_SEQUENCE_RNN:70 EXP:33 TOPK_V2:34 SPLIT:35 LOG_SOFTMAX:36 DELEGATE \
    BIDIRECTIONAL_SEQUENCE_LSTM:69 CAST:37 PRELU MAXIMUM:39 ARG_MAX:40 MINIMUM:39 LESS:41 NEG:42 PADV2:43 GREATER:44 \
    GREATER_EQUAL:45 LESS_EQUAL:46 SELECT:47 SLICE:48 SIN TRANSPOSE_CONV:49 SPARSE_TO_DENSE:50 TILE:51 \
    EXPAND_DIMS:52 EQUAL:53 NOT_EQUAL:54 LOG SUM:27 SQRT RSQRT SHAPE:55 POW:56 ARG_MIN:57 FAKE_QUANT:58 \
    REDUCE_PROD:27 REDUCE_MAX:27 PACK:59 LOGICAL_OR:60 ONE_HOT:61 LOGICAL_AND:62 LOGICAL_NOT:63 UNPACK:64 \
    REDUCE_MIN:27 FLOOR_DIV:65 REDUCE_ANY:27 SQUARE:66 ZEROS_LIKE:67 FILL:68 FLOOR_MOD:72 RANGE:73 \
    RESIZE_NEAREST_NEIGHBOR:74 LEAKY_RELU:75 SQUARED_DIFFERENCE:76 MIRROR_PAD:77 ABS:78 SPLIT_V:79 UNIQUE:80 CEIL \
    REVERSE_V2:81 ADD_N:82 GATHER_ND:83 COS:84 WHERE:85 RANK:86 ELU REVERSE_SEQUENCE:87 MATRIX_DIAG:88 QUANTIZE:89 \
    MATRIX_SET_DIAG:90 ROUND HARD_SWISH:91 IF:92 WHILE:93 NON_MAX_SUPPRESSION_V4:95 NON_MAX_SUPPRESSION_V5:96 \
    SCATTER_ND:97 SELECT_V2:98 DENSIFY:99 SEGMENT_SUM:100 BATCH_MATMUL:101 PLACEHOLDER_FOR_GREATER_OP_CODES \
    CUMSUM:102 CALL_ONCE:103 BROADCAST_TO:104 RFFT2D:105 CONV_3D:106 IMAG REAL COMPLEX_ABS HASHTABLE:107 \
    HASHTABLE_FIND:108 HASHTABLE_IMPORT:109 HASHTABLE_SIZE:110 REDUCE_ALL:27 CONV_3D_TRANSPOSE:106 VAR_HANDLE:111 \
    READ_VARIABLE:112 ASSIGN_VARIABLE:113 BROADCAST_ARGS RANDOM_STANDARD_NORMAL:114 BUCKETIZE:115 RANDOM_UNIFORM:114 \
    MULTINOMIAL:114 GELU:116 DYNAMIC_UPDATE_SLICE:117 RELU_0_TO_1 UNSORTED_SEGMENT_PROD:118 UNSORTED_SEGMENT_MAX:119 \
    UNSORTED_SEGMENT_SUM:121 ATAN2:122 UNSORTED_SEGMENT_MIN:120 SIGN:123 BITCAST:124 BITWISE_XOR:125 RIGHT_SHIFT:126 \
    STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM STABLEHLO_RESHAPE \
    STABLEHLO_CLAMP STABLEHLO_CONCATENATE::1 STABLEHLO_BROADCAST_IN_DIM::2 STABLEHLO_CONVOLUTION::4 \
    STABLEHLO_SLICE::3 STABLEHLO_CUSTOM_CALL::5 STABLEHLO_REDUCE::6 STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE \
    STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR \
    STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH \
    STABLEHLO_SCATTER::7 STABLEHLO_COMPARE::8 STABLEHLO_CONVERT STABLEHLO_DYNAMIC_SLICE::9 \
    STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD::10 STABLEHLO_IOTA::11 STABLEHLO_DOT_GENERAL::12 \
    STABLEHLO_REDUCE_WINDOW::13 STABLEHLO_SORT::14 STABLEHLO_WHILE::15 STABLEHLO_GATHER::16 STABLEHLO_TRANSPOSE::17 \
    DILATE::18 STABLEHLO_RNG_BIT_GENERATOR::19 REDUCE_WINDOW::20 STABLEHLO_COMPOSITE::21 STABLEHLO_SHIFT_LEFT::22 \
    STABLEHLO_CBRT STABLEHLO_CASE::23
    """

  static let count = 210

  /// What the schema says of one operator.
  struct Entry {
    /// Such as "CONV_2D".
    let name: Text
    /// Union members of the option tables; 0 = none.
    let options: Int
    let options2: Int
  }

  /// The operator with this code, `nil` for codes that the schema does not have.
  static func entry(_ code: Int) -> Entry? {
    guard code >= 0 else { return nil }
    var words = Words(list)
    for _ in 0..<code where words.next() == nil { return nil }
    return words.next().map { entry(words.list, $0) }
  }

  /// The operators with these codes, in one walk over the list.
  static func entries(_ codes: [OperatorCode]) -> [Entry?] {
    var isWanted = Array(repeating: false, count: count)
    for code in codes where code.builtin >= 0 && code.builtin < count { isWanted[code.builtin] = true }
    var words = Words(list)
    let known = isWanted.map { isWanted -> Entry? in
      let word = words.next()
      return isWanted ? word.map { entry(words.list, $0) } : nil
    }
    return codes.map { $0.builtin >= 0 && $0.builtin < count ? known[$0.builtin] : nil }
  }

  /// The first operator that this member of `BuiltinOptions` (or `BuiltinOptions2`) belongs to; empty when there is none.
  static func owner(ofOptions type: Int, in union: OptionUnion) -> Text {
    var words = Words(list)
    while let word = words.next() {
      let entry = entry(words.list, word)
      if (union == .first ? entry.options : entry.options2) == type { return entry.name }
    }
    return Text()
  }

  private static func entry(_ list: StaticString, _ word: Range<Int>) -> Entry {
    let parts = Words.split(list, word, at: UInt8(ascii: ":"))
    return Entry(
      name: list.text(parts[0]),
      options: parts.count > 1 ? Words.number(list, parts[1]) : 0,
      options2: parts.count > 2 ? Words.number(list, parts[2]) : 0)
  }
}

extension OperatorCode {
  /// The operator's name in the schema such as "CONV_2D", a custom operator's own name, or "BUILTIN_210" for a code that is
  /// newer than this library.
  public var name: String { text.string }
  package var text: Text { name(BuiltinOperators.entry(builtin)) }

  func name(_ entry: BuiltinOperators.Entry?) -> Text {
    if builtin == Self.custom { return customText }
    if let entry { return entry.name }
    var text = Text("BUILTIN_")
    text.add(builtin)
    return text
  }

  /// The code of operators that are known by `customName`.
  public static let custom = 32

  /// The names of all built-in operators, by code.
  package static var builtinNames: [String] {
    (0..<BuiltinOperators.count).map { OperatorCode(builtin: $0, customName: "", version: 1).name }
  }
}
