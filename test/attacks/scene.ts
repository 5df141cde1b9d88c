/** What is attacked: a real intake, gate and relay before a real app, with an issuer over HTTP and a trap beside them. */
import { generateKeyPairSync, type JsonWebKey } from "node:crypto";
import { inject } from "vitest";
import { startReceiver, type Receiver } from "../helpers/receiver.ts";
import { startStandInKinde, type StandInKinde } from "../helpers/stand-in-kinde.mjs";
import {
  createTrust,
  startTestIntake,
  type TestIntake,
  type TestIntakeOptions,
} from "../relay/test-intake.ts";

const strangersKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });

/** What an attack can be made of. */
export interface Surroundings {
  /** The real issuer. Its key is `foreignKey` of the helpers, under a key id of its own. */
  readonly kinde: StandInKinde;
  /** Another tenant's. */
  readonly stranger: StandInKinde;
  /** Whatever asks here has let a token choose its key. */
  readonly trap: Receiver;
}

export interface Scene extends Surroundings, AsyncDisposable {
  readonly intake: TestIntake;
  /** The app that must not see an attack. */
  readonly app: Receiver;
}

export async function openScene(options: Partial<TestIntakeOptions> = {}): Promise<Scene> {
  const surroundings = await openSurroundings();
  const app = await startReceiver();
  const intake = await startTestIntake({
    forwards: [`http://127.0.0.1:${app.port}/api/webhook`],
    trust: createTrust(surroundings.kinde.issuer),
    ...options,
  });
  return {
    ...surroundings,
    app,
    intake,
    [Symbol.asyncDispose]: async () => {
      await intake.close();
      await app[Symbol.asyncDispose]();
      await surroundings[Symbol.asyncDispose]();
    },
  };
}

export async function openSurroundings(): Promise<Surroundings & AsyncDisposable> {
  const kinde = await startStandInKinde({ privateJwk: inject("foreignPrivateJwk") as JsonWebKey });
  const stranger = await startStandInKinde({ privateJwk: strangersKey });
  const trap = await startReceiver();
  return {
    kinde,
    stranger,
    trap,
    [Symbol.asyncDispose]: async () => {
      for (const one of [trap, stranger, kinde]) await one[Symbol.asyncDispose]();
    },
  };
}
