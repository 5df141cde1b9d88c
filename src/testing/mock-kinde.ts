/** What `startMockKinde` takes and gives. */
import type { Delivery } from "../delivery/delivery.ts";
import type { EventType } from "../kinde/event-data.ts";
import type { CreateEventOptions } from "../kinde/events.ts";
import type { FaultName } from "../kinde/faults.ts";
import type { SigningKey } from "../kinde/signing-key.ts";
import type { RegisteredWebhook } from "../kinde/webhook.ts";

/** An event type, or a pattern that names several: `user.*`, `*`. */
export type EventTypePattern = EventType | "*" | `${Category<EventType>}.*`;
type Category<Type extends string> = Type extends `${infer Before}.${string}` ? Before : never;

export interface StartMockKindeOptions {
  /** Where what is emitted goes. Default: nowhere, and `emit` needs `to`. */
  readonly webhooks?: readonly WebhookOptions[] | undefined;
  /** The port of the issuer. Default 0: any that is free. */
  readonly port?: number | undefined;
  /** The first. Default: a key made once for all mocks of this process, which takes 0.1 s. */
  readonly signingKey?: SigningKey | undefined;
  /**
   * The time of every event and record, a `Date` or epoch milliseconds. It stands still but for `clock.advance`, and
   * durations are 0. Default: the system's clock.
   */
  readonly now?: Date | number | undefined;
  /**
   * Makes every id that is drawn follow from it, in the order of the calls. Default: ids are random. With `now` and a
   * `signingKey` beside it webhook tokens and deliveries are the same each time, but for ports and what the app answers.
   */
  readonly randomSeed?: string | number | undefined;
  /** How long an endpoint may take for its answer, in milliseconds. Default 30 s. */
  readonly timeoutMs?: number | undefined;
  /** The one application that gets access tokens. Default: any does, with any secret. */
  readonly client?: ClientOptions | undefined;
  /** Whether the Management API takes https endpoints alone, as Kinde does. Default: http as well. */
  readonly strict?: boolean | undefined;
  /** How many webhooks there may be; a free plan has 1. Default: any number. */
  readonly maxWebhooks?: number | undefined;
}

/** An application's credentials. */
export interface ClientOptions {
  readonly id: string;
  readonly secret: string;
}

export interface WebhookOptions {
  /** A URL of http or https. */
  readonly endpoint: string | URL;
  /** Default: every event type. */
  readonly eventTypes?: readonly EventTypePattern[] | undefined;
}

/**
 * Your own values in place of the sample's. What looks like a mistake is a warning of the process, unless `onWarning`
 * hears of it.
 */
export interface EmitOptions<Type extends EventType = EventType> extends CreateEventOptions<Type> {
  /** Deliver to this URL, and to no webhook. */
  readonly to?: string | URL | undefined;
  /** The value of the `webhook-id` header, the same at every webhook. Default: a fresh one at each. */
  readonly webhookId?: string | undefined;
  /** How long an endpoint may take for its answer, in milliseconds. Default: the mock's. */
  readonly timeoutMs?: number | undefined;
  /** The status that counts as delivered. Default 200, as for Kinde. */
  readonly expectedStatus?: number | undefined;
  /**
   * What is to be wrong with it, as in `"bad-signature"`: `faults` lists them, with what a correct handler does. Such a
   * delivery is attempted once (`cut-body` twice) and has a `verdict`. `duplicate` and `reordered` make two deliveries at each
   * webhook; `emit` gives one that was answered wrong, if any was.
   */
  readonly fault?: FaultName | undefined;
  /** Cuts the requests off; their deliveries have then failed as `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** As those of `emit`. */
export interface CreateRequestOptions<Type extends EventType = EventType> extends CreateEventOptions<Type> {
  /** Default: the endpoint of the first webhook that wants the event, else `http://localhost:3000/api/webhook`. */
  readonly url?: string | URL | undefined;
  /** The value of the `webhook-id` header. Default: a fresh one. */
  readonly webhookId?: string | undefined;
  /** What is to be wrong with it: one of `faults` with `isOneRequest`. */
  readonly fault?: FaultName | undefined;
}

export interface WaitForOptions {
  /** In milliseconds. Default 4,000: less than test runners give a test, so that this error is the one you see. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** When retries happen: by the system's clock, or by what this one is moved ahead. */
export interface MockClock {
  /**
   * The time by which retries fall due. With the option `now` it is also that of events, tokens and records, and stands still
   * otherwise; without, those keep to the system's clock.
   */
  readonly now: Date;
  /**
   * Moves it ahead: every retry that falls due meanwhile is made, in order, each at its time. Resolves when all have been
   * answered.
   * @param by as in `"30s"`, `"2h"`, `"3d"`, or milliseconds
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
   * @throws {MockClosedError} `ERR_MOCK_CLOSED`
   */
  advance(by: string | number): Promise<void>;
}

export interface RateLimitOptions {
  /** How many of the next calls are refused, however long that takes; 0 ends it. Default 1. */
  readonly calls?: number | undefined;
  /** When to try again, as the answers say it in `RateLimit-Reset`: in seconds. Default 1. */
  readonly resetSeconds?: number | undefined;
}

export interface MockTls {
  /** `https://localhost:<port>`, without a slash at the end. */
  readonly issuer: string;
  /**
   * The CA that vouches for it, as PEM: the `ca` of a client, or a file for the `NODE_EXTRA_CA_CERTS` of another process.
   * It vouches for this machine's own names alone, and is the same for all mocks of this process.
   */
  readonly ca: string;
}

/** A fake Kinde inside this process. */
export interface MockKinde extends AsyncDisposable {
  /** What your app trusts, as `KINDE_ISSUER_URL`: `http://localhost:<port>`, without a slash at the end. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly port: number;
  /** The key that signs now. */
  readonly signingKey: SigningKey;
  /** As they are now: what your code registers through the Management API is among them. */
  readonly webhooks: readonly RegisteredWebhook[];
  /** The newest 10,000, oldest first; those under way are `pending`. */
  readonly deliveries: readonly Delivery[];

