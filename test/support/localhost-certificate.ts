/**
 * A key and a certificate for localhost. A test cannot make one with node alone, so this pair was made once, with
 * `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500`; it is no secret, and good for
 * nothing but tests, until 2126.
 */
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMpctdThh8nLh/MrP
rS7BetcBYmNNwueHXehA/ExolGShRANCAAROcqK1BLDaaDiyNZuBjZ/S+2g5oEaf
jiwHDZu3co+VB0/NLpmtDvGSY5Wv/Q3eQGR/tS0D1/+gbzMeJ6SwZSVe
-----END PRIVATE KEY-----
`;

export const cert = `-----BEGIN CERTIFICATE-----
MIIBrzCCAVSgAwIBAgIUTnXuqtQBnJvrK9aD4zu0cKZI4EMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExMTYzMVoYDzIxMjYxMDI4
MTExNjMxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAROcqK1BLDaaDiyNZuBjZ/S+2g5oEafjiwHDZu3co+VB0/NLpmtDvGS
Y5Wv/Q3eQGR/tS0D1/+gbzMeJ6SwZSVeo4GBMH8wHQYDVR0OBBYEFIZ2cwIzMOTE
HkVX+pcbkor/Q01aMB8GA1UdIwQYMBaAFIZ2cwIzMOTEHkVX+pcbkor/Q01aMA8G
A1UdEwEB/wQFMAMBAf8wLAYDVR0RBCUwI4IJbG9jYWxob3N0hwR/AAABhxAAAAAA
AAAAAAAAAAAAAAABMAoGCCqGSM49BAMCA0kAMEYCIQCwFWtkv2+qR/BykcyKmBL+
JheInDDC/7/j2BQIKonwQwIhAJr0AHFbMEvrX3sVzl8eIdKK1NcYvtGmFZsy5EtC
/vck
-----END CERTIFICATE-----
`;
