import { isUserError, type DevhookError } from "../../kinde/errors.ts";
import type { Settings } from "../../project/settings.ts";
import type { RememberedTunnel } from "../../project/state-file.ts";
import { readOptions } from "../options.ts";
import { chooseKind } from "./tunnel-kind.ts";
import { kindOptions } from "./tunnel.ts";

export interface OtherTunnel {
  /** Another tunnel than the localtunnel server's, in words; `undefined` when bare `tunnel` opens that. */
  readonly words: string | undefined;
  /** Why bare `tunnel` opens none: what is set can't be read, or does not go together. */
  readonly mistake: DevhookError | undefined;
}

/** Which tunnel bare `tunnel` opens, by the same choice: as it is set, else as it is remembered. */
export function readOtherTunnel(settings: Settings, remembered: RememberedTunnel | undefined): OtherTunnel {
  try {
    const values = readOptions(kindOptions, new Map(), settings);
    const { kind, isRemembered } = chooseKind(values, new Set(), remembered);
    if (kind.provider === "localtunnel") return { words: undefined, mistake: undefined };
    const name = kind.provider === "ngrok" ? "ngrok" : `a tunnel of your own, ${kind.publicUrl.origin}`;
    return { words: isRemembered ? `${name} (remembered)` : name, mistake: undefined };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { words: undefined, mistake: error };
  }
}
