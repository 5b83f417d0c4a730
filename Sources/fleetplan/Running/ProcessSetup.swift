import ChangeRun

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the process makes sure of before anything else.
enum ProcessSetup {
  /// Opens the null device in the place of standard streams that were closed (`>&-`).
  ///
  /// Else the ledger's lock or a connection to the service would get their numbers, and what is meant for people
  /// would be written into it.
  static func occupyStandardStreams() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest free number is the one that is asked for. Without a null device it stays closed.
      _ = open("/dev/null", descriptor == 0 ? O_RDONLY : O_WRONLY)
    }
  }

  /// Lets the process open as many files as it may: shells often start programs with far fewer.
  static func raiseOpenFileLimit() {
    var limit = rlimit()
    guard getrlimit(OpenFiles.resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
    // More than enough, and what systems whose hard limit is "unlimited" accept.
    limit.rlim_cur = min(limit.rlim_max, 10_240)
    // If that is refused, the old limit holds, and `OpenFiles` looks at what is in force.
    setrlimit(OpenFiles.resource, &limit)
  }
}

/// How many connections the limit of open files (`ulimit -n`) leaves room for.
enum OpenFiles {
  #if canImport(Glibc)
    static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    static let resource = RLIMIT_NOFILE
  #endif

  /// What a run has open beside its connections: streams, the ledger twice with its log and memory, two locks, the
  /// queues of Dispatch, three descriptors for each event loop, the resolver's and the trust store's files for a moment.
  private static var reserved: Int { 26 + 3 * sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

  private static var limit: Int {
    var limit = rlimit()
    guard getrlimit(resource, &limit) == 0 else { return .max }
    return Int(clamping: limit.rlim_cur)
  }

  /// - Throws: `CommandError` 78 where there is no room for a single connection.
  static func check() throws {
    guard limit <= reserved else { return }
    throw CommandError(
      .configuration,
      "this process may have \(limit) files open, a run needs \(reserved + 8): raise the limit "
        + "(`ulimit -n 1024`). Nothing was changed")
  }

  /// The concurrency that there is room for.
  ///
  /// - Parameters:
  ///   - wanted: `nil`: as the rate needs it.
  ///   - context: told where it is less than was asked for.
  /// - Returns: `wanted`, or what there is room for.
  /// - Throws: as `check`.
  static func concurrency(_ wanted: Int?, _ context: CommandContext) throws -> Int? {
    try check()
    let room = limit - reserved
    guard room < wanted ?? RunOptions.automaticConcurrency.upperBound else { return wanted }
    context.warn(
      "this process may have \(limit) files open (`ulimit -n`): at most \(room) requests are in flight at a time")
    return room
  }
}
