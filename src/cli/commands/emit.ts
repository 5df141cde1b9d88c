import { assertDistinct, endpointOf, parseForward } from "../../delivery/forward.ts";
import { InvalidOptionError } from "../../kinde/errors.ts";
import type { EventType } from "../../kinde/event-data.ts";
import { eventTypePatterns, matchEventTypes } from "../../kinde/event-types.ts";
import { eventSources, parseEventSource } from "../../kinde/events.ts";
import { faultNames, parseFault } from "../../kinde/faults.ts";
import { parseAssignment } from "../../kinde/overrides.ts";
import type { ProjectKeys } from "../../project/project-keys.ts";
import { defineCommand, type Command } from "../command.ts";
import { listOption, switchOption, textOption } from "../option.ts";
import { headerValue, nonEmpty, oneOf, rate, wholeNumber } from "../values.ts";
import { openKeys } from "../project-keys.ts";
import { printFormats } from "../output/webhook-request.ts";
import { checkOverrides, readData } from "./emit-overrides.ts";
import { printEvents } from "./emit-print.ts";
import type { WaitOn } from "./emit-input.ts";
import { readRealIssuer } from "./real-issuer.ts";
import {
  issuerOption,
  issuerPortOption,
  jsonTokenOption,
  speedOption,
  timeoutOption,
} from "./shared-options.ts";

const options = {
  to: listOption("Where to deliver; repeatable, with a pattern before it by event type", parseForward, {
    placeholder: "[pattern=]port|path|URL",
  }),
  set: listOption("Set a claim, or a value under data; JSON where it parses as JSON", parseAssignment, {
    placeholder: "path=value",
  }),
  unset: listOption("Remove a value", nonEmpty, { placeholder: "path" }),
  data: textOption("Merge a JSON object into data; - reads standard input", nonEmpty, {
    placeholder: "file|-",
    values: "files",
  }),
  source: textOption("Who caused the event", parseEventSource, { values: eventSources }),
  count: textOption(
    "How often to emit each event type",
    wholeNumber(1, 1_000_000),
    { placeholder: "n", defaultText: "1" },
    1,
  ),
  rate: textOption("Begin at most so many events a second", rate, { placeholder: "n/s" }),
  concurrency: textOption(
    "How many events are under way at once",
    wholeNumber(1, 1_000),
    { placeholder: "n", defaultText: "10" },
    10,
  ),
  "webhook-id": textOption("The same webhook-id for every delivery: a duplicate drill", headerValue, {
    placeholder: "id",
  }),
  print: textOption("Print it instead of delivering", oneOf(...printFormats), { values: printFormats }),
  fault: textOption(
    `Send it damaged in a known way, once, and judge the answer: ${faultNames.join(", ")}`,
    parseFault,
    { placeholder: "name", values: faultNames },
  ),
  expect: textOption("The status that counts as delivered", wholeNumber(200, 599), {
    placeholder: "status",
    defaultText: "200",
  }),
  "wait-on": textOption("Wait up to 60 s for the app (or a URL) to listen", readWaitOn, {
    placeholder: "[URL]",
    isValueOptional: true,
  }),
  retries: switchOption("Attempt again what is not delivered, for 29 hours, as Kinde does"),
  speed: {
    ...speedOption,
    describe: "With --retries: how many times as fast they come; 60 makes a minute of an hour",
  },
  timeout: timeoutOption,
  issuer: { ...issuerOption, describe: "Kinde's issuer, whose keys the local issuer serves beside ours" },
  "issuer-port": issuerPortOption,
  "json-token": jsonTokenOption,
} as const;

