/**
 * ngrok by an agent that runs on this machine: a tunnel of it that leads here, or one that it is asked for.
 * Source: ngrok's documentation, "ngrok Agent API".
 */
import { settleWithin, unlessAborted, type Clock } from "../delivery/clock.ts";
import { isJsonObject } from "../kinde/json.ts";
import { acceptsConnections } from "../net/connect.ts";
import { isLoopbackHost } from "../net/loopback.ts";
import { RequestError } from "../net/request-error.ts";
import { request, type Response } from "../net/request.ts";
import { ngrokError, ngrokFailed } from "./ngrok-error.ts";
import type { NgrokTunnel } from "./ngrok-tunnel.ts";

export interface NgrokAgentOptions {
  readonly agentUrl: URL;
  readonly clock: Clock;
}

/** One of the agent's tunnels. */
interface Entry {
  readonly name: string;
  readonly publicUrl: URL;
  /** What it leads to, where that is http. */
  readonly target: URL | undefined;
}

// It is on this machine; something else that listens there may never answer.
const listTimeoutMs = 1_000;
const startTimeoutMs = 10_000;
const calledOffWithinMs = 1_500;
const maxAnswerBytes = 1 << 20;
const lookAgainAfterMs = 5_000;
const namePattern = /^kinde-devhook-\d+$/;

/** @returns `undefined` when no agent runs */
export async function openByAgent(
  localPort: number,
  signal: AbortSignal,
  { agentUrl, clock }: NgrokAgentOptions,
): Promise<NgrokTunnel | undefined> {
  const entries = await list(agentUrl, signal);
  if (entries === undefined) return undefined;
  const leadsHere = entries.filter(({ target }) => leadsTo(target, localPort));
  const isSecure = ({ publicUrl }: Entry): boolean => publicUrl.protocol === "https:";
  let entry = leadsHere.find(isSecure) ?? leadsHere[0];
  if (entry === undefined) {
    await removeLeftOver(entries, agentUrl);
    entry = await startUnlessAborted(agentUrl, localPort, signal, clock);
  }
  const { name, publicUrl } = entry;
  const closed = new AbortController();
  return {
    publicUrl,
    lost: watch(publicUrl, agentUrl, clock, closed.signal),
    end: async () => {
      closed.abort();
      // Another one is the user's own.
      if (namePattern.test(name)) await remove(agentUrl, name);
    },
  };
}

/** @returns `undefined` when what answers, if anything does, is no agent */
async function list(agentUrl: URL, signal: AbortSignal): Promise<readonly Entry[] | undefined> {
  const response = await ask("GET", new URL("/api/tunnels", agentUrl), listTimeoutMs, { signal });
  const answer = response?.status === 200 ? parse(response) : undefined;
  const tunnels = isJsonObject(answer) ? answer["tunnels"] : undefined;
  return Array.isArray(tunnels) ? tunnels.flatMap((tunnel) => readEntry(tunnel) ?? []) : undefined;
}

/**
 * What is called off comes all the same, and would lead to a port that anybody may have next: it is removed.
 * @throws {TunnelError}
 * @throws the signal's reason when it comes first
 */
async function startUnlessAborted(
  agentUrl: URL,
  localPort: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<Entry> {
  const starting = start(agentUrl, localPort);
  try {
    return await unlessAborted(starting, signal);
  } catch (error) {
    if (signal.aborted) {
      const removed = starting.then(({ name }) => remove(agentUrl, name));
      await settleWithin([removed], calledOffWithinMs, clock);
    }
    throw error;
  }
}

/** @throws {TunnelError} */
async function start(agentUrl: URL, localPort: number): Promise<Entry> {
  const response = await ask("POST", new URL("/api/tunnels", agentUrl), startTimeoutMs, {
    body: { name: `kinde-devhook-${localPort}`, proto: "http", addr: String(localPort) },
  });
  if (response === undefined) throw ngrokFailed("the ngrok agent does not answer", { isPassing: true });
  const answer = parse(response);
  const entry = response.status === 201 || response.status === 200 ? readEntry(answer) : undefined;
  if (entry !== undefined) return entry;
  const said = messageOf(answer);
  if (said !== undefined) throw ngrokError(said, { isPassing: true });
  throw ngrokFailed(`the ngrok agent answers ${response.status}`, { isPassing: true });
}

/** What a run that was killed has left there leads nowhere, and may hold the one URL of the account. */
async function removeLeftOver(entries: readonly Entry[], agentUrl: URL): Promise<void> {
  for (const { name, target } of entries) {
    if (!namePattern.test(name) || target === undefined) continue;
    if (!(await acceptsConnections(target, listTimeoutMs))) await remove(agentUrl, name);
  }
}

/** Never throws: an agent that has gone has no tunnels either. */
async function remove(agentUrl: URL, name: string): Promise<void> {
  await ask("DELETE", new URL(`/api/tunnels/${encodeURIComponent(name)}`, agentUrl), listTimeoutMs, {});
}

/** @returns the cause when the agent, or its tunnel, has gone; never when it was closed first */
async function watch(publicUrl: URL, agentUrl: URL, clock: Clock, closed: AbortSignal): Promise<string> {
  try {
    // A machine that was asleep may take its time for one answer.
    for (let missed = 0; missed < 2;) {
      await clock.wait(lookAgainAfterMs, closed);
      const entries = await list(agentUrl, closed);
      closed.throwIfAborted();
      missed = entries === undefined ? missed + 1 : 0;
      const isThere = entries?.some((entry) => entry.publicUrl.href === publicUrl.href) ?? true;
      if (!isThere) return "the ngrok agent has ended this tunnel";
    }
    return "the ngrok agent does not answer any more";
  } catch {
    return await new Promise(() => {});
  }
}

/**
 * @returns `undefined` when there is no answer
 * @throws the signal's reason when it comes first
 */
async function ask(
  method: string,
  url: URL,
  timeoutMs: number,
  { body, signal }: { readonly body?: object; readonly signal?: AbortSignal },
): Promise<Response | undefined> {
  try {
    return await request(url, {
      method,
      headers: {
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: Buffer.from(JSON.stringify(body)) }),
      timeoutMs,
      maxBodyBytes: maxAnswerBytes,
      signal,
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    signal?.throwIfAborted();
    return undefined;
  }
}

function readEntry(tunnel: unknown): Entry | undefined {
  if (!isJsonObject(tunnel)) return undefined;
  const { name, public_url: publicUrl, config } = tunnel;
  if (typeof name !== "string" || typeof publicUrl !== "string") return undefined;
  if (!/^https?:/.test(publicUrl) || !URL.canParse(publicUrl)) return undefined;
  const address = isJsonObject(config) ? config["addr"] : undefined;
  return { name, publicUrl: new URL(publicUrl), target: readTarget(address) };
}

/** An address is a port, a host and a port, or a URL. */
function readTarget(address: unknown): URL | undefined {
  if (typeof address !== "string") return undefined;
  const full = /^\d+$/.test(address)
    ? `http://localhost:${address}`
    : address.includes("//")
      ? address
      : `http://${address}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  return url?.protocol === "http:" ? url : undefined;
}

function leadsTo(target: URL | undefined, localPort: number): boolean {
  return target !== undefined && isLoopbackHost(target.hostname) && target.port === String(localPort);
}

function messageOf(answer: unknown): string | undefined {
  if (!isJsonObject(answer)) return undefined;
  const details = isJsonObject(answer["details"]) ? answer["details"]["err"] : undefined;
  const said = details ?? answer["msg"];
  return typeof said === "string" ? said : undefined;
}

function parse({ body }: Response): unknown {
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return undefined;
  }
}
