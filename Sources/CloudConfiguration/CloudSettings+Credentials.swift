extension CloudSettings {
  /// The credentials that a command works with.
  ///
  /// Automatically: of the source that comes first and has any, the token, else the access key, else the user; none
  /// where no source has any. `auth_type` and `OS_AUTH_TYPE` narrow that down.
  ///
  /// - Parameter choice: of `--auth`.
  /// - Returns: complete credentials, or none.
  /// - Throws: `incomplete` where those asked for, or those begun, lack something: it names what would give it;
  ///   `invalidValue` for an unknown `auth_type`.
  package func credentials(for choice: AuthenticationChoice) throws(CloudConfigurationError) -> ChosenCredentials {
    switch choice {
    case .none: return ChosenCredentials(credentials: .none, source: "--auth none")
    case .token: return try complete(.token, demandedBy: "--auth token")
    case .password: return try complete(.password, demandedBy: "--auth password")
    case .aksk: return try complete(.aksk, demandedBy: "--auth aksk")
    case .auto: return try automaticCredentials()
    }
  }

  private enum Kind: String, CaseIterable {
    case token, aksk, password
  }

  private func automaticCredentials() throws(CloudConfigurationError) -> ChosenCredentials {
    var demanded: Setting<String>?
    var kinds = Kind.allCases
    for rank in Self.ranks(of: layers) {
      if let type = layers.lazy.filter({ $0.rank == rank }).compactMap({ $0[.authType] }).first {
        guard let kind = try Self.kind(ofType: type) else {
          return ChosenCredentials(credentials: .none, source: type.source)
        }
        (demanded, kinds) = (type, [kind])
      }
      for kind in kinds where owner(of: kind)?.rank == rank { return try complete(kind, demandedBy: nil) }
    }
    if let demanded, let kind = kinds.first { return try complete(kind, demandedBy: demanded.source) }
    // A secret without the name that belongs to it: somebody meant to give credentials.
    if secretKey != nil { return try complete(.aksk, demandedBy: nil) }
    if password != nil { return try complete(.password, demandedBy: nil) }
    return ChosenCredentials(credentials: .none, source: "no variable and no chosen cloud has any")
  }

  /// - Returns: `nil` for no credentials.
  private static func kind(ofType type: Setting<String>) throws(CloudConfigurationError) -> Kind? {
    switch type.value {
    case "none", "noauth": return nil
    case "token", "v3token": return .token
    case "password", "v3password", "v3totp", "v3multifactor": return .password
    case "aksk": return .aksk
    default:
      throw .invalidValue(
        source: type.source,
        reason: "\(type.value.quoted) is not supported: use password, token, aksk or none, or --auth")
    }
  }

  private func owner(of kind: Kind) -> SettingLayer? {
    switch kind {
    case .token: tokenOwner
    case .aksk: keyOwner
    case .password: userOwner
    }
  }

  private func complete(_ kind: Kind, demandedBy: String?) throws(CloudConfigurationError) -> ChosenCredentials {
    guard let chosen = chosen(kind) else { throw .incomplete(incompleteness(of: kind, demandedBy: demandedBy)) }
    return chosen
  }

  /// The credentials of a kind, where they are complete.
  private func chosen(_ kind: Kind) -> ChosenCredentials? {
    switch kind {
    case .token:
      return token.map { ChosenCredentials(credentials: .token($0.value), source: "token from \($0.source)") }
    case .aksk:
      guard let accessKey, let secretKey else { return nil }
      let sources = ["access key from \(accessKey.source)", "secret key from \(secretKey.source)"]
      return ChosenCredentials(
        credentials: .accessKey(
          id: accessKey.value, secret: secretKey.value, securityToken: securityToken?.value),
        source: (sources + (securityToken.map { ["security token from \($0.source)"] } ?? []))
          .joined(separator: ", "))
    case .password:
      guard let user = userName ?? userID, let password, let authURL,
        userID != nil || userDomainName != nil || userDomainID != nil
      else { return nil }
      return ChosenCredentials(
        credentials: .password(
          PasswordSettings(
            authURL: authURL.value, userName: userName?.value, userID: userID?.value,
            userDomainName: userDomainName?.value, userDomainID: userDomainID?.value, password: password.value,
            passcode: passcode?.value)),
        source: "user from \(user.source), password from \(password.source), IAM from \(authURL.source)")
    }
  }
}

extension CloudSettings {
  private func incompleteness(of kind: Kind, demandedBy: String?) -> IncompleteCredentials {
    var present: [IncompleteCredentials.Present] = []
    var missing: [IncompleteCredentials.Missing] = []
    func need(_ name: SettingName, _ source: String?) {
      if let source {
        present.append(IncompleteCredentials.Present(noun: name.noun, source: source))
      } else {
        missing.append(self.missing(name, of: kind))
      }
    }

    switch kind {
    case .token:
      need(.token, token?.source)
    case .aksk:
      need(.accessKey, accessKey?.source)
      need(.secretKey, secretKey?.source)
    case .password:
      need(.userName, (userName ?? userID)?.source)
      if userID == nil { need(.userDomainName, (userDomainName ?? userDomainID)?.source) }
      need(.password, password?.source)
      need(.authURL, authURL?.source)
    }
    let others = Kind.allCases.filter { $0 != kind && chosen($0) != nil }.map { "--auth \($0.rawValue)" }
    let alternative =
      others.isEmpty ? nil : "\(others.joined(separator: " or ")) would work with what is there"
    let hints = [cloudChoiceHint, alternative].compactMap { $0 }
    return IncompleteCredentials(
      demandedBy: demandedBy, present: present, missing: missing,
      hint: hints.isEmpty ? nil : hints.joined(separator: ". "))
  }

  private func missing(_ name: SettingName, of kind: Kind) -> IncompleteCredentials.Missing {
    // In the words of whoever has begun: a secret key for HUAWEICLOUD_SDK_AK is called HUAWEICLOUD_SDK_SK.
    let own = name.variables(of: owner(of: kind)?.family ?? .openStack)
    var variables = [own.first ?? name.variables(of: .openStack).first].compactMap { $0 }
    if owner(of: kind) == nil, name == .accessKey || name == .secretKey {
      variables += name.variables(of: .huaweiCloudSDK)
    }
    return IncompleteCredentials.Missing(
      noun: name.noun, variables: variables, fileKey: places[name], note: note(on: name))
  }

  /// Why a value that is there is not taken, or what the value could be.
  private func note(on name: SettingName) -> String? {
    switch name {
    case .password:
      let strangers = SettingOwnership.ofUser(in: layers).strangers
      guard let stranger = strangers.first(where: { $0.values[name] != nil }), let value = stranger.values[name],
        let user = stranger.values[.userName] ?? stranger.values[.userID]
      else { return nil }
      return "\(value.source) is not taken: it may be of another user, that of \(user.source)"
    case .secretKey:
      let strangers = SettingOwnership.ofAccessKey(in: layers).strangers
      guard let stranger = strangers.first(where: { $0.values[name] != nil }), let value = stranger.values[name],
        let key = stranger.values[.accessKey]
      else { return nil }
      return "\(value.source) is not taken: it is of another key, that of \(key.source)"
    case .authURL:
      return regionName.flatMap { region in
        CloudAddress.defaultAuthURL(region: region.value).map { "\($0) for \(region.value)" }
      }
    default: return nil
    }
  }
}
