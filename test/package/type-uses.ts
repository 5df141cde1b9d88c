/** What users write, as text: it is compiled where the package is installed. */

export const moduleUse = `
import {
  createEvent, createRemoteJwks, eventTypes, signEvent, startMockKinde, verifyToken, WaitTimeoutError,
  type Delivery, type KindeEvent, type MockKinde, type StartMockKindeOptions, type Verification,
} from "kinde-devhook";

export function emailOf(event: KindeEvent<"user.created">): string | null {
  return event.data.user.email;
}

export async function use(options: StartMockKindeOptions): Promise<string> {
  const kinde: MockKinde & AsyncDisposable = await startMockKinde({
    ...options,
    webhooks: [{ endpoint: new URL("http://localhost:3000"), eventTypes: ["user.*", "role.created"] }],
  });
  const delivery: Delivery = await kinde.emit("user.created", { data: { user: { email: "ada@example.com" } } });
  const state: "pending" | "delivered" | "failed" = delivery.state;
  const request: Request = await kinde.createRequest("organization.updated", { data: { organization: { name: "Acme" } } });
  const verification: Verification = await verifyToken(await request.text(), createRemoteJwks(kinde.issuer));
  const token: string = await signEvent(createEvent("user.created"), kinde.signingKey);
  await kinde.waitFor("user.*", { timeoutMs: 1, signal: AbortSignal.timeout(1) }).catch((error: unknown) => {
    if (error instanceof WaitTimeoutError) return error.deliveries.length;
    throw error;
  });
  await kinde.close();
  const type: "user.created" = createEvent("user.created").type;
  return [state, verification.status, token, emailOf(createEvent("user.created")), type, ...eventTypes].join();
}
`;

/** Types that follow from the library's own: a declaration has to name them. */
export const declaredUse = `
import { createEvent, createRemoteJwks, decodeToken, eventFixture, startMockKinde, type EmitOptions, type EventType } from "kinde-devhook";

export const keys = createRemoteJwks("https://acme.kinde.com");
export const created = (type: EventType) => createEvent(type);
export const data = (token: string) => decodeToken(token)?.data;
export const set = (options: EmitOptions<"user.created">) => options.set;
export const sample = eventFixture("user.created").data.user;
export const start = async () => await startMockKinde();
`;

export const requireUse = `
import library = require("kinde-devhook");
const { startMockKinde } = require("kinde-devhook") as typeof library;

export async function use(event: library.KindeEvent<"user.created">): Promise<string> {
  const kinde: library.MockKinde = await startMockKinde();
  const { issuer } = kinde;
  await kinde.close();
  return issuer + event.data.user.id;
}
`;

export const vitestUse = `
import { expect } from "vitest";
import { createTest, test } from "kinde-devhook/vitest";

const testWithWebhook = createTest({ webhooks: [{ endpoint: "http://localhost:3000" }], now: new Date(0) });

test("a request", async ({ kinde }) => {
  const request: Request = await kinde.createRequest("user.created");
  expect(request.url).toContain(kinde.issuer);
});

testWithWebhook("a delivery", async ({ kinde }) => {
  expect((await kinde.emit("user.created")).state).toBe("delivered");
});
`;

/** Lines of one module, and the error of each that is wrong. */
export const wrongUses: readonly (readonly [line: string, code?: string])[] = [
  ['import { createEvent, startMockKinde, verifyToken, type KindeEvent } from "kinde-devhook";'],
  ["export const kinde = await startMockKinde();"],
  ['await kinde.emit("user.created", { data: { user: { emial: "ada@example.com" } } });', "TS2561"],
  ['await kinde.emit("user.created", { data: { organization: { code: "org_1" } } });', "TS2353"],
  ['await kinde.emit("user.craeted");', "TS2345"],
  ['await kinde.createRequest("user.created", { data: { user: { email: 1 } } });', "TS2322"],
  ['await startMockKinde({ webhook: ["http://localhost:3000"] });', "TS2561"],
  ["await verifyToken(1, { keys: [] });", "TS2345"],
  ['export const id: number = createEvent("role.created").data.role.id;', "TS2322"],
  ['export const nameOf = (event: KindeEvent<"user.created">) => event.data.user.name;', "TS2339"],
];
