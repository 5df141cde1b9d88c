/** What an app under development does with a webhook request. */
import { decodeWebhook } from "@kinde/webhooks";
import type { ReceivedEvent } from "../../src/kinde/events.ts";
import type { JsonObject } from "../../src/kinde/json.ts";
import type { Answer, ReceivedRequest } from "../helpers/receiver.ts";

/** Verifies with Kinde's own package, which fetches the JWKS each time: 200, or 400 when it says no. */
export function verifyingAnswer(issuer: string): Answer {
  return async (response, { body }) => {
    const event = await decodeWebhook(body.toString(), issuer);
    response.writeHead(event === null ? 400 : 200).end();
  };
}

/** Answers with a body, as it is. */
export function reply(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** Never answers. */
export const hang: Answer = () => {};

/** The claims in a webhook request, read without verifying. */
export function claimsOf({ body }: Pick<ReceivedRequest, "body">): ReceivedEvent & JsonObject {
  const [, claims = ""] = body.toString().split(".");
  return JSON.parse(Buffer.from(claims, "base64url").toString()) as ReceivedEvent & JsonObject;
}
