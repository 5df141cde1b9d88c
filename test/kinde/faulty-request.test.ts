import { expect, test } from "vitest";
import { faultNames, type FaultName } from "../../src/kinde/faults.ts";
import { createFaultyRequest, type FaultyRequest } from "../../src/kinde/faulty-request.ts";
import { createWebhookRequest } from "../../src/kinde/webhook.ts";

const token = "aaaa.bbbb.cccc";
const usual = createWebhookRequest(token, "id");
const json = { "content-type": "application/json", "webhook-id": "id" };

const changed: Partial<Record<FaultName, Partial<FaultyRequest>>> = {
  "json-body": { headers: json, body: Buffer.from('"aaaa.bbbb.cccc"') },
  "legacy-content-type": { headers: json },
  "empty-body": { body: Buffer.alloc(0) },
  "slow-sender": { pacing: { pieces: 8, overMs: 2_000 } },
  "cut-body": { pacing: { cutAfterBytes: 7 } },
};

test.each(faultNames)("%s is a webhook request, but for what it changes", (fault) => {
  expect(createFaultyRequest(fault, token, "id")).toEqual({ ...usual, ...changed[fault] });
});

test("the content-type goes to the app as the only one", () => {
  const { headers } = createFaultyRequest("legacy-content-type", token, "id");
  expect(Object.keys(headers)).toEqual(["content-type", "webhook-id"]);
});
