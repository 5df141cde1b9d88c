/** The keys of a command that goes on until it is stopped: what each does. */
import type { Delivery } from "../../delivery/delivery.ts";
import type { Paint } from "../output/text.ts";
import { describeKeysInFull, type KeyAction } from "./key-actions.ts";

export interface SessionKeysOptions {
  /** The latest delivery of the project that an attempt was made of. */
  readonly latest: () => Promise<Delivery | undefined>;
  /** What is said when there is none. */
  readonly whenNone: string;
  /** A delivery as it may be shown. */
  readonly shown: (delivery: Delivery) => Delivery;
  /** Sends it again, as it was recorded, and tells of it. */
  readonly replay: (delivery: Delivery) => Promise<void>;
  /** A delivery with all that is known of it, as lines. */
  readonly describe: (delivery: Delivery) => readonly string[];
  /** A URL that opens the inspector once; `undefined` where there is none. */
  readonly inspectorUrl: (() => string) | undefined;
  /** Resolves with whether a browser was started. */
  readonly openBrowser: (url: string) => Promise<boolean>;
  /** Forwarding, where it can be paused. */
  readonly forwarding: Forwarding | undefined;
  /** @returns whether this terminal can */
  readonly clearScreen: () => boolean;
  /** Says once more which keys there are. */
  readonly tellKeys: () => void;
  readonly quit: () => void;
  readonly paint: Paint;
  /** Text of ours, where nothing from outside could steer the terminal. */
  readonly print: (text: string) => void;
  /** Text for people beside the output. */
  readonly note: (text: string) => void;
}

export interface Forwarding {
  readonly isPaused: () => boolean;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Webhooks that were taken over and wait for the app; `undefined` without a shield. */
  readonly kept: () => number | undefined;
}

export function createSessionKeys(options: SessionKeysOptions): readonly KeyAction[] {
  const { latest, shown, inspectorUrl, forwarding, paint, print, note } = options;
  const withLatest = async (work: (delivery: Delivery) => void | Promise<void>): Promise<void> => {
    const delivery = await latest();
    if (delivery === undefined) note(options.whenNone);
    else await work(delivery);
  };
  const replay = async (): Promise<void> => await withLatest(options.replay);
  const show = async (): Promise<void> =>
    await withLatest((delivery) => print(options.describe(shown(delivery)).join("\n")));
  const clear = (): void => {
    if (!options.clearScreen()) note("This terminal can't be cleared.");
    options.tellKeys();
    if (forwarding?.isPaused() === true) note(pausedLine(forwarding));
  };
  const actions: KeyAction[] = [
    {
      key: "r",
      label: "replay",
      help: "send the last delivery again, with a new webhook-id",
      run: replay,
    },
    ...(inspectorUrl === undefined ? [] : [openAction(inspectorUrl, options)]),
    { key: "d", label: "details", help: "all that is known of the last delivery", run: show },
    ...(forwarding === undefined ? [] : [pauseAction(forwarding, options)]),
    { key: "c", label: "clear", help: "clear the screen", run: clear },
    {
      key: "h",
      alias: "?",
      label: "help",
      help: "this help",
      run: () => print(describeKeysInFull(actions, paint)),
    },
    {
      key: "q",
      label: "quit",
      help: "stop as Ctrl-C does, with the exit code 0; Ctrl-C ends with 130",
      run: options.quit,
    },
  ];
  return actions;
}

function openAction(inspectorUrl: () => string, { openBrowser, print, note }: SessionKeysOptions): KeyAction {
  const run = async (): Promise<void> => {
    const url = inspectorUrl();
    print(`inspector  ${url}`);
    if (!(await openBrowser(url))) note("No browser could be opened from here: open the URL yourself.");
  };
  return { key: "o", label: "inspector", help: "open the inspector in your browser", run };
}

function pauseAction(forwarding: Forwarding, { note }: SessionKeysOptions): KeyAction {
  const run = (): void => {
    if (forwarding.isPaused()) {
      const line = resumedLine(forwarding);
      forwarding.resume();
      note(line);
    } else {
      forwarding.pause();
      note(pausedLine(forwarding));
    }
  };
  const meanwhile =
    forwarding.kept() === undefined
      ? "Kinde gets 503 and tries again"
      : "webhooks are kept, and your app gets none";
  return { key: "p", label: "pause", help: `pause forwarding: ${meanwhile}; p again resumes`, run };
}

function pausedLine({ kept }: Forwarding): string {
  return kept() === undefined
    ? "paused: what comes is answered 503, and Kinde tries again; p resumes"
    : "paused: what comes is kept, and your app gets it later; p resumes";
}

function resumedLine({ kept }: Forwarding): string {
  const count = kept() ?? 0;
  if (count === 0) return "resumed: what comes is passed on again";
  return `resumed: your app gets what comes, and ${count} ${count === 1 ? "webhook that was" : "webhooks that were"} kept`;
}
