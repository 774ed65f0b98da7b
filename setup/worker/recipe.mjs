/** Everything besides subprojects/ that decides what the built worker is like. A change here builds it anew. */

export const PACKAGES = [
  'meson',
  'ninja-build',
  'g++',
  'pkg-config',
  'libuv1-dev',
  'libssl-dev',
  'libsrtp2-dev',
  'libabsl-dev',
  'libflatbuffers-dev',
  'flatbuffers-compiler',
];

export const MESON_OPTIONS = ['--buildtype=release', '-Db_ndebug=true', '-Dwarning_level=0'];

/** Changes to mediasoup's sources. Each `from` must be there exactly once. */
export const PATCHES = [
  {
    // Debian's Meson is older than the one asked for, and can do all that is used.
    file: 'meson.build',
    from: "meson_version: '>= 1.1.0'",
    to: "meson_version: '>= 1.0.1'",
  },
  {
    // Debian's OpenSSL is built with kernel TLS. The callback answers 1 to every BIO control, among them "is kernel TLS
    // on?", so OpenSSL allocates no write buffer and the first DTLS handshake crashes the worker. The return value has
    // to be passed on whenever the operation has the RETURN bit, not only when it is nothing but that bit.
    file: 'src/RTC/DtlsTransport.cpp',
    from: '(operationType == BIO_CB_RETURN) ? static_cast<long>(ret) : 1',
    to: '((operationType & BIO_CB_RETURN) != 0) ? static_cast<long>(ret) : 1',
  },
];
