/**
 * A key and a certificate for localhost, valid from 2020 to 2120. A test cannot make such a pair with node alone, so this
 * one was made once, with `openssl ca -selfsign` (EC, P-256). It is no secret, and good for nothing but tests.
 */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdRUqo3IA66A69T8Q
g9FV9wrXZfIs2voZxqRQ2G+K9zahRANCAARQnbdyWJY+m58jGPRtSTkTowYTnq7F
FGCHPq7EzGSjVHzn7/714dC/w0o6MalrGTUppVOPUF+/GgTWQCXRjeQZ
-----END PRIVATE KEY-----
`;

export const cert = `-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFCdt3JYlj6bnyMY
9G1JOROjBhOersUUYIc+rsTMZKNUfOfv/vXh0L/DSjoxqWsZNSmlU49QX78aBNZA
JdGN5BmjYDBeMCwGA1UdEQQlMCOCCWxvY2FsaG9zdIcEfwAAAYcQAAAAAAAAAAAA
AAAAAAAAATAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBToY4df/OSW42f/SSBy
T/tBlNGuTzAKBggqhkjOPQQDAgNIADBFAiEAqwZA2R71+oWOSxx/qjVx0UyMPTwt
Eb2VfxmlegbhcNcCIAsTzK8mav1tkDWUBH2t4tMll3RePd1NpKjllb57eP17
-----END CERTIFICATE-----
`;
