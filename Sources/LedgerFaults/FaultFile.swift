import GRDBSQLite

/// An open file of a `FaultVFS`: our header, and behind it the default VFS's file, in memory that SQLite gives.
struct FaultFile {
  /// SQLite's part: it calls the methods through it.
  private var base: sqlite3_file
  private var injector: UnsafeMutableRawPointer
  private var scope: FaultPlan.Scope

  /// Where the default VFS's file begins, aligned for any type.
  static let headerSize = (MemoryLayout<FaultFile>.size + 15) & ~15

  private typealias Pointer = UnsafeMutablePointer<sqlite3_file>

  static func scope(ofName name: String) -> FaultPlan.Scope { name.hasSuffix("-wal") ? .wal : .database }

  // MARK: Opening

  static func open(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ name: sqlite3_filename?, _ file: UnsafeMutablePointer<sqlite3_file>?,
    _ flags: Int32, _ outFlags: UnsafeMutablePointer<Int32>?
  ) -> Int32 {
    guard let vfs, let file, let real = sqlite3_vfs_find(nil) else { return SQLITE_MISUSE }
    // Without methods SQLite does not close what was not opened.
    file.pointee.pMethods = nil
    let injector = FaultVFS.injector(of: vfs)
    let scope: FaultPlan.Scope =
      flags & SQLITE_OPEN_WAL != 0 ? .wal : flags & SQLITE_OPEN_MAIN_DB != 0 ? .database : .all
    if injector.judge(.open, scope) != nil { return SQLITE_CANTOPEN }
    let inner = innerFile(file)
    let code = real.pointee.xOpen(real, name, inner, flags, outFlags)
    guard code == SQLITE_OK else {
      // The default VFS may leave a file that wants to be closed all the same.
      if let methods = inner.pointee.pMethods { _ = methods.pointee.xClose(inner) }
      return code
    }
    file.withMemoryRebound(to: FaultFile.self, capacity: 1) {
      $0.initialize(
        to: FaultFile(
          base: sqlite3_file(pMethods: UnsafePointer(methods)), injector: vfs.pointee.pAppData, scope: scope))
    }
    return SQLITE_OK
  }

  private static func innerFile(_ file: Pointer) -> Pointer {
    (UnsafeMutableRawPointer(file) + headerSize).assumingMemoryBound(to: sqlite3_file.self)
  }

  /// Lets the default VFS do it, unless it has to fail.
  private static func pass(
    _ operation: FileOperation, _ file: Pointer?, failing code: Int32,
    beforeFailing: (Pointer, UnsafePointer<sqlite3_io_methods>) -> Void = { _, _ in },
    _ body: (Pointer, UnsafePointer<sqlite3_io_methods>) -> Int32
  ) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    let header = UnsafeRawPointer(file).assumingMemoryBound(to: FaultFile.self).pointee
    let failure = Unmanaged<FaultInjector>.fromOpaque(header.injector).takeUnretainedValue()
      .judge(operation, header.scope)
    return forward(file) { inner, methods in
      switch failure {
      case nil: return body(inner, methods)
      case .error:
        beforeFailing(inner, methods)
        return code
      case .full:
        beforeFailing(inner, methods)
        return SQLITE_FULL
      }
    }
  }

  private static func forward(
    _ file: Pointer?, _ body: (Pointer, UnsafePointer<sqlite3_io_methods>) -> Int32
  ) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    let inner = innerFile(file)
    guard let methods = inner.pointee.pMethods else { return SQLITE_MISUSE }
    return body(inner, methods)
  }

  // MARK: The methods

  /// One table for all files of all injectors.
  ///
  /// Unsafe only to the compiler: it is written once, here, and read by SQLite. Version 2: without the memory-mapped
  /// reads of version 3, which would go past `xRead`.
  private nonisolated(unsafe) static let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
    let table = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    var methods = sqlite3_io_methods()
    methods.iVersion = 2
    methods.xClose = { forward($0) { $1.pointee.xClose($0) } }
    methods.xRead = { file, buffer, count, offset in
      pass(.read, file, failing: SQLITE_IOERR_READ_CODE) { $1.pointee.xRead($0, buffer, count, offset) }
    }
    methods.xWrite = { file, bytes, count, offset in
      // As a disk does, it fails half-way.
      pass(
        .write, file, failing: SQLITE_IOERR_WRITE_CODE,
        beforeFailing: { _ = $1.pointee.xWrite($0, bytes, count / 2, offset) },
        { $1.pointee.xWrite($0, bytes, count, offset) })
    }
    methods.xTruncate = { file, size in
      pass(.truncate, file, failing: SQLITE_IOERR_TRUNCATE_CODE) { $1.pointee.xTruncate($0, size) }
    }
    methods.xSync = { file, flags in
      pass(.sync, file, failing: SQLITE_IOERR_FSYNC_CODE) { $1.pointee.xSync($0, flags) }
    }
    methods.xFileSize = { file, size in
      pass(.fileSize, file, failing: SQLITE_IOERR_FSTAT_CODE) { $1.pointee.xFileSize($0, size) }
    }
    methods.xLock = { file, level in forward(file) { $1.pointee.xLock($0, level) } }
    methods.xUnlock = { file, level in forward(file) { $1.pointee.xUnlock($0, level) } }
    methods.xCheckReservedLock = { file, result in forward(file) { $1.pointee.xCheckReservedLock($0, result) } }
    methods.xFileControl = { file, operation, argument in
      forward(file) { $1.pointee.xFileControl($0, operation, argument) }
    }
    methods.xSectorSize = { file in forward(file) { $1.pointee.xSectorSize($0) } }
    methods.xDeviceCharacteristics = { file in forward(file) { $1.pointee.xDeviceCharacteristics($0) } }
    methods.xShmMap = { file, page, size, extends, result in
      forward(file) { $1.pointee.xShmMap($0, page, size, extends, result) }
    }
    methods.xShmLock = { file, offset, count, flags in forward(file) { $1.pointee.xShmLock($0, offset, count, flags) } }
    methods.xShmBarrier = { file in
      _ = forward(file) { inner, methods in
        methods.pointee.xShmBarrier(inner)
        return SQLITE_OK
      }
    }
    methods.xShmUnmap = { file, deletes in forward(file) { $1.pointee.xShmUnmap($0, deletes) } }
    table.initialize(to: methods)
    return table
  }()
}
