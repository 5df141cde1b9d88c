import { randomBytes } from "node:crypto";

/** Deliveries of 2 KB as JSON, of which every hundredth has failed. */
export function* createRecords(count) {
  const at = new Date().toISOString();
  const attempt = {
    number: 1,
    startedAt: at,
    durationMs: 12.5,
    plannedDelayMs: 0,
    status: 200,
    error: null,
    request: {
      method: "POST",
      url: "http://localhost:3000/api/webhook",
      headers: { "content-type": "application/jwt", "webhook-id": "0123456789abcdef0123456789abcdef" },
    },
    response: {
      headers: { "content-type": "application/json" },
      body: '{"ok":true}'.repeat(10),
      truncated: false,
    },
  };
  const event = {
    type: "user.created",
    id: "event_018f331a3178f7fef284b95fe6770384",
    source: "api",
    timestamp: at,
  };
  const common = {
    direction: "emitted",
    webhookId: "0123456789abcdef0123456789abcdef",
    endpoint: "http://localhost:3000/api/webhook",
    event,
    verification: { status: "verified", kid: "00:01", issuer: "http://localhost:4455" },
    nextAttemptAt: null,
    failedReason: null,
    createdAt: at,
    attempts: [attempt],
  };
  const head = JSON.stringify({ id: "dlv_".padEnd(36, "0"), state: "delivered", ...common, token: "" });
  const token = "x".repeat(2_000 - head.length);
  // 32 bytes of randomness at a time would be most of the work.
  let pool = Buffer.alloc(0);
  for (let index = 0; index < count; index++) {
    const start = (index % 4_096) * 16;
    if (start === 0) pool = randomBytes(4_096 * 16);
    const hex = pool.toString("hex", start, start + 16);
    const state = index % 100 === 0 ? "failed" : "delivered";
    yield { id: `dlv_${hex}`, state, ...common, event: { ...event, id: `event_${hex}` }, token };
  }
}
