/// Everything that variables and files can say about a cloud, in all their spellings (reference, section 7.4).
enum SettingName: Sendable, Hashable, CaseIterable {
  case authURL, authType
  case userName, userID, userDomainName, userDomainID, password, passcode
  case projectName, projectID, projectDomainName, projectDomainID
  /// The domain of whatever names none of its own.
  case domainName, domainID
  /// The account, for requests about no project.
  case accountID
  case token, accessKey, secretKey, securityToken
  case regionName, interface, caFile, autoScalingEndpoint

  /// Variables that belong together: an access key of one family is not paired with a secret key of another one
  /// that has an access key itself.
  enum VariableFamily: Sendable, Hashable, CaseIterable {
    case openStack, huaweiCloudSDK, huaweiCloudTerraform
  }

  /// The variables of a family, the first that is not empty wins.
  func variables(of family: VariableFamily) -> [String] {
    switch family {
    case .openStack: openStackVariables
    case .huaweiCloudSDK: huaweiCloudSDKVariables
    case .huaweiCloudTerraform: huaweiCloudTerraformVariables
    }
  }

  // gopher looks at AWS_ACCESS_KEY_ID before all others. We do not: whoever has keys of two clouds in the environment
  // would sign with the wrong one, and five wrong signatures lock a key.
  private var openStackVariables: [String] {
    switch self {
    case .authURL: ["OS_AUTH_URL"]
    case .authType: ["OS_AUTH_TYPE"]
    case .userName: ["OS_USERNAME"]
    case .userID: ["OS_USER_ID"]
    case .userDomainName: ["OS_USER_DOMAIN_NAME"]
    case .userDomainID: ["OS_USER_DOMAIN_ID"]
    case .password: ["OS_PASSWORD"]
    case .passcode: ["OS_PASSCODE"]
    case .projectName: ["OS_PROJECT_NAME", "OS_TENANT_NAME"]
    case .projectID: ["OS_PROJECT_ID", "OS_TENANT_ID"]
    case .projectDomainName: ["OS_PROJECT_DOMAIN_NAME"]
    case .projectDomainID: ["OS_PROJECT_DOMAIN_ID"]
    case .domainName: ["OS_DOMAIN_NAME"]
    case .domainID: ["OS_DOMAIN_ID"]
    case .token: ["OS_TOKEN", "OS_AUTH_TOKEN"]
    case .accessKey: ["OS_ACCESS_KEY", "OS_ACCESS_KEY_ID", "OS_AK"]
    case .secretKey: ["OS_SECRET_KEY", "OS_ACCESS_KEY_SECRET", "OS_SK"]
    case .securityToken: ["OS_SECURITY_TOKEN"]
    case .regionName: ["OS_REGION_NAME"]
    case .interface: ["OS_INTERFACE", "OS_ENDPOINT_TYPE"]
    case .caFile: ["OS_CACERT"]
    case .accountID, .autoScalingEndpoint: []
    }
  }

  private var huaweiCloudSDKVariables: [String] {
    switch self {
    case .authURL: ["HUAWEICLOUD_SDK_IAM_ENDPOINT"]
    case .projectID: ["HUAWEICLOUD_SDK_PROJECT_ID"]
    case .accountID: ["HUAWEICLOUD_SDK_DOMAIN_ID"]
    case .accessKey: ["HUAWEICLOUD_SDK_AK"]
    case .secretKey: ["HUAWEICLOUD_SDK_SK"]
    case .securityToken: ["HUAWEICLOUD_SDK_SECURITY_TOKEN"]
    default: []
    }
  }

  private var huaweiCloudTerraformVariables: [String] {
    switch self {
    case .authURL: ["HW_AUTH_URL"]
    case .regionName: ["HW_REGION_NAME"]
    case .accessKey: ["HW_ACCESS_KEY"]
    case .secretKey: ["HW_SECRET_KEY"]
    default: []
    }
  }

  /// The keys below `clouds.NAME` of `clouds.yaml`, the first that is not empty wins.
  var cloudKeys: [[String]] {
    switch self {
    case .authURL: [["auth", "auth_url"]]
    case .authType: [["auth_type"]]
    case .userName: [["auth", "username"]]
    case .userID: [["auth", "user_id"]]
    case .userDomainName: [["auth", "user_domain_name"]]
    case .userDomainID: [["auth", "user_domain_id"]]
    case .password: [["auth", "password"]]
    case .passcode: [["auth", "passcode"]]
    case .projectName: [["auth", "project_name"], ["auth", "tenant_name"]]
    case .projectID: [["auth", "project_id"], ["auth", "tenant_id"]]
    case .projectDomainName: [["auth", "project_domain_name"]]
    case .projectDomainID: [["auth", "project_domain_id"]]
    case .domainName: [["auth", "domain_name"]]
    case .domainID: [["auth", "domain_id"]]
    case .token: [["auth", "token"]]
    case .accessKey: [["auth", "ak"], ["auth", "access_key"]]
    case .secretKey: [["auth", "sk"], ["auth", "secret_key"]]
    case .securityToken: [["auth", "security_token"]]
    case .regionName: [["region_name"]]
    case .interface: [["interface"], ["endpoint_type"]]
    case .caFile: [["cacert"]]
    case .autoScalingEndpoint: [["auto_scaling_endpoint_override"]]
    case .accountID: []
    }
  }

  /// Keys of the credentials file of Huawei Cloud's SDKs (huaweicloud-sdk-python-v3, `ProfileCredentialProvider`).
  static let credentialsFileKeys: [String: SettingName] = [
    "ak": .accessKey, "sk": .secretKey, "security_token": .securityToken, "project_id": .projectID,
    "domain_id": .accountID, "iam_endpoint": .authURL,
  ]

  /// What it is called in a message.
  var noun: String {
    switch self {
    case .authURL: "IAM address"
    case .userName, .userID: "user name"
    case .userDomainName, .userDomainID: "user's domain"
    case .password: "password"
    case .token: "token"
    case .accessKey: "access key"
    case .secretKey: "secret key"
    default: "\(self)"
    }
  }
}
