/** What each client makes of our events and of forged ones, counted. */
import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { createEvent } from "../../src/kinde/events.ts";
import { eventTypes } from "../../src/kinde/event-types.ts";
import { signEvent } from "../../src/kinde/sign.ts";
import { verifyAll, type Client, type Verdict } from "../clients/client.ts";
import { openIssuer } from "../clients/local-issuer.ts";
import { tamperWithClaims } from "../clients/tamper.ts";
import { foreignKey, signingKey } from "../helpers/keys.ts";
import type { Row } from "./markdown.ts";

export const clientHeads: Row = [
  "client",
  "called as",
  "accepts",
  "refuses tampered",
  "foreign key, whatever its id",
  "JWKS requests for all",
];

export async function clientRow(client: Client): Promise<Row> {
  await using issuer = await openIssuer();
  await using verifier = client.open(issuer.url);
  const origin = { now: Date.now(), randomBytes };
  const events = eventTypes.map((type) => createEvent(type, {}, origin));
  const tokens = await Promise.all(events.map((event) => signEvent(event, signingKey)));

  const verdicts = await verifyAll(verifier, tokens);
  const accepted = verdicts.filter((verdict, index) => isAccepted(verdict, events[index]));
  const requests = issuer.requests.map((path) => `\`${path}\``);
  const tampered = tokens.map((token) => tamperWithClaims(token, { source: "admin" }));
  const { badSignature, unknownKey } = client.refusals;
  const refused = (await verifyAll(verifier, tampered)).filter((verdict) => isRefused(verdict, badSignature));
  const disguised = await signEvent(events[0]!, { ...foreignKey, kid: signingKey.kid });
  const isForeignRefused =
    isRefused(await verifier.verify(disguised), badSignature) &&
    isRefused(await verifier.verify(await signEvent(events[0]!, foreignKey)), unknownKey);

  const total = eventTypes.length;
  return [
    nameCell(client),
    `\`${client.call}\``,
    `${accepted.length} of ${total}`,
    `${refused.length} of ${total}`,
    isForeignRefused ? "refused" : "**accepted**",
    `${requests.length} at ${[...new Set(requests)].join(", ")}`,
  ];
}

/** The packages with their versions; of one that the machine brings, the major version alone. */
function nameCell({ packages }: Client): string {
  return packages
    .map(({ name, version = "", isLocked }) => `\`${name}\` ${isLocked ? version : version.split(".", 1)[0]}`)
    .join(" + ");
}

function isAccepted(verdict: Verdict, event: unknown): boolean {
  return "claims" in verdict && isDeepStrictEqual(verdict.claims, event);
}

function isRefused(verdict: Verdict, words: RegExp): boolean {
  return "refused" in verdict && words.test(verdict.refused);
}
