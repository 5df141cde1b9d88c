import { isJsonObject } from "../../kinde/json.ts";
import type { Settings } from "../../project/settings.ts";

/**
 * Another tunnel than the localtunnel server's, in words: as it is set, else as it is remembered.
 * @param state what `readState` gives
 */
export function describeOtherTunnel(settings: Pick<Settings, "flag">, state: object): string | undefined {
  const publicUrl = settings.flag("public-url")?.value;
  const provider = settings.flag("provider")?.value;
  if (typeof publicUrl === "string") return ownTunnel(publicUrl);
  if (provider !== undefined) return provider === "ngrok" ? "ngrok" : undefined;
  const tunnel: unknown = "tunnel" in state ? state.tunnel : undefined;
  if (!isJsonObject(tunnel)) return undefined;
  if (typeof tunnel["publicUrl"] === "string") return `${ownTunnel(tunnel["publicUrl"])} (remembered)`;
  return tunnel["provider"] === "ngrok" ? "ngrok (remembered)" : undefined;
}

function ownTunnel(publicUrl: string): string {
  return `a tunnel of your own, ${publicUrl}`;
}
