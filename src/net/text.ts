/** Bytes as UTF-8 text; a character that was cut off at the end is left out. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes, { stream: true });
}
