import NIOSSL

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension TLSConfiguration {
  /// TLS 1.2 or newer as the options want it: the system's certificate authorities, where no file names others.
  ///
  /// - Throws: `ServiceConfigurationError.unusableCAFile`.
  init(_ options: ServiceClientOptions) throws(ServiceConfigurationError) {
    self = .makeClientConfiguration()
    // The library would speak 1.0 and 1.1 too, which nobody should any more (RFC 8996).
    minimumTLSVersion = .tlsv12
    if options.skipsCertificateVerification { certificateVerification = .none }
    if let path = options.caFile { trustRoots = .certificates(try Self.certificates(inFile: path)) }
  }

  private static func certificates(inFile path: String) throws(ServiceConfigurationError) -> [NIOSSLCertificate] {
    func unusable(_ reason: String) -> ServiceConfigurationError { .unusableCAFile(path: path, reason: reason) }
    // The library does not tell why it cannot read a file.
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else { throw unusable(String(cString: strerror(errno))) }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      throw unusable("it is a directory; a file with certificates in PEM form is needed")
    }
    let certificates: [NIOSSLCertificate]
    do {
      certificates = try NIOSSLCertificate.fromPEMFile(path)
    } catch {
      throw unusable("it has no certificates in PEM form, or a broken one")
    }
    guard !certificates.isEmpty else { throw unusable("it has no certificates in PEM form") }
    return certificates
  }
}
