const decoder = new TextDecoder();

/** Bytes as UTF-8 text; a character that was cut off at the end is left out. */
export function decodeText(bytes: Uint8Array): string {
  const text = decoder.decode(bytes, { stream: true });
  // Ends the stream, and with it what it remembers of the character that was cut off.
  decoder.decode();
  return text;
}
