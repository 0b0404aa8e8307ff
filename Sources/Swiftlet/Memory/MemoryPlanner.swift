/// Places activations and scratch memory in one arena.
///
/// Tensors that share memory form a group with one lifetime; groups are placed one after another at the lowest offset
/// that is free during their lifetime. Several orders are tried and the smallest arena wins.
struct MemoryPlanner {
  private let graph: Graph
  private var groups: [Group] = []
  /// By tensor: its group and its offset in it.
  private var places: [(group: Int, offset: Int)?]
  /// By tensor: the next one of the same group; -1 behind the last.
  private var following: [Int]
  private var scratchGroups: [Int] = []

  struct Group: BitwiseCopyable {
    /// -1 for scratch memory.
    var firstMember: Int
    var lastMember: Int
    var byteCount: Int
    var first: Int
    var last: Int
    var isMerged = false
  }

  /// Groups every activation alone, alive from the node that writes it to the last that reads it.
  init(graph: Graph, keepsInputs: Bool, scratchCount: Int = 0, byteCount: (Int) -> Int) {
    self.graph = graph
    places = Array(repeating: nil, count: graph.tensors.count)
    following = Array(repeating: -1, count: graph.tensors.count)
    var sizes = Array(repeating: 0, count: graph.tensors.count)
    groups.reserveCapacity(graph.tensors.count + scratchCount)
    scratchGroups.reserveCapacity(scratchCount)
    lifetimes = TensorLifetime.all(in: graph, keepsInputs: keepsInputs)
    for tensor in graph.tensors.indices {
      guard graph.tensors[tensor].isPlanned, lifetimes[tensor].first != Int.max else { continue }
      places[tensor] = (groups.count, 0)
      sizes[tensor] = byteCount(tensor)
      groups.append(
        Group(
          firstMember: tensor, lastMember: tensor, byteCount: sizes[tensor], first: lifetimes[tensor].first,
          last: lifetimes[tensor].last))
    }
    self.sizes = sizes
  }

  let lifetimes: [TensorLifetime]
  /// By tensor; 0 for those that have no place.
  private let sizes: [Int]

  mutating func add(scratch byteCount: Int, step: Int) {
    scratchGroups.append(groups.count)
    groups.append(Group(firstMember: -1, lastMember: -1, byteCount: byteCount, first: step, last: step))
  }

  mutating func apply(_ request: SharingRequest) {
    switch request {
    case .view(let inner, let outer, let byteOffset): view(inner, inside: outer, at: byteOffset)
    case .inPlace(let output, let input, let step): shareInPlace(output: output, input: input, step: step)
    }
  }

  /// The inner tensor has the same bytes as part of the outer one, so both may stay alive together.
  private mutating func view(_ inner: Int, inside outer: Int, at byteOffset: Int) {
    guard let innerPlace = places[inner], let outerPlace = places[outer], innerPlace.group != outerPlace.group else {
      return
    }
    // A group can move inside another only as a whole.
    guard innerPlace.offset == 0, groups[innerPlace.group].byteCount == sizes[inner] else { return }
    guard !overlapsForeign(innerPlace.group, group: outerPlace.group, at: outerPlace.offset + byteOffset, with: outer)
    else { return }
    merge(innerPlace.group, into: outerPlace.group, at: outerPlace.offset + byteOffset)
  }

  /// Whether another tensor, that was itself placed inside `outer`, already occupies bytes the group would take.
  private func overlapsForeign(_ inner: Int, group: Int, at offset: Int, with outer: Int) -> Bool {
    let end = offset + groups[inner].byteCount
    guard offset >= 0, end <= groups[group].byteCount else { return true }
    for member in members(of: group) where member != outer {
      guard let place = places[member] else { continue }
      // A member that covers all of `outer` holds the same bytes as `outer` does.
      let (start, stop) = (place.offset, place.offset + sizes[member])
      if start <= offset && stop >= end && sizes[member] >= sizes[outer] { continue }
      if start < end && offset < stop { return true }
    }
    return false
  }

  /// The output overwrites the input, whose bytes nobody may need any more.
  private mutating func shareInPlace(output: Int, input: Int, step: Int) {
    guard let from = places[input], let to = places[output], from.group != to.group, sizes[input] >= sizes[output]
    else { return }
    // All that shares the input's bytes must be dead after this step, all that shares the output's unborn before it.
    let dies = members(of: from.group).allSatisfy { lifetimes[$0].last <= step }
    let born = members(of: to.group).allSatisfy { lifetimes[$0].first >= step }
    guard dies, born, from.offset == 0, to.offset == 0, groups[to.group].byteCount == sizes[output],
      groups[from.group].byteCount >= groups[to.group].byteCount
    else { return }
    merge(to.group, into: from.group, at: 0)
  }

  private mutating func merge(_ child: Int, into parent: Int, at offset: Int) {
    for member in members(of: child) {
      if let place = places[member] { places[member] = (parent, place.offset + offset) }
    }
    following[groups[parent].lastMember] = groups[child].firstMember
    groups[parent].lastMember = groups[child].lastMember
    groups[parent].first = min(groups[parent].first, groups[child].first)
    groups[parent].last = max(groups[parent].last, groups[child].last)
    groups[child].isMerged = true
  }

