internal import CTensorFlowLite
internal import ModelFormat

/// Texts in memory that a caller may hold on to.
@safe final class TextArray {
  private var texts: [UnsafeMutablePointer<CChar>] = unsafe []
  let count: Int

  /// `nil` when out of memory.
  init?(_ names: [Text]) {
    count = names.count
    for name in names {
      let text = unsafe swl_text(name.bytes, name.bytes.count)
      guard let text = unsafe text else { return nil }
      unsafe texts.append(text)
    }
  }

  deinit {
    for index in unsafe texts.indices { unsafe swl_free(texts[index]) }
  }

  /// `nil` outside `0..<count`.
  subscript(index: Int) -> UnsafePointer<CChar>? {
    guard index >= 0, index < count else { return nil }
    return unsafe UnsafePointer(texts[index])
  }
}
