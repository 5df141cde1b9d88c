/** The fake Kinde for the life of a command: in memory, on a port of its own, and what the command is told of it. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../delivery/clock.ts";
import type { Delivery } from "../delivery/delivery.ts";
import { createMemoryHistory } from "../history/memory-history.ts";
import type { Client } from "../issuer/routes/oauth.ts";
import type { KeysInMemory } from "../kinde/signing-keys.ts";
import { createScheduleClock } from "../delivery/schedule-clock.ts";
import type { Endpoint } from "./endpoints.ts";
import type { RunningMock } from "./open-mock.ts";
import { startMockInMemory } from "./start-mock-in-memory.ts";

export interface CommandMockOptions {
  readonly signingKeys: KeysInMemory;
  readonly clock: Clock;
  readonly webhooks: readonly Endpoint[];
  /** How long an app may take for its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The one client that gets tokens. Without it any does, and the command gets one that was made for it. */
  readonly client: Client | undefined;
  /** 0 for any that is free. */
  readonly port: number;
  /** Called when a delivery is begun, and at each change of it. */
  readonly onChange: (delivery: Delivery) => void;
}

export interface CommandMock {
  readonly mock: RunningMock;
  /** The variables by which the command finds it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The certificate of the CA that https clients have to trust. */
  readonly caPem: string;
}

/**
 * Starts the mock. It writes nothing, and nothing of it is left when it has closed.
 * @throws {PortTakenError} `ERR_PORT_TAKEN`
 * @throws {PortForbiddenError} `ERR_PORT_FORBIDDEN`
 */
export async function startCommandMock(options: CommandMockOptions): Promise<CommandMock> {
  const token = randomBytes(32).toString("base64url");
  const client = options.client ?? {
    id: randomBytes(16).toString("hex"),
    secret: randomBytes(32).toString("base64url"),
  };
  const history = createMemoryHistory();
  const mock = await startMockInMemory({
    ...options,
    time: createScheduleClock(options.clock),
    randomBytes,
    portOption: "--port",
    control: { token, history },
    findToken: async (eventId) => {
      const [delivery] = await history.list({ limit: 1, where: ({ event }) => event?.id === eventId });
      return delivery?.token;
    },
    onChange: (delivery) => {
      // What is under way counts too: an app may ask for the event while it still handles it.
      void history.append(delivery);
      options.onChange(delivery);
    },
  });
  const caPem = await mock.caCertificate().catch(async (error: unknown) => {
    await mock.close(0);
    throw error;
  });
  return {
    mock,
    environment: {
      KINDE_ISSUER_URL: mock.issuer,
      KINDE_DOMAIN: new URL(mock.issuer).host,
      KINDE_MANAGEMENT_CLIENT_ID: client.id,
      KINDE_MANAGEMENT_CLIENT_SECRET: client.secret,
      KINDE_DEVHOOK_URL: mock.issuer,
      KINDE_DEVHOOK_TOKEN: token,
    },
    caPem,
  };
}
