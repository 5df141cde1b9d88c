import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText } from "../../src/net/text.ts";

test("reads UTF-8, and leaves out a character that was cut off", () => {
  expect(decodeText(Buffer.from("añ€😀").subarray(0, -1))).toBe("añ€");
});

test("gives the longest whole beginning of a text, wherever it is cut", () => {
  // A byte order mark at the beginning is no character of the text.
  const character = fc
    .string({ unit: "binary", minLength: 1, maxLength: 1 })
    .filter((one) => one !== "\uFEFF");
  fc.assert(
    fc.property(fc.array(character), fc.nat(), (characters, at) => {
      const bytes = Buffer.from(characters.join(""));
      const cut = at % (bytes.length + 1);
      let whole = "";
      for (const next of characters) {
        if (Buffer.byteLength(whole + next) > cut) break;
        whole += next;
      }
      expect(decodeText(bytes.subarray(0, cut))).toBe(whole);
    }),
  );
});
