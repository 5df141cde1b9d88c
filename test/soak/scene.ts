/** All that takes part: an app, a stand-in for Kinde whose webhooks are sent, and the built `tunnel` between them. */
import { setTimeout as wait } from "node:timers/promises";
import { exportPrivateJwk } from "../../src/kinde/signing-key.ts";
import { createProject } from "../e2e/project.ts";
import { foreignKey } from "../helpers/keys.ts";
import { requestPublic } from "../helpers/request-public.mjs";
import { startStandInKinde } from "../helpers/stand-in-kinde.mjs";
import { collectFacts } from "./collect-facts.ts";
import { startRecordingApp, type RecordingApp, type RecordingAppOptions } from "./recording-app.ts";
import type { Facts } from "./scenario.ts";
import { createSender, type Sender, type SenderOptions } from "./sender.ts";
import { openWatchedTunnel, type WatchedTunnel } from "./watched-tunnel.ts";

export interface SceneOptions {
  /** The localtunnel server. */
  readonly host: string;
  readonly app?: RecordingAppOptions;
  /** Where to forward to; the app's port without it. */
  readonly forward?: (port: number) => string;
  /** More arguments of `tunnel`. */
  readonly args?: readonly string[];
  readonly sender?: Partial<Pick<SenderOptions, "createBody" | "speed" | "attemptTimeoutMs">>;
}

export interface Scene extends AsyncDisposable {
  /** The one that runs now. */
  readonly tunnel: WatchedTunnel;
  readonly app: RecordingApp;
  readonly sender: Sender;
  /** Makes it go wrong, and waits until `tunnel` says so. */
  untilNoticed(goWrong: () => unknown): Promise<void>;
  /** Nothing is wrong any more: waits until a request gets through, and nothing else is said. */
  untilBack(): Promise<void>;
  /** Kills `tunnel` and starts it again, as it was started before. */
  restart(): Promise<void>;
  /** What came of it all, once every sender has come to its end and `tunnel` was ended by Ctrl-C. */
  facts(): Promise<Facts>;
}

/** For senders that shall need no second attempt, however busy the machine. */
export const patient: Pick<SenderOptions, "attemptTimeoutMs"> = { attemptTimeoutMs: 20_000 };

const subdomain = "devhook-soak";
const beaconPauseMs = 25;
const beaconTimeoutMs = 500;
// For 52 s, and the time that it waits for answers: longer than anything is wrong here.
const defaultSpeed = 2_000;
const defaultAttemptTimeoutMs = 2_000;

export async function openScene(options: SceneOptions): Promise<Scene> {
  const { host, app: appOptions, forward = String, args = [] } = options;
  const opened: AsyncDisposable[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  };
  try {
    const project = await createProject();
    opened.push({ [Symbol.asyncDispose]: async () => project[Symbol.dispose]() });
    const kinde = await startStandInKinde({ privateJwk: exportPrivateJwk(foreignKey) });
    opened.push(kinde);
    const app = await startRecordingApp(appOptions);
    opened.push(app);
    const allArgs = [forward(app.port), "-s", subdomain, "--host", host, "--issuer", kinde.issuer, ...args];
    let tunnel = await openWatchedTunnel(project, allArgs);
    opened.push({ [Symbol.asyncDispose]: () => tunnel[Symbol.asyncDispose]() });
    const { publicUrl } = tunnel;
    const urls = new Set([publicUrl]);
    const sender = createSender({
      endpoint: () => `${publicUrl}/api/webhook`,
      createBody: () => Buffer.from(kinde.signWebhook("user.created")),
      speed: defaultSpeed,
      attemptTimeoutMs: defaultAttemptTimeoutMs,
      ...options.sender,
    });
    opened.push({ [Symbol.asyncDispose]: async () => sender.stop() });
    const noticedAfterMs: number[] = [];
    const backAfterMs: number[] = [];
    return {
      get tunnel() {
        return tunnel;
      },
      app,
      sender,
      untilNoticed: async (goWrong) => {
        const from = tunnel.changes.length;
        const startedAt = performance.now();
        await goWrong();
        await tunnel.change(from, ({ state }) => state !== "up");
        noticedAfterMs.push(performance.now() - startedAt);
      },
      untilBack: async () => {
        const startedAt = performance.now();
        while (!(await isThrough(publicUrl))) await wait(beaconPauseMs);
        const { changes } = tunnel;
        if (changes.length > 0) await tunnel.change(changes.length - 1, ({ state }) => state === "up");
        backAfterMs.push(performance.now() - startedAt);
      },
      restart: async () => {
        await tunnel.stop("SIGKILL");
        tunnel = await openWatchedTunnel(project, allArgs);
        urls.add(tunnel.publicUrl);
      },
      facts: async () => {
        await sender.settled();
        const facts = await collectFacts(sender.webhooks, app.seen);
        const { code, stderr } = await tunnel.stop("SIGINT");
        if (code !== 130) throw new Error(`tunnel ended with ${code}: ${stderr}`);
        for (const { url } of tunnel.changes) urls.add(url);
        const said = tunnel.changes.map(({ state }) => state);
        return { ...facts, said, isSameUrl: urls.size === 1, noticedAfterMs, backAfterMs };
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** No webhook, and refused by our gate alone: a tunnel server says 404 of a name that it does not know. */
async function isThrough(publicUrl: string): Promise<boolean> {
  try {
    const beacon = { method: "POST", body: "no token", timeoutMs: beaconTimeoutMs };
    return (await requestPublic(publicUrl, beacon)).status === 401;
  } catch {
    return false;
  }
}
