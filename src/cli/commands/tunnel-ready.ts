/** What `tunnel` says before it begins and when it is ready. */
import type { RunningTunnel } from "../../app/start-tunnel-options.ts";
import { proposedPath, type Forward } from "../../delivery/forward.ts";
import { jwksPaths } from "../../kinde/jwks.ts";
import { isLoopbackHost } from "../../net/loopback.ts";
import type { RealIssuer } from "../../trust/real-issuer.ts";
import type { Reporter } from "../output/reporter.ts";
import type { TunnelOptions } from "./tunnel-options.ts";
import type { ChosenTunnel } from "./tunnel-provider.ts";

/** Warns of what will not work, or should not be left on. */
export function warnAhead(real: RealIssuer, values: TunnelOptions, reporter: Reporter): void {
  const warn = (code: `WARN_${string}`, message: string): void =>
    reporter.record({ record: "warning", code, message });
  if (real.issuer === null) {
    const why =
      real.ourselves.length > 0
        ? `${real.ourselves.join(" and ")} names this tool's own issuer, as it should for the app, so Kinde's is not known`
        : "no issuer is set, so Kinde's is not known";
    warn(
      "WARN_NO_ISSUER",
      `${why}: only what this project's own key signed is let in. Tell the tunnel once: --issuer https://acme.kinde.com`,
    );
  }
  if (real.issuer !== null && real.ourselves.includes("--issuer")) {
    warn(
      "WARN_ISSUER_IS_LOCAL",
      `--issuer names this tool's own issuer, and is passed over for ${real.issuer}${from(real)}: give your Kinde domain, as in --issuer https://acme.kinde.com`,
    );
  }
  if (values["allow-unverified"]) {
    warn(
      "WARN_UNVERIFIED",
      "whoever finds the URL can send your app anything: --allow-unverified lets in all that is POSTed",
    );
  }
  if (values["allow-old"]) {
    warn(
      "WARN_OLD_ALLOWED",
      "a webhook that somebody has kept can be sent again at any time: --allow-old lets in events of any age",
    );
  }
  const publicUrl = values["public-url"];
  if (publicUrl?.protocol === "http:" && !isLoopbackHost(publicUrl.hostname)) {
    warn("WARN_NOT_HTTPS", `Kinde takes endpoints on https only, and ${publicUrl.origin} is none`);
  }
}

interface Setting {
  readonly forwards: readonly Forward[];
  readonly real: RealIssuer;
  readonly values: Pick<
    TunnelOptions,
    "allow-unverified" | "event-types" | "shield" | "redact" | "no-history"
  >;
  readonly chosen: Pick<ChosenTunnel, "provider" | "other" | "isRemembered" | "intakePort">;
  readonly caFile: string | null;
  /** A URL that opens the inspector, once; `null` when there is none. */
  readonly inspector: string | null;
}

/** The two lines to paste, and what happens with what comes. */
export function tellReady(
  tunnel: RunningTunnel,
  { forwards, real, values, chosen, caFile, inspector }: Setting,
  reporter: Reporter,
): void {
  const { publicUrl, blocked, localIssuer } = tunnel;
  if (blocked !== undefined) {
    const cause = `a request of our own could not reach the public URL from this machine (${blocked})`;
    const advice = chosen.provider.advice?.(Number(new URL(tunnel.intake).port));
    const message = `${cause}, so nobody knows whether it works; Kinde may well reach it${advice === undefined ? "" : `. ${advice.replace(/\.$/, "")}`}`;
    reporter.record({ record: "warning", code: "WARN_PROBE_BLOCKED", message });
  }
  if (reporter.isJson) {
    reporter.record({
      record: "ready",
      publicUrl: publicUrl.origin,
      intake: tunnel.intake,
      probed: blocked === undefined,
      issuer: real.issuer,
      localIssuer,
      jwksUrl: `${localIssuer}${jwksPaths[0]}`,
      caFile,
      inspector,
      forward: forwards.map(describeForward),
      ...(values.shield && { shield: true }),
      ...(values.redact && { redact: true }),
    });
    return;
  }
  const { paint, print } = reporter;
  const endpoint = publicUrl.origin + proposedPath(forwards);
  const variable = `KINDE_ISSUER_URL=${localIssuer}`;
  const width = Math.max(endpoint.length, variable.length);
  print(`${paint("green", "ready")}  ${promise(tunnel, real)}; Ctrl-C stops it`);
  print("");
  print(
    `  ${paint("bold", endpoint.padEnd(width))}   ${paint("dim", "← for Kinde: Settings, Webhooks, Endpoint URL")}`,
  );
  print(
    `  ${variable.padEnd(width)}   ${paint("dim", "← for your app, which then takes emitted events too")}`,
  );
  if (inspector !== null) print(`  inspector  ${inspector}`);
  print("");
  if (chosen.other !== undefined) print(`  ${paint("dim", through(chosen))}`);
  for (const forward of forwards) {
    const path = forward.keepsPath ? "  whatever path is called" : "";
    print(`  ${paint("dim", `forwards to ${describeForward(forward)}${path}`)}`);
  }
  if (values["event-types"].length > 0) {
    const types = values["event-types"].join(", ");
    print(`  ${paint("dim", `passes on ${types} only; other events are answered 200`)}`);
  }
  if (values.shield) {
    print(`  ${paint("dim", "answers Kinde 200 at once, and tries your app again itself (--shield)")}`);
  }
  if (values.redact) {
    const where = values["no-history"] ? "what is shown" : "what is shown and kept";
    print(`  ${paint("dim", `masks personal values in ${where}; your app gets the real ones (--redact)`)}`);
  }
  const whose = real.issuer === null ? "" : `what ${real.issuer} signed${from(real)}, and `;
  print(
    `  ${paint("dim", `lets in ${values["allow-unverified"] ? "all that is POSTed" : `${whose}what this project emits`}`)}`,
  );
  print("");
}

/** What `ready` may say: no more than is known. */
function promise({ blocked, hasRealKeys }: RunningTunnel, { issuer }: RealIssuer): string {
  if (blocked !== undefined) {
    return "the tunnel is open; whether it can be reached could not be tried from here";
  }
  if (issuer === null) {
    return "what this project emits reaches your app through this URL; Kinde's webhooks will, once you say whose: --issuer";
  }
  return hasRealKeys()
    ? "what Kinde sends to this URL reaches your app"
    : "the tunnel is open; what Kinde sends reaches your app once the keys of its issuer can be had";
}

function through({ other, isRemembered, intakePort }: Setting["chosen"]): string {
  const port = intakePort === undefined ? "" : `, which leads to http://localhost:${intakePort}`;
  return `through ${other}${isRemembered ? " (remembered)" : ""}${port}`;
}

function from({ origin }: RealIssuer): string {
  if (origin === undefined || origin === "--issuer") return "";
  return origin === "state.json" ? " (remembered)" : `, from ${origin},`;
}

function describeForward({ url, keepsPath, pattern }: Forward): string {
  return `${pattern === undefined ? "" : `${pattern}=`}${keepsPath ? url.origin : url.href}`;
}
