import Swiftlet

extension Interpreter {
  /// Copies `bytes`, which are as many as the input has, into input `index`.
  func setInputBytes(_ index: Int, to bytes: ArraySlice<UInt8>) {
    unsafe withInputBytes(index) { target in
      precondition(target.count == bytes.count)
      unsafe target.copyBytes(from: bytes)
    }
  }

  func outputBytes(_ index: Int) -> [UInt8] {
    unsafe withOutputBytes(index) { unsafe Array($0) }
  }
}
