/// A certificate for localhost that signed itself, valid until 2126, and its key: made for these tests, of use to nobody.
enum TestCertificate {
  static let chain = """
    -----BEGIN CERTIFICATE-----
    MIIBnzCCAUWgAwIBAgIUYzxFzFtnZsT4X7dQ8UhRKsJeXrkwCgYIKoZIzj0EAwIw
    GTEXMBUGA1UEAwwOZmxlZXRwbGFuIHRlc3QwIBcNMjYxMTI0MTQ0MjMwWhgPMjEy
    NjEwMzExNDQyMzBaMBkxFzAVBgNVBAMMDmZsZWV0cGxhbiB0ZXN0MFkwEwYHKoZI
    zj0CAQYIKoZIzj0DAQcDQgAE3P/767enaFA1OTj+tBuk306sTPU7GAxJ9p8g/381
    bRZMdi0dAXuic1k/vpKunNtoyMVWDCaNDzwnL/rUePz62qNpMGcwHQYDVR0OBBYE
    FKP5VPTbOK7LHM8DuKzn2jNdSRTtMB8GA1UdIwQYMBaAFKP5VPTbOK7LHM8DuKzn
    2jNdSRTtMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/MAoG
    CCqGSM49BAMCA0gAMEUCIGUr49LT6CH4pw6KPOrs2SJrDO4OPQl8TFmvb1D1/83E
    AiEAmR9gVZ7UDPqcObdr8B9VN/DzubQVirrhbUYc1zbgyYs=
    -----END CERTIFICATE-----
    """

  static let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgwqf5w5YvxCI2IBwK
    I5QTNPEYdlrBc8ZsQ2vbGkUlCWWhRANCAATc//vrt6doUDU5OP60G6TfTqxM9TsY
    DEn2nyD/fzVtFkx2LR0Be6JzWT++kq6c22jIxVYMJo0PPCcv+tR4/Pra
    -----END PRIVATE KEY-----
    """
}
