import Foundation

/// The certificates in `Certificates`, which `make.sh` there has made: of use to nobody, and valid for a hundred years.
///
/// - `authority`, `other-authority`: two that sign;
/// - `server`: signed by `authority`, for localhost, 127.0.0.1 and `remoteHost`;
/// - `chain`: the same, signed by an intermediate that the file has too; `by-intermediate`: without it;
/// - `expired` (1 February 2025), `future` (from 2124 on), `self-signed`, and `other-host` (as.example.com).
package enum TestCertificates {
  /// A name that only a proxy of a test knows an address for (RFC 6761, section 6.4).
  package static let remoteHost = "as.fleetplan.invalid"

  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Certificates").path

  /// The file of a certificate.
  package static func path(_ name: String) -> String { "\(folder)/\(name).pem" }

  /// The file of the key of all servers.
  package static let key = "\(folder)/server.key"
}
