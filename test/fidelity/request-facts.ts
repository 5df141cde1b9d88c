/** The webhook request, what its answer means, and when Kinde gives up. */
import { expect } from "vitest";
import { defaultTimeoutMs } from "../../src/delivery/attempt-delivery.ts";
import { abandonIfExpired } from "../../src/delivery/delivery.ts";
import { sampleDelivery } from "../delivery/sample-delivery.ts";
import { hang, reply } from "../e2e/app.ts";
import { onlyDelivery, recordsOf } from "../e2e/project.ts";
import { emitThroughMock, emitTo } from "./evidence.ts";
import type { Fact } from "./fact.ts";

const hourMs = 3_600_000;

export const requestFacts: readonly Fact[] = [
  {
    kinde:
      "POST, `content-type: application/jwt`, the bare token as body, a `webhook-id` header, no signature header",
    sure: "sure",
    weDo: "the same",
    prove: ({ requests }) => {
      const names = ["connection", "content-length", "content-type", "host", "user-agent", "webhook-id"];
      for (const { method, headers, body } of requests) {
        expect(method).toBe("POST");
        expect(headers["content-type"]).toBe("application/jwt");
        expect(Object.keys(headers).toSorted()).toEqual(names);
        expect(body.toString()).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
      }
    },
  },
  {
    kinde: "the value of `webhook-id`",
    sure: "undocumented",
    weDo: "32 hex digits, another for each event; never parse it",
    prove: ({ requests }) => {
      const ids = requests.map(({ headers }) => headers["webhook-id"]);
      for (const id of ids) expect(id).toMatch(/^[\da-f]{32}$/);
      expect(new Set(ids).size).toBe(requests.length);
    },
  },
  {
    kinde: "user-agent, accept-encoding, source addresses",
    sure: "undocumented",
    weDo: "`kinde-devhook/<version>`, none, loopback",
    prove: ({ requests, addresses }) => {
      for (const { headers } of requests) {
        expect(headers["user-agent"]).toBe(`kinde-devhook/${__VERSION__}`);
        expect(headers).not.toHaveProperty("accept-encoding");
      }
      for (const address of addresses) expect(address).toMatch(/^(::ffff:)?127\.|^::1$/);
    },
  },
  {
    kinde: "how long an app may take",
    sure: "undocumented",
    weDo: "30 s; `--timeout` changes it",
    prove: async () => {
      expect(defaultTimeoutMs).toBe(30_000);
      const { result } = await emitTo(hang, ["user.created", "--timeout", "50ms"]);
      expect(recordsOf(result, "delivery")[0]?.attempts[0]?.error?.code).toBe("ERR_TIMEOUT");
    },
  },
  {
    kinde: "what counts as delivered",
    sure: "200 does; other 2xx and redirects are undocumented",
    weDo: "200 alone; another 2xx fails with `WARN_NOT_200`, a redirect is not followed",
    prove: async () => {
      expect((await emitTo(200)).result.code).toBe(0);
      const { result } = await emitTo(204);
      expect(result.code).toBe(1);
      expect(recordsOf(result, "warning").map(({ code }) => code)).toContain("WARN_NOT_200");
      const redirected = await emitTo(reply(307, "", { location: "/elsewhere" }));
      expect(redirected.result.code).toBe(1);
      expect(redirected.requests.map(({ url }) => url)).toEqual(["/api/webhook"]);
    },
  },
  {
    kinde: "retries: at once, after 5 s, 30 s, 2 min … for 36 h",
    sure: '"roughly", say the docs; not from when each delay counts',
    weDo: "`emit` and `mock` try once; the tunnel calls abandoned what was not answered 200 in 36 h",
    prove: async () => {
      for (const { requests, result } of [await emitTo(500), await emitThroughMock(500)]) {
        expect(requests).toHaveLength(1);
        const ended = { state: "failed", failedReason: "not_delivered", nextAttemptAt: null };
        expect(onlyDelivery(result)).toMatchObject(ended);
      }
      const delivery = sampleDelivery({ direction: "relayed" });
      const [start, endMs] = [Date.parse(delivery.createdAt), 36 * hourMs];
      expect(abandonIfExpired(delivery, start + endMs - 1).state).toBe("pending");
      expect(abandonIfExpired(delivery, start + endMs).failedReason).toBe("abandoned");
    },
  },
];
