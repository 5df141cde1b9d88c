/** What the clients that apps verify with make of every fault, as they are installed. */
import { describe, expect, test } from "vitest";
import { faults, type Fault } from "../../src/kinde/faults.ts";
import { isCi } from "../helpers/ci.ts";
import { planFaultOf, type PlannedRequest } from "../kinde/plan-fault.ts";
import { isInstalled, verifyAll, type Client, type Verdict } from "./client.ts";
import { clients } from "./clients.ts";
import { openIssuer } from "./local-issuer.ts";

/** Those that take the one key of the JWKS when a token names none. */
const withoutKid = new Set(["@kinde/webhooks", "jose", "jwks-rsa + jsonwebtoken"]);

const refused = { refused: expect.any(String) as unknown };

describe.each(clients)("$name", (client) => {
  const isMissing = !isInstalled(client) && !isCi;

  test.skipIf(isMissing).each(faults)("with $name: $expects", async (fault) => {
    const planned = await planFaultOf(fault.name, "user.updated");
    const isAccepted = isAcceptedBy(client, fault);
    expect(await verdictsOf(client, planned)).toEqual(
      planned.map(({ event }) => (isAccepted ? { claims: event } : refused)),
    );
  });

  test.skipIf(isMissing)("takes a genuine token after all of them", async () => {
    const planned = (await Promise.all(faults.map(({ name }) => planFaultOf(name, "user.created")))).flat();
    const [genuine] = await planFaultOf("slow-sender", "user.created");
    const verdicts = await verdictsOf(client, [...planned, genuine!]);
    expect(verdicts.at(-1)).toEqual({ claims: genuine?.event });
  });
});

function isAcceptedBy({ name }: Client, { name: fault, expects, reason }: Fault): boolean {
  return fault === "missing-kid" ? withoutKid.has(name) : expects !== "refuse" && reason === null;
}

/** Of the bodies, as an app reads them that goes by no content-type. */
async function verdictsOf(client: Client, planned: readonly PlannedRequest[]): Promise<Verdict[]> {
  await using issuer = await openIssuer();
  await using verifier = client.open(issuer.url);
  return await verifyAll(
    verifier,
    planned.map(({ request }) => request.body.toString()),
  );
}
