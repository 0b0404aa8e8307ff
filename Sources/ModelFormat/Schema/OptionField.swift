/// A field of an operator's option table, for those who write files.
package struct OptionField: Sendable {
  /// The field's id in the table.
  package let id: Int
  /// The schema's name: "stride_w".
  package let name: String
  /// How the field is stored, by the letters of `OptionSchema`.
  package let kind: Character
}

/// The option table that belongs to an operator.
package struct OptionLayout: Sendable {
  /// The member of `BuiltinOptions`; 0 when the operator has no table there.
  package let type: Int
  package let fields: [OptionField]

  /// The table of the built-in operator `code`; `nil` for codes that the schema does not have.
  package init?(ofOperator code: Int) {
    guard let entry = BuiltinOperators.entry(code) else { return nil }
    self.init(type: entry.options)
  }

  private init(type: Int) {
    self.type = type
    let list = OptionSchema.fields(type, in: .first)
    var fields: [OptionField] = []
    try? OptionSchema.forEachField(of: list) { field in
      fields.append(
        OptionField(id: field.id, name: list.text(field.name).string, kind: Character(Unicode.Scalar(field.kind))))
    }
    self.fields = fields
  }
}
