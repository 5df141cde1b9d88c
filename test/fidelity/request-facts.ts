/** The webhook request, and what its answer means. */
import { expect } from "vitest";
import { defaultTimeoutMs } from "../../src/delivery/attempt-delivery.ts";
import { hang, reply } from "../e2e/app.ts";
import { recordsOf } from "../e2e/project.ts";
import { emitTo } from "./evidence.ts";
import type { Fact } from "./fact.ts";

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
];
