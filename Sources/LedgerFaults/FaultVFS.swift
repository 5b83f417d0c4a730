import GRDBSQLite

/// The C side of a `FaultInjector`: SQLite's default VFS, with the functions that open and delete files replaced.
///
/// @unchecked Sendable: the pointers are set up before SQLite sees them and not changed until `unregister`.
final class FaultVFS: @unchecked Sendable {
  struct Refused: Error {
    /// SQLite's result code.
    var code: Int32
  }

  private let vfs: UnsafeMutablePointer<sqlite3_vfs>
  private let name: UnsafeMutablePointer<CChar>

  init(name text: String) throws {
    guard let real = sqlite3_vfs_find(nil) else { throw Refused(code: SQLITE_ERROR) }
    name = text.utf8CString.withUnsafeBufferPointer { source in
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: source.count)
      for (index, byte) in source.enumerated() { copy[index] = byte }
      return copy
    }
    vfs = .allocate(capacity: 1)
    // What is not replaced is the default VFS's own function, which asks nothing of the VFS it is called for.
    vfs.initialize(to: real.pointee)
    vfs.pointee.zName = UnsafePointer(name)
    vfs.pointee.pNext = nil
    vfs.pointee.szOsFile = Int32(FaultFile.headerSize) + real.pointee.szOsFile
    vfs.pointee.xOpen = { FaultFile.open($0, $1, $2, $3, $4) }
    vfs.pointee.xDelete = { vfs, path, syncsFolder in
      guard let vfs, let real = sqlite3_vfs_find(nil) else { return SQLITE_MISUSE }
      let scope = path.map { FaultFile.scope(ofName: String(cString: $0)) } ?? .all
      if FaultVFS.injector(of: vfs).judge(.delete, scope) != nil { return SQLITE_IOERR_DELETE_CODE }
      return real.pointee.xDelete(real, path, syncsFolder)
    }
    let code = sqlite3_vfs_register(vfs, 0)
    guard code == SQLITE_OK else { throw Refused(code: code) }
  }

  /// Lets the VFS find its injector, which has to outlive every connection.
  func attach(_ injector: FaultInjector) {
    vfs.pointee.pAppData = Unmanaged.passRetained(injector).toOpaque()
  }

  func unregister() {
    sqlite3_vfs_unregister(vfs)
    let injector = vfs.pointee.pAppData
    vfs.deinitialize(count: 1)
    vfs.deallocate()
    name.deallocate()
    if let injector { Unmanaged<FaultInjector>.fromOpaque(injector).release() }
  }

  static func injector(of vfs: UnsafeMutablePointer<sqlite3_vfs>) -> FaultInjector {
    // Set by `attach` before the name of the VFS is known to anybody.
    Unmanaged<FaultInjector>.fromOpaque(vfs.pointee.pAppData).takeUnretainedValue()
  }
}

// SQLite's extended codes are macros with shifts, which Swift does not import.
let SQLITE_IOERR_READ_CODE = SQLITE_IOERR | 1 << 8
let SQLITE_IOERR_WRITE_CODE = SQLITE_IOERR | 3 << 8
let SQLITE_IOERR_FSYNC_CODE = SQLITE_IOERR | 4 << 8
let SQLITE_IOERR_TRUNCATE_CODE = SQLITE_IOERR | 6 << 8
let SQLITE_IOERR_FSTAT_CODE = SQLITE_IOERR | 7 << 8
let SQLITE_IOERR_DELETE_CODE = SQLITE_IOERR | 10 << 8
