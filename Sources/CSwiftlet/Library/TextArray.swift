internal import CTensorFlowLite

/// Texts in memory that a caller may hold on to.
@safe final class TextArray {
  private var texts: [UnsafeMutablePointer<CChar>] = unsafe []
  let count: Int

  /// `nil` when out of memory.
  init?(_ strings: [String]) {
    count = strings.count
    for string in strings {
      var string = string
      let text = string.withUTF8 { unsafe swl_text($0.baseAddress, $0.count) }
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
