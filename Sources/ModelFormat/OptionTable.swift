/// An operator's option table, verified when the model was read.
///
/// Fields are read by their id in the schema; one that is absent reads as the default given. Reading cannot fail: a field
/// whose bytes lie outside the table is refused while the model is read.
public struct OptionTable: Sendable {
  /// The number of the union member (`BuiltinOptions` or `BuiltinOptions2`); 0 when there is no table.
  public let type: Int
  let bytes: ModelBytes
  /// Position of the table in the file; 0 when there is none.
  let position: Int
}
