/**
 * A key and a certificate for localhost, valid from 2020 to 2120. A test cannot make such a pair with node alone, so this
 * one was made once, with `openssl ca -selfsign` (EC, P-256). It is no secret, and good for nothing but tests.
 */
export const key = `
`;

export const cert = `
`;