  private func members(of group: Int) -> MemoryPlan.Members {
    MemoryPlan.Members(first: groups[group].firstMember, following: following)
  }

  // MARK: Placing

  func plan() -> MemoryPlan {
    var placed: [Int] = []
    placed.reserveCapacity(groups.count)
    for group in groups.indices where !groups[group].isMerged && groups[group].byteCount > 0 { placed.append(group) }
    let load = load
    let lowerBound = load.max() ?? 0
    let spans = groups.map { Placement.Span(first: $0.first, last: $0.last, byteCount: align($0.byteCount)) }
    var best = Placement(groupCount: groups.count)
    for order in Order.allCases {
      let candidate = Placement(spans, arranged(placed, by: order, load), limit: best.peak.addingSaturated(1))
      if candidate.peak <= best.peak { best = candidate }
      if candidate.peak <= lowerBound || placed.count > Self.manyGroups { break }
      if order == .largest, placed.count <= Self.someGroups { improve(&best, spans, lowerBound, attempts: 4) }
      if best.peak <= lowerBound { break }
    }
    if best.peak > lowerBound && placed.count <= Self.someGroups { improve(&best, spans, lowerBound, attempts: 32) }
    return result(best, lowerBound: lowerBound)
  }

  /// Places the group that reaches highest before all others, again and again.
  private func improve(_ best: inout Placement, _ spans: [Placement.Span], _ lowerBound: Int, attempts: Int) {
    var current = best
    var tried = [current.order]
    for _ in 0..<attempts where best.peak > lowerBound {
      guard current.highest > 0 else { return }
      var order = current.order
      for position in (0..<current.highest).reversed() { order.swapAt(position, position + 1) }
      // All that follows an order that has been tried would come again.
      guard !tried.contains(order) else { return }
      tried.append(order)
      current = Placement(spans, order)
      if current.peak < best.peak { best = current }
    }
  }

  /// With more groups, the attempts to improve an order would show in the time that preparing takes.
  private static let someGroups = 256

  /// What is placed first; the orders that reach the lower bound most often come first.
  private enum Order: CaseIterable {
    case largestArea, longest, largest, earliest, highestPressure
  }

  /// What a group is placed by.
  private struct Rank: BitwiseCopyable {
    let key, second, group: Int
  }

  /// By falling key, ties by rising index.
  private func arranged(_ live: [Int], by order: Order, _ load: [Int]) -> [Int] {
    var ranks = live.map { group in
      let span = groups[group]
      return switch order {
      case .largest: Rank(key: span.byteCount, second: 0, group: group)
      case .longest: Rank(key: span.last - span.first, second: 0, group: group)
      case .largestArea: Rank(key: area(span), second: 0, group: group)
      case .earliest: Rank(key: -span.first, second: 0, group: group)
      case .highestPressure: Rank(key: pressure(span, load), second: span.byteCount, group: group)
      }
    }
    ranks.sort { left, right in
      if left.key != right.key { return left.key > right.key }
      if left.second != right.second { return left.second > right.second }
      return left.group < right.group
    }
    return ranks.map { $0.group }
  }

  /// Above, one order has to do: each takes time in proportion to the square.
  private static let manyGroups = 8192

  private func area(_ group: Group) -> Int {
    align(group.byteCount).multipliedSaturated(by: group.last - group.first + 1)
  }

  /// The bytes alive at the fullest step of the group's life.
  private func pressure(_ group: Group, _ load: [Int]) -> Int {
    var most = 0
    for step in group.first...group.last { most = max(most, load[step + 1]) }
    return most
  }

  /// By node: bytes alive while it runs.
  var bytesByNode: [Int] { Array(load.dropFirst().dropLast()) }

  /// By step, the first being the time before all: bytes alive.
  private var load: [Int] {
    var load = Array(repeating: 0, count: graph.nodes.count + 2)
    for group in groups where !group.isMerged {
      let bytes = align(group.byteCount)
      for step in group.first...group.last { load[step + 1] = load[step + 1].addingSaturated(bytes) }
    }
    return load
  }

  private func result(_ placement: Placement, lowerBound: Int) -> MemoryPlan {
    let offsets = placement.offsets
    var plan = MemoryPlan()
    plan.peak = placement.peak
    plan.lowerBound = lowerBound
    plan.tensorOffsets = places.map { place in place.map { offsets[$0.group] + $0.offset } }
    plan.scratchOffsets = scratchGroups.map { offsets[$0] }
    plan.following = following
    plan.areas.reserveCapacity(groups.count)
    for (index, group) in groups.enumerated() where !group.isMerged {
      plan.areas.append(
        MemoryPlan.Area(
          firstTensor: group.firstMember, offset: offsets[index], byteCount: group.byteCount, first: group.first,
          last: group.last))
    }
    return plan
  }
}
