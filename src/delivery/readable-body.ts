/** An answer's body as a person can read it: the sender may have asked for it to be compressed. */

// Beyond, it is shown as it came: a small body may unpack to gigabytes.
const maxUnpackedBytes = 1 << 20;

/**
 * The body without its content coding (RFC 9110, section 8.4), as far as it came; as it is when that can't be undone.
 * @param encoding the `content-encoding` header
 */
export async function readableBody(body: Buffer, encoding: string): Promise<Buffer> {
  const { brotliDecompressSync, constants, unzipSync } = await import("node:zlib");
  const options = { maxOutputLength: maxUnpackedBytes };
  try {
    switch (encoding.trim().toLowerCase()) {
      case "gzip":
      case "x-gzip":
      case "deflate":
        return unzipSync(body, { ...options, finishFlush: constants.Z_SYNC_FLUSH });
      case "br":
        return brotliDecompressSync(body, { ...options, finishFlush: constants.BROTLI_OPERATION_FLUSH });
      default:
        return body;
    }
  } catch {
    return body;
  }
}
