/**
 * ngrok by its package, `@ngrok/ngrok`, as the user's project has it: nothing of it is in ours.
 * Source: the package's README and types, 1.7.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { unlessAborted, type Clock } from "../delivery/clock.ts";
import { systemErrorCode } from "../kinde/errors.ts";
import { ngrokError, ngrokFailed, ngrokTokenMissing } from "./ngrok-error.ts";
import type { NgrokTunnel } from "./ngrok-tunnel.ts";
import { TunnelError } from "./tunnel.ts";

export interface NgrokPackageOptions {
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** What is used of it. */
interface NgrokPackage {
  forward(options: {
    readonly addr: number;
    readonly authtoken_from_env: true;
  }): Promise<{ url(): string | null; close(): Promise<void> }>;
}

const packageName = "@ngrok/ngrok";
const openTimeoutMs = 10_000;

/** @returns `undefined` when the project has no such package */
export async function openByPackage(
  localPort: number,
  signal: AbortSignal,
  { workingDirectory, environment, clock }: NgrokPackageOptions,
): Promise<NgrokTunnel | undefined> {
  const ngrok = load(workingDirectory);
  if (ngrok === undefined) return undefined;
  if (!environment["NGROK_AUTHTOKEN"]) throw ngrokTokenMissing();
  const forwarding = Promise.resolve(ngrok.forward({ addr: localPort, authtoken_from_env: true }));
  const settled = new AbortController();
  try {
    const listener = await unlessAborted(
      Promise.race([
        forwarding,
        clock.wait(openTimeoutMs, settled.signal).then(() => {
          throw ngrokFailed(`ngrok opens none within ${openTimeoutMs / 1000} s`, { isPassing: true });
        }),
      ]),
      signal,
    );
    const url = listener.url();
    if (url === null || !URL.canParse(url)) throw ngrokFailed("ngrok names no URL", { isPassing: false });
    return {
      publicUrl: new URL(url),
      // It reconnects by itself, under the same URL. When it does not, the probe tells.
      lost: new Promise(() => {}),
      end: () => closeQuietly(forwarding),
    };
  } catch (error) {
    // It can't be called back: what comes of it too late is closed.
    void closeQuietly(forwarding);
    signal.throwIfAborted();
    if (error instanceof TunnelError) throw error;
    throw ngrokError(describe(error), { isPassing: true });
  } finally {
    settled.abort();
  }
}

function load(workingDirectory: string): NgrokPackage | undefined {
  const requireFrom = createRequire(join(workingDirectory, "package.json"));
  let path: string;
  try {
    path = requireFrom.resolve(packageName);
  } catch (error) {
    if (systemErrorCode(error) === "MODULE_NOT_FOUND") return undefined;
    throw notLoadable(error);
  }
  try {
    const loaded = requireFrom(path) as Partial<NgrokPackage> | null;
    if (typeof loaded?.forward === "function") return loaded as NgrokPackage;
  } catch (error) {
    throw notLoadable(error);
  }
  throw notLoadable(new Error("it has no forward()"));
}

function notLoadable(error: unknown): TunnelError {
  const why = describe(error).split("\n", 1)[0];
  return ngrokFailed(`the package ${packageName} can't be loaded (${why})`, { isPassing: false });
}

async function closeQuietly(forwarding: ReturnType<NgrokPackage["forward"]>): Promise<void> {
  try {
    await (await forwarding).close();
  } catch {
    // It never opened, or is closed already.
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
