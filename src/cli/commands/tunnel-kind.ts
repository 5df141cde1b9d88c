/** Which kind of tunnel is meant: the one that is set, else the one that is remembered, else localtunnel's. */
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { RememberedTunnel } from "../../project/state-file.ts";
import { originUrl } from "../values.ts";
import type { TunnelOptions } from "./tunnel-options.ts";

export type TunnelKind =
  | { readonly provider: "localtunnel" }
  | { readonly provider: "ngrok"; readonly intakePort: number | undefined }
  | { readonly provider: "own"; readonly publicUrl: URL; readonly intakePort: number };

export interface ChosenKind {
  readonly kind: TunnelKind;
  /** Nothing but the memory names it. */
  readonly isRemembered: boolean;
  /** Whether the command line itself has chosen it, or a part of it. */
  readonly isGiven: boolean;
}

export type KindOptions = Pick<
  TunnelOptions,
  "provider" | "public-url" | "intake-port" | "host" | "subdomain" | "any-subdomain"
>;

const ofLocaltunnel = ["host", "subdomain", "any-subdomain"];

/**
 * @param given the options that the command line itself gives
 * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when half of a tunnel of one's own is given, or more than one tunnel
 */
export function chooseKind(
  values: KindOptions,
  given: ReadonlySet<string>,
  remembered: RememberedTunnel | undefined,
): ChosenKind {
  const set = readSet(values, given, remembered);
  if (set !== undefined) {
    const flags = ["provider", "public-url", ...ofLocaltunnel];
    return { kind: set, isRemembered: false, isGiven: flags.some((flag) => given.has(flag)) };
  }
  const port = values["intake-port"];
  const kind = remembered === undefined ? undefined : readRemembered(remembered, port);
  if (kind !== undefined) return { kind, isRemembered: true, isGiven: given.has("intake-port") };
  assertNoPort(port);
  return { kind: { provider: "localtunnel" }, isRemembered: false, isGiven: false };
}

/** What the next bare `tunnel` is to know of it. */
export function toRemember(kind: TunnelKind): RememberedTunnel | undefined {
  if (kind.provider === "localtunnel") return undefined;
  if (kind.provider === "own") return { publicUrl: kind.publicUrl.origin, intakePort: kind.intakePort };
  return { provider: "ngrok", ...(kind.intakePort !== undefined && { intakePort: kind.intakePort }) };
}

/** @returns `undefined` when neither a flag nor environment or configuration says which */
function readSet(
  values: KindOptions,
  given: ReadonlySet<string>,
  remembered: RememberedTunnel | undefined,
): TunnelKind | undefined {
  const { "public-url": publicUrl, "intake-port": intakePort, host, subdomain } = values;
  if (publicUrl !== undefined) {
    // A flag outdoes the environment's provider, as it outdoes the environment's server.
    if (values.provider !== undefined && (given.has("provider") || !given.has("public-url"))) {
      throw new InvalidOptionError(
        "--provider",
        "it without --public-url",
        "both",
        "--public-url is a tunnel of your own, whoever provides it.",
      );
    }
    assertNoneOfLocaltunnel(given, "--public-url", "--public-url is a tunnel of your own");
    // A tunnel that is started anew may have another URL, and leads to the same port.
    const port = intakePort ?? portOfOwn(remembered);
    if (port !== undefined) return { provider: "own", publicUrl, intakePort: port };
    throw new InvalidOptionError(
      "--public-url",
      "--intake-port beside it",
      "no port",
      "Choose one, as in --intake-port 4460, and have your tunnel lead to http://localhost:4460.",
    );
  }
  if (values.provider === "ngrok") {
    assertNoneOfLocaltunnel(given, "--provider ngrok", "ngrok has its URL by its own configuration");
    return { provider: "ngrok", intakePort };
  }
  const isLocaltunnel =
    values.provider === "localtunnel" ||
    host !== undefined ||
    subdomain !== undefined ||
    values["any-subdomain"];
  if (!isLocaltunnel) return undefined;
  assertNoPort(intakePort);
  return { provider: "localtunnel" };
}

/** @returns `undefined` when a later version may have written it: as good as forgotten */
function readRemembered(remembered: RememberedTunnel, port: number | undefined): TunnelKind | undefined {
  const intakePort = port ?? remembered.intakePort;
  if ("provider" in remembered) return { provider: "ngrok", intakePort };
  try {
    const publicUrl = originUrl(remembered.publicUrl, "state.json");
    return { provider: "own", publicUrl, intakePort: port ?? remembered.intakePort };
  } catch {
    return undefined;
  }
}

function portOfOwn(remembered: RememberedTunnel | undefined): number | undefined {
  return remembered !== undefined && "publicUrl" in remembered ? remembered.intakePort : undefined;
}

function assertNoneOfLocaltunnel(given: ReadonlySet<string>, beside: string, why: string): void {
  const other = ofLocaltunnel.find((flag) => given.has(flag));
  if (other === undefined) return;
  throw new InvalidOptionError(
    `--${other}`,
    `it without ${beside}`,
    "both",
    `${why}; the other is for the localtunnel server's.`,
  );
}

function assertNoPort(intakePort: number | undefined): void {
  if (intakePort === undefined) return;
  throw new InvalidOptionError("--intake-port", "--public-url or --provider ngrok beside it", "neither");
}
