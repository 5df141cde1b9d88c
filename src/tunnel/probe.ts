/**
 * The proof that a tunnel works: a request of our own through the public URL, answered by our own intake. Its path is
 * a nonce for one use; the answer is an HMAC of it under a key of this run, so that neither a captive portal nor
 * another holder of the name passes for us.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { RequestError } from "../net/request-error.ts";
import { request } from "../net/request.ts";

export type ProbeResult =
  | { readonly outcome: "came-back" }
  /** This machine can't reach the public URL; others may. */
  | { readonly outcome: "blocked"; readonly reason: string }
  /** The service says that it is asked too often; of the tunnel that says nothing. */
  | { readonly outcome: "limited"; readonly reason: string }
  /** Somebody else answered, or nobody. */
  | { readonly outcome: "failed"; readonly reason: string };

export interface Probe {
  /** The answer to a path that was sent out and not seen since; `undefined` for any other. */
  answer(path: string): string | undefined;
  /** @param timeoutMs for the answer. Default 5 s. */
  send(publicUrl: URL, signal: AbortSignal, timeoutMs?: number): Promise<ProbeResult>;
}

const prefix = "/.well-known/kinde-devhook/";
const nonceBytes = 16;
const defaultTimeoutMs = 5_000;
const maxAnswerBytes = 4_096;
const blockedCodes = new Set<RequestError["code"]>([
  "ERR_HOST_NOT_FOUND",
  "ERR_CONNECTION_REFUSED",
  "ERR_CONNECTION_FAILED",
  "ERR_TLS",
]);

/** @param answerWithinMs for one request through the tunnel, where nothing else is said */
export function createProbe(
  randomBytes: (size: number) => Uint8Array,
  answerWithinMs: number = defaultTimeoutMs,
): Probe {
  const key = randomBytes(32);
  const outstanding = new Set<string>();
  const answerOf = (nonce: string): string => createHmac("sha256", key).update(nonce).digest("hex");
  return {
    answer: (path) => {
      const nonce = path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
      return nonce !== undefined && outstanding.delete(nonce) ? answerOf(nonce) : undefined;
    },
    send: async (publicUrl, signal, timeoutMs = answerWithinMs) => {
      const nonce = Buffer.from(randomBytes(nonceBytes)).toString("hex");
      outstanding.add(nonce);
      try {
        const { status, body } = await request(new URL(prefix + nonce, publicUrl), {
          method: "GET",
          // The public service shows browsers a reminder page; this header says that we are none.
          headers: { "bypass-tunnel-reminder": "1", "user-agent": `kinde-devhook/${__VERSION__}` },
          timeoutMs,
          maxBodyBytes: maxAnswerBytes,
          signal,
        });
        if (isEqual(body, Buffer.from(answerOf(nonce)))) return { outcome: "came-back" };
        if (status === 429) {
          return { outcome: "limited", reason: `${publicUrl.host} says that it is asked too often (429)` };
        }
        return {
          outcome: "failed",
          reason: `something else answers at ${publicUrl.host} (status ${status})`,
        };
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        signal.throwIfAborted();
        const reason = `${publicUrl.host}: ${error.message}`;
        return { outcome: blockedCodes.has(error.code) ? "blocked" : "failed", reason };
      } finally {
        outstanding.delete(nonce);
      }
    },
  };
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
