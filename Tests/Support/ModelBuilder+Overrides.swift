public import ModelFormat

extension ModelBuilder {
  /// Replaces one field of the file, so that a test can write a model that is wrong in one place.
  ///
  /// ```swift
  /// model.override(.tensor(1, subgraph: 0), field: 2, .uint32(99))           // Tensor.buffer
  /// model.override(.tensor(1, subgraph: 0), in: [4], field: 2, .floatVector([0]))  // QuantizationParameters.scale
  /// model.override(.operator(0, subgraph: 0), field: 11, nil)                // removes a field
  /// ```
  ///
  /// - Parameters:
  ///   - subject: the table; it must exist.
  ///   - path: ids of fields that lead from that table through others; tables that are absent are made.
  ///   - field: the id of the field to set.
  ///   - value: `nil` removes the field.
  public mutating func override(
    _ subject: FormatError.Subject, in path: [Int] = [], field: Int, _ value: FieldValue?
  ) {
    overrides.append(Override(steps: Self.steps(to: subject) + path.map { .field($0) }, field: field, value: value))
  }

  private static func steps(to subject: FormatError.Subject) -> [Override.Step] {
    switch subject {
    case .file: []
    case .operatorCode(let index): [.element(1, index)]
    case .subgraph(let index): [.element(2, index)]
    case .tensor(let index, let subgraph): [.element(2, subgraph), .element(0, index)]
    case .operator(let index, let subgraph): [.element(2, subgraph), .element(3, index)]
    case .buffer(let index): [.element(4, index)]
    case .metadata(let index): [.element(6, index)]
    case .signature(let index): [.element(7, index)]
    }
  }

  struct Override: Sendable {
    enum Step: Sendable {
      /// The table in a field.
      case field(Int)
      /// One table of the vector in a field.
      case element(Int, Int)
    }

    let steps: [Step]
    let field: Int
    let value: FieldValue?

    func apply(to root: inout TableSpec) { apply(steps[...], &root) }

    private func apply(_ steps: ArraySlice<Step>, _ table: inout TableSpec) {
      guard let step = steps.first else {
        table[field] = value
        return
      }
      switch step {
      case .field(let id):
        var inner = TableSpec()
        if case .table(let existing)? = table[id] { inner = existing }
        apply(steps.dropFirst(), &inner)
        table[id] = .table(inner)
      case .element(let id, let index):
        guard case .tableVector(var tables)? = table[id], tables.indices.contains(index) else {
          preconditionFailure("no element \(index) in field \(id)")
        }
        apply(steps.dropFirst(), &tables[index])
        table[id] = .tableVector(tables)
      }
    }
  }
}
