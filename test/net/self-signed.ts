/** A certificate for localhost that nobody vouches for, and its key: made for tests, and used nowhere else. */
export const selfSigned: { readonly key: string; readonly cert: string } = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJKeNlW42RAcJTX0O
C3LmsB7ld+2374WE+FUYC/Av7YKhRANCAAQFWn8p/C8AvPK6zBlrmXzS4YJv5ijA
WDvgr4YPNFz9pxdohDgzvuP7SdAQs/0T5zvWbDFMn0+k0JBf7NhRx9Xq
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUfu/Rzq2Nn+wEseBu9eM1MHQ5QPIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEwMDQ1N1oYDzIxMjYxMDI5
MTAwNDU3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQFWn8p/C8AvPK6zBlrmXzS4YJv5ijAWDvgr4YPNFz9pxdohDgzvuP7
SdAQs/0T5zvWbDFMn0+k0JBf7NhRx9Xqo28wbTAdBgNVHQ4EFgQULQCmmbfjpfJn
8KJ+O98cdO+FzMIwHwYDVR0jBBgwFoAULQCmmbfjpfJn8KJ+O98cdO+FzMIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgBayQ4iq9IDLT7ZucdrAokknwPvLQz/ut9j5MKcxNm7oCIQDI
anGldKHUGurVKqIzuNFrmfCtSBtZAifqxz76KK5U8A==
-----END CERTIFICATE-----`,
};