export const emit: Command = defineCommand({
  name: "emit",
  words: "<event-type…|'*'>",
  wordValues: eventTypePatterns,
  describe: "Sign events as Kinde does and deliver them to your app",
  options,
  examples: [
    ["npx kinde-devhook emit user.created", "one event to your app"],
    ["npx kinde-devhook emit '*' --to 3000/api/webhook", "every event type, to a port and path"],
    [
      "npx kinde-devhook emit user.updated --set user.email=ada@example.com --set user.phone=null",
      "your own values",
    ],
    ["npx kinde-devhook emit user.created --count 1000 --concurrency 50", "a load"],
    [
      "npx kinde-devhook emit user.created --set event_id=event_0189 --webhook-id drill --count 2",
      "one event twice: does the handler act once?",
    ],
    [
      "npx kinde-devhook emit user.created --retries --speed 3600",
      "until it is delivered: Kinde's retries, hours as seconds",
    ],
    [
      "npx kinde-devhook emit user.created --fault bad-signature",
      "a forged event: does the handler refuse it?",
    ],
    ["npx kinde-devhook emit user.created --print curl", "a line to paste instead"],
  ],
  run: async ({ words, options: given, given: flags, context }) => {
    // A setting may be meant for `mock`, which has a speed of its own; only who asks for it here is told that it has no use.
    const isSpeedAsked = flags.has("speed");
    const values = { ...given, isSpeedAsked };
    const waitOn = values["wait-on"];
    const eventTypes = [...(waitOn?.words ?? []), ...words].flatMap(readEventTypes);
    if (eventTypes.length === 0) {
      throw new InvalidOptionError(
        "the event types",
        "one or more, or '*' for all",
        "none",
        "For example: npx kinde-devhook emit user.created",
      );
    }
    assertDistinct(values.to, "--to");
    if (values.fault !== undefined && flags.has("expect")) {
      throw new InvalidOptionError(
        "--expect",
        "none beside --fault",
        "both",
        "A fault has its own right answer.",
      );
    }
    if (values.fault !== undefined && values.retries) {
      throw new InvalidOptionError(
        "--retries",
        "none beside --fault",
        "both",
        "What is damaged is sent once.",
      );
    }
    if (isSpeedAsked && !values.retries) {
      throw new InvalidOptionError("--speed", "--retries beside it", "none", "Nothing else goes by it.");
    }
    const { reporter, project } = context;
    const request = {
      ...(values.data !== undefined && { data: await readData(values.data, context) }),
      set: values.set,
      unset: values.unset,
      ...(values.source !== undefined && { source: values.source }),
      ...(values["webhook-id"] !== undefined && { webhookId: values["webhook-id"] }),
      ...(values.fault !== undefined && { fault: values.fault }),
    };
    checkOverrides(eventTypes, request, reporter);
    const loadSigningKeys = (): Promise<ProjectKeys> => openKeys(project, reporter);
    const realIssuer = readRealIssuer(values.issuer, values["issuer-port"], context).issuer;
    const input = { eventTypes, request, values, waitOn, realIssuer, loadSigningKeys, context };
    if (values.print !== undefined) {
      return await printEvents(input, values.print);
    }
    const { deliverEvents } = await import("./deliver-commands.ts");
    return await deliverEvents(input);
  },
});

/**
 * `--wait-on` stands alone or has a URL. An event type behind it on the command line was not meant as one;
 * a setting says `true` or `false` for standing alone and not at all.
 */
function readWaitOn(text: string, option: string): WaitOn | undefined {
  const isFlag = option === "--wait-on";
  if (text === "" || ["true", "1"].includes(text)) return { words: [], url: undefined };
  if (!isFlag && ["false", "0"].includes(text)) return undefined;
  if (isFlag && /^[a-z_.*,]+$/.test(text)) return { words: [text], url: undefined };
  return { words: [], url: endpointOf(parseForward(text, option)) };
}

/** What is no event type but an endpoint or a value was meant for an option. */
function readEventTypes(word: string): EventType[] {
  const option = word.includes("=") ? "--set" : /^\d|[/:]/.test(word) ? "--to" : undefined;
  if (option === undefined) return matchEventTypes(word);
  throw new InvalidOptionError(
    "the event types",
    "event types alone",
    JSON.stringify(word),
    `Did you mean ${option} ${word}?`,
  );
}
