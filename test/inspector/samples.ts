import type { DeliverySummary, Status } from "../../src/inspector/protocol.ts";

/** A tunnel that is up, with the members given. */
export function sampleStatus(members: Partial<Status> = {}): Status {
  return {
    name: "kinde-devhook",
    version: "1.0.0",
    command: "tunnel",
    pid: 4242,
    startedAt: "2026-01-02T03:00:00.000Z",
    runId: "run-1",
    localIssuer: "http://localhost:4455",
    realIssuer: "https://acme.kinde.com",
    tunnel: {
      publicUrl: "https://swift-otter-42.localtunnel.me",
      endpoint: "https://swift-otter-42.localtunnel.me/api/webhook",
      state: "up",
      reason: null,
      since: "2026-01-02T03:00:01.000Z",
    },
    apps: [{ origin: "http://localhost:3000", isListening: true }],
    endpoints: ["http://localhost:3000/api/webhook"],
    isPaused: false,
    isRedacted: false,
    shielded: null,
    refused: null,
    webhooks: [],
    now: null,
    ...members,
  };
}

const firstAt = Date.parse("2026-01-02T03:04:05.000Z");

/** The nth delivery, each a second after the one before: delivered, with the members given. */
export function sampleSummary(n: number, members: Partial<DeliverySummary> = {}): DeliverySummary {
  const at = new Date(firstAt + n * 1_000).toISOString();
  return {
    id: `dlv_${n.toString(16).padStart(32, "0")}`,
    direction: "emitted",
    webhookId: n.toString(16).padStart(32, "f"),
    endpoint: "http://localhost:3000/api/webhook",
    event: {
      type: "user.created",
      id: `event_${n.toString(16).padStart(32, "0")}`,
      source: "api",
      timestamp: at,
    },
    state: "delivered",
    nextAttemptAt: null,
    failedReason: null,
    createdAt: at,
    changedAt: at,
    verification: "verified",
    attempts: 1,
    latest: { status: 200, error: null, durationMs: 12 },
    about: [`person-${n}@example.com`],
    ...members,
  };
}

/** So many, the latest first. */
export function sampleSummaries(
  count: number,
  membersOf: (n: number) => Partial<DeliverySummary> = () => ({}),
): DeliverySummary[] {
  return Array.from({ length: count }, (_, index) => sampleSummary(count - index, membersOf(count - index)));
}
