import { stringifySorted, type JsonObject } from "../../../kinde/json.ts";
import type { EventBase, EventClaims } from "./as-fixture.ts";
import { visibleLiteral } from "../visible-text.ts";

/**
 * A test for vitest that hands an event with the same data to a route handler, signed by a fake Kinde.
 * @param base the sample that it starts from: that of its type, or any for a type that has none
 */
export function asTest(claims: EventClaims, base: EventBase | undefined): string {
  const { type, data, source, ip_address: address } = claims;
  // `set` takes the place of the sample's data, which `data` would be merged into.
  const emitted = base?.type ?? type;
  const set = {
    ...(address !== undefined && { ip_address: address }),
    data,
    ...(source !== undefined && { source }),
    ...(emitted !== type && { type }),
  };
  return `import { startMockKinde } from "kinde-devhook";
import { expect, onTestFinished, test } from "vitest";

test(${asCode(`takes ${type} as recorded`)}, async () => {
  const kinde = await startMockKinde();
  onTestFinished(() => kinde.close());
  process.env["KINDE_ISSUER_URL"] = kinde.issuer;
  // Your route handler, imported here: it may read that variable when it is loaded.
  const { POST } = await import("./route");
  const set = ${indent(asCode(set, 2))};
  const response = await POST(await kinde.createRequest(${asCode(emitted)}, { set }));
  expect(response.status).toBe(200);
});
`;
}

/** As a literal of JavaScript, in which nothing stands that an editor would not show. */
function asCode(value: string | JsonObject, spaces = 0): string {
  return visibleLiteral(stringifySorted(value, spaces));
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
