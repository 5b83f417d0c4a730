#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Looks at the file of a ledger without changing a byte of it, or of what may turn out to be somebody else's.
package enum LedgerFile {
  /// "FLPT": the `application_id` in the header of every ledger.
  package static let applicationID: UInt32 = 0x464C_5054

  /// What lies at a path, as far as its header tells.
  package enum Condition: Sendable, Equatable {
    case absent
    /// A file of no bytes: a ledger may be made of it.
    case empty
    /// A ledger, whose version SQLite has yet to read.
    case ledger
  }

  /// Judges the file by its header (the SQLite file format, section 1.3).
  ///
  /// - Throws: `LedgerError`: `.notSQLite`, `.foreign`, `.damaged`, `.cannotRead`, `.networkFileSystem`.
  package static func inspect(_ path: String) throws -> Condition {
    let resolved = resolve(path)
    if let name = networkFileSystem(of: resolved) { throw LedgerError(path: path, reason: .networkFileSystem(name)) }
    let descriptor = open(resolved, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return .absent }
      throw LedgerError(path: path, reason: .cannotRead(String(cString: strerror(errno))))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw LedgerError(path: path, reason: .cannotRead("not a regular file"))
    }
    let size = Int(status.st_size)
    if size == 0 { return .empty }
    var header = [UInt8](repeating: 0, count: 100)
    let count = header.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    guard count >= 0 else {
      throw LedgerError(path: path, reason: .cannotRead(String(cString: strerror(errno))))
    }
    if let reason = fault(inHeader: Array(header.prefix(count)), size: size, hasWAL: walSize(of: resolved) > 0) {
      throw LedgerError(path: path, reason: reason)
    }
    return .ledger
  }

  private static func fault(inHeader header: [UInt8], size: Int, hasWAL: Bool) -> LedgerError.Reason? {
    let magic = Array("SQLite format 3\0".utf8)
    guard header.starts(with: magic) else { return .notSQLite }
    guard header.count == 100 else { return .damaged("it ends within its header, after \(header.count) bytes") }
    let number = { (offset: Int) in header[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
    let id = number(68)
    guard id == applicationID else { return .foreign(applicationID: id) }
    let pageField = Int(header[16]) << 8 | Int(header[17])
    let pageSize = pageField == 1 ? 65_536 : pageField
    guard pageSize >= 512, pageSize & (pageSize - 1) == 0 else { return .damaged("impossible page size \(pageField)") }
    // With frames in the WAL, the file may for a moment be shorter than its header says.
    let pages = Int(number(28))
    if !hasWAL, number(24) == number(92), size < pages * pageSize {
      return .damaged("\(size) bytes where its header tells of \(pages * pageSize)")
    }
    return nil
  }

  /// Whether the header says so (the SQLite file format, section 1.3.4); of a file that no connection has open here.
  static func isInWALMode(_ resolved: String) throws -> Bool {
    let descriptor = open(resolved, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw LedgerError(path: resolved, reason: .cannotRead(String(cString: strerror(errno))))
    }
    defer { close(descriptor) }
    var versions: [UInt8] = [0, 0]
    return versions.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, 2, 18) } == 2 && versions == [2, 2]
  }

  /// Size of the write-ahead log beside a ledger in bytes; 0 where there is none.
  static func walSize(of resolved: String) -> Int {
    var status = stat()
    return stat(resolved + "-wal", &status) == 0 ? Int(status.st_size) : 0
  }

  /// The absolute path without symbolic links: SQLite names its other files after that one, and so do we.
  package static func resolve(_ path: String) -> String {
    if let whole = real(path) { return whole }
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    guard let name = parts.last else { return path }
    let parent = parts.dropLast().joined(separator: "/")
    let folder = path.hasPrefix("/") ? "/" + parent : parent.isEmpty ? "." : parent
    guard let realFolder = real(folder) else { return path }
    return realFolder == "/" ? "/" + name : realFolder + "/" + name
  }

  static func folder(of resolved: String) -> String {
    let folder = resolved.split(separator: "/").dropLast().joined(separator: "/")
    return resolved.hasPrefix("/") ? "/" + folder : folder.isEmpty ? "." : folder
  }

  private static func real(_ path: String) -> String? {
    guard let pointer = realpath(path, nil) else { return nil }
    defer { free(pointer) }
    return String(cString: pointer)
  }
}

extension LedgerFile {
  /// Which file an open ledger is, whatever its name says later.
  struct Identity: Sendable {
    var device: UInt64
    var inode: UInt64
    /// In bytes.
    var size: Int

    /// The file that has that name now; `nil` where there is none.
    init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      size = Int(status.st_size)
    }

    func isSameFile(as other: Identity) -> Bool { device == other.device && inode == other.inode }
  }

  /// The network file system that the file, or the folder for it, lies on; `nil`: none that is known.
  static func networkFileSystem(of resolved: String) -> String? {
    #if os(Linux)
      var status = stat()
      guard stat(resolved, &status) == 0 || stat(folder(of: resolved), &status) == 0 else { return nil }
      let major = (status.st_dev >> 8) & 0xFFF | (status.st_dev >> 32) & ~0xFFF
      let minor = status.st_dev & 0xFF | (status.st_dev >> 12) & ~0xFF
      return networkFileSystem(device: "\(major):\(minor)", mounts: mountTable())
    #else
      return nil
    #endif
  }

  /// - Parameters:
  ///   - device: `major:minor`.
  ///   - mounts: lines of proc_pid_mountinfo(5): `36 35 98:0 /root /mnt rw shared:1 - ext3 /dev/root rw`.
  /// - Returns: the name of its type where that is a network's.
  static func networkFileSystem(device: String, mounts: String) -> String? {
    let known: Set<Substring> = [
      "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "gpfs", "fuse.sshfs", "fuse.glusterfs",
    ]
    for line in mounts.split(separator: "\n") {
      let parts = line.split(separator: " ")
      guard parts.count > 4, parts[2] == device, let dash = parts.firstIndex(of: "-"), dash + 1 < parts.count else {
        continue
      }
      if known.contains(parts[dash + 1]) { return String(parts[dash + 1]) }
    }
    return nil
  }

  /// The mounts of this process; empty where the system has no such table, and then no network is known of.
  private static func mountTable() -> String {
    let descriptor = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer.prefix(count)
    }
  }
}