  /**
   * Creates an event, signs it, and delivers it to every webhook that wants it, all at once.
   * An endpoint that refuses, hangs or is not there is no error: the delivery is then pending, for Kinde tries again, and
   * says when (`nextAttemptAt`; `clock.advance` gets there); one to the URL `to` is attempted once, and has failed.
   * @returns the delivery to the first of them, after the first attempt at each
   * @throws {NoWebhookError} `ERR_NO_WEBHOOK` when no webhook wants it, and there is no `to`
   * @throws {WebhookDisabledError} `ERR_WEBHOOK_DISABLED` when all that want it are disabled
   * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
   * @throws {UnknownFaultError} `ERR_UNKNOWN_FAULT`
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
   * @throws {InvalidPathError} `ERR_INVALID_PATH`
   * @throws {MockClosedError} `ERR_MOCK_CLOSED`
   */
  emit<Type extends EventType>(type: Type, options?: EmitOptions<NoInfer<Type>>): Promise<Delivery>;

  /**
   * The webhook request as Kinde would make it, to call a route handler with; nothing is sent.
   * @throws as `emit`, but for webhooks
   */
  createRequest<Type extends EventType>(
    type: Type,
    options?: CreateRequestOptions<NoInfer<Type>>,
  ): Promise<Request>;

  /**
   * A delivery, of those there are or of those to come: the first of an event type that has been attempted, or the first
   * that a function says yes to (it is asked at every change, those under way too). Asked again it gives the same: a function
   * tells one from another.
   * @throws {WaitTimeoutError} `ERR_WAIT_TIMEOUT`
   * @throws {MockClosedError} `ERR_MOCK_CLOSED` when the mock is closed meanwhile
   * @throws {MockResetError} `ERR_MOCK_RESET` when it is reset meanwhile
   */
  waitFor(
    wanted: EventTypePattern | ((delivery: Delivery) => boolean),
    options?: WaitForOptions,
  ): Promise<Delivery>;

  /** The time by which retries fall due. */
  readonly clock: MockClock;

  /**
   * Registers one more, as an administrator of Kinde's does; `reset` takes it away.
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION`, also when there are `maxWebhooks` already
   * @throws {UnknownEventTypeError} `ERR_UNKNOWN_EVENT_TYPE`
   * @throws {MockClosedError} `ERR_MOCK_CLOSED`
   */
  registerWebhook(webhook: WebhookOptions): RegisteredWebhook;

  /** Removes one; what is pending for it is called off. @throws as `enableWebhook` */
  removeWebhook(id: string): void;

  /**
   * Lets a webhook get events again that was disabled, by hand or for 72 hours of failures.
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when there is none with this id
   * @throws {MockClosedError} `ERR_MOCK_CLOSED`
   */
  enableWebhook(id: string): RegisteredWebhook;

  /** Disables a webhook; what is pending for it has then failed. @throws as `enableWebhook` */
  disableWebhook(id: string): RegisteredWebhook;

  /**
   * Refuses the next calls of the Management API with 429, whoever makes them.
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
   * @throws {MockClosedError} `ERR_MOCK_CLOSED`
   */
  limitRate(options?: RateLimitOptions): void;

  /**
   * Has another key sign from now on, as Kinde does now and then; the JWKS has the one before, too, until it is retired.
   * @param signingKey default: a new one, which takes 0.1 s to make
   * @returns the key that signs now
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION` when it is no key, or one that the JWKS has already
   * @throws {MockClosedError} `ERR_MOCK_CLOSED`
   * @throws {MockResetError} `ERR_MOCK_RESET` when the mock is reset meanwhile
   */
  rotateKey(signingKey?: SigningKey): Promise<SigningKey>;

  /**
   * Drops a key that was rotated from the JWKS: what it signed verifies no more.
   * @param kid its id, or as much of it as no other begins with; all that were rotated without it
   * @throws {UnknownKeyError} `ERR_UNKNOWN_KEY`
   * @throws {KeySignsError} `ERR_KEY_SIGNS` when it is the one that signs
   * @throws {InvalidOptionError} `ERR_INVALID_OPTION`
   * @throws {MockClosedError} `ERR_MOCK_CLOSED`
   */
  retireKey(kid?: string): Promise<void>;

  /**
   * The same issuer on https, at the same port: for clients that refuse http, or make https of a bare `KINDE_DOMAIN`.
   * @returns what such a client has to know
   */
  tls(): Promise<MockTls>;

  /**
   * As if just started: cuts off what is under way, forgets the deliveries, the webhooks that were registered since, all keys
   * but the first and calls that were still to be refused, sets the clock back, and draws ids from the seed's beginning.
   */
  reset(): Promise<void>;

  /** Cuts off what is under way and stops serving; `deliveries` stays. A second call does nothing more. */
  close(): Promise<void>;
}
