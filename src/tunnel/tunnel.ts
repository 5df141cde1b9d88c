/** A public URL for a port of this machine: what every provider of one gives, and what it may fail with. */
import { DevhookError } from "../kinde/errors.ts";

/** An open tunnel. */
export interface Tunnel {
  readonly publicUrl: URL;
  /** The name that a localtunnel server has given. */
  readonly name?: string;
  /** How many requests it carries at once, where that is known. */
  readonly connections?: number;
  /** Resolves with the cause when nothing reaches this machine through it any more. */
  readonly lost: Promise<string>;
  /** Resolves when the connections that have carried something are closed, once their local ends are. */
  finish(): Promise<void>;
  close(): void;
}

/** Opens tunnels, one after the other: a lost one is opened again under the same name. */
export interface TunnelProvider {
  /** How to name the service in a sentence: `localtunnel.me`. */
  readonly name: string;
  /** Where the service is, if that is known: one on this machine needs no network. */
  readonly address?: URL;
  /** Whether somebody else runs the tunnel: that it can be opened then says nothing of it. */
  readonly isElsewhere?: boolean;
  /**
   * @throws {TunnelError} when there is none to be had now
   * @throws the signal's reason when it comes first
   */
  open(localPort: number, signal: AbortSignal): Promise<Tunnel>;
  /** Resolves when what was closed has ended, where that takes a moment: this process has to live so long. */
  ended?(): Promise<void>;
  /** What to do when nothing comes through, where more is known than that the service may be out of order. */
  advice?(localPort: number): string;
}

export type TunnelErrorCode =
  | "ERR_TUNNEL_UNREACHABLE"
  | "ERR_TUNNEL_REFUSED"
  | "ERR_TUNNEL_UNAVAILABLE"
  | "ERR_TUNNEL_INVALID"
  | "ERR_SUBDOMAIN_TAKEN"
  | "ERR_PROBE_FAILED"
  | "ERR_NGROK_NOT_FOUND"
  | "ERR_NGROK_TOKEN_MISSING"
  | "ERR_NGROK_TOKEN_REFUSED"
  | "ERR_NGROK_FAILED";

/** There is no tunnel to be had, and why. */
export class TunnelError extends DevhookError {
  override readonly code: TunnelErrorCode;
  override readonly exitCode = 3;
  /** The cause alone: `localtunnel.me answers 503`. */
  readonly reason: string;
  /** Whether trying again may help. */
  readonly isPassing: boolean;
  constructor(code: TunnelErrorCode, reason: string, advice: string, { isPassing }: { isPassing: boolean }) {
    super(`Failed to open the tunnel: ${reason}. ${advice}`);
    this.code = code;
    this.reason = reason;
    this.isPassing = isPassing;
  }
}
