import ModelFormat
import Swiftlet
import TestSupport

extension MalformedModel {
  /// Rows of the catalogue about operators that the runtime does not have: named, whatever else is wrong with them.
  static let unsupported: [MalformedModel] = [
    ("CVE-2021-29604 HASHTABLE_LOOKUP", 10),
    ("CVE-2021-37691 LSH_PROJECTION", 15), ("CVE-2022-23559 EMBEDDING_LOOKUP_SPARSE", 33),
    ("CVE-2022-41894 CONV_3D_TRANSPOSE", 141),
  ].map { id, code in
    MalformedModel(id, .operatorUnsupported, ValidModels.chain) { $0.subgraphs[0].operators[0].builtin = code }
  }
}
