#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Sorts more pairs of numbers than memory should hold: sorted runs go to a temporary file and are merged.
///
/// Memory: one run of 1 MiB, and for the merge 16 KiB for each run.
final class PairSorter {
  struct Pair: Comparable {
    var key: Int64
    var value: Int64

    static func < (left: Self, right: Self) -> Bool {
      left.key == right.key ? left.value < right.value : left.key < right.key
    }
  }

  /// A sorted stretch of the file, as far as it was read.
  private struct Run {
    var next: Int
    var end: Int
    var buffer: [Pair] = []
    var position = 0
  }

  private static let bufferLength = 1_024

  private let runLength: Int
  private var pairs: [Pair] = []
  private var runs: [Run] = []
  private var descriptor: Int32 = -1
  private var written = 0
  /// The first pair of each run that has some left; the least of them comes first (a binary heap).
  private var heap: [(pair: Pair, run: Int)] = []
  private var isMerging = false

  /// How many pairs were added.
  private(set) var count = 0

  /// - Parameter runLength: how many pairs are sorted in memory; another number only in tests.
  init(runLength: Int = 65_536) { self.runLength = runLength }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// - Throws: `LedgerError` where the temporary file cannot be written.
  func add(key: Int64, value: Int64) throws {
    precondition(!isMerging, "pairs can be added only before the first one is taken")
    pairs.append(Pair(key: key, value: value))
    count += 1
    if pairs.count == runLength { try writeRun() }
  }

  /// The least pair that is left.
  func next() throws -> Pair? {
    if !isMerging { try beginMerge() }
    guard let least = heap.first else { return nil }
    if let pair = try head(of: least.run) {
      heap[0].pair = pair
    } else {
      heap.swapAt(0, heap.count - 1)
      heap.removeLast()
    }
    siftDown(0)
    return least.pair
  }

  // MARK: Runs

  private func writeRun() throws {
    pairs.sort()
    if descriptor < 0 { try makeFile() }
    try pairs.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = pwrite(
          descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
          off_t(written * MemoryLayout<Pair>.stride + done))
        guard count > 0 else { throw failure() }
        done += count
      }
    }
    runs.append(Run(next: written, end: written + pairs.count))
    written += pairs.count
    pairs.removeAll(keepingCapacity: true)
  }

  private func makeFile() throws {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/fleetplan-XXXXXX".utf8CString)
    descriptor = mkstemp(&template)
    guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw failure() }
    unlink(template)
  }

  private func failure() -> LedgerError {
    LedgerError(path: "temporary file", reason: .cannotRead(String(cString: strerror(errno))))
  }

  // MARK: Merging

  private func beginMerge() throws {
    isMerging = true
    pairs.sort()
    if !pairs.isEmpty { runs.append(Run(next: 0, end: 0, buffer: pairs)) }
    pairs = []
    for index in runs.indices {
      if let pair = try head(of: index) { heap.append((pair, index)) }
    }
    for index in stride(from: heap.count / 2, through: 0, by: -1) { siftDown(index) }
  }

  /// Takes the next pair of a run; `nil` where it has ended.
  private func head(of index: Int) throws -> Pair? {
    if runs[index].position == runs[index].buffer.count {
      let count = min(Self.bufferLength, runs[index].end - runs[index].next)
      guard count > 0 else { return nil }
      runs[index].buffer = try readPairs(at: runs[index].next, count: count)
      runs[index].next += count
      runs[index].position = 0
    }
    runs[index].position += 1
    return runs[index].buffer[runs[index].position - 1]
  }

  private func readPairs(at start: Int, count: Int) throws -> [Pair] {
    try [Pair](unsafeUninitializedCapacity: count) { buffer, initializedCount in
      let size = count * MemoryLayout<Pair>.stride
      guard pread(descriptor, buffer.baseAddress, size, off_t(start * MemoryLayout<Pair>.stride)) == size else {
        throw failure()
      }
      initializedCount = count
    }
  }

  private func siftDown(_ start: Int) {
    var parent = start
    while true {
      var least = parent
      let child = 2 * parent + 1
      if child < heap.count, isLess(child, least) { least = child }
      if child + 1 < heap.count, isLess(child + 1, least) { least = child + 1 }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  private func isLess(_ left: Int, _ right: Int) -> Bool { heap[left].pair < heap[right].pair }
}
