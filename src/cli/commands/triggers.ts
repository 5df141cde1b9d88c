import {
  eventFixture,
  eventTypePatterns,
  eventTypes,
  matchEventTypes,
  type EventFixture,
} from "../../kinde/event-types.ts";
import { defineCommand, type Command } from "../command.ts";
import type { Reporter } from "../output/reporter.ts";

export const triggers: Command = defineCommand({
  name: "triggers",
  words: "[event-type…]",
  wordValues: eventTypePatterns,
  describe: "List every event type, or show the samples of some and how sure each is",
  options: {},
  examples: [
    ["npx kinde-devhook triggers", "all event types by category"],
    ["npx kinde-devhook triggers user.created", "the sample, its source and its confidence"],
  ],
  run: async ({ words, context: { reporter } }) => {
    const fixtures = (words.length === 0 ? eventTypes : words.flatMap(matchEventTypes)).map((type) =>
      eventFixture(type),
    );
    if (reporter.isJson) {
      for (const fixture of fixtures) reporter.record({ record: "event_type", ...fixture });
    } else if (words.length === 0) {
      printCatalogue(fixtures, reporter);
    } else {
      for (const fixture of fixtures) printSample(fixture, reporter);
    }
    return 0;
  },
});

function printCatalogue(fixtures: readonly EventFixture[], { print, paint }: Reporter): void {
  const width = Math.max(...fixtures.map(({ type }) => type.length));
  const categories = [...new Set(fixtures.map(({ category }) => category))].sort();
  for (const category of categories) {
    print(paint("bold", category.charAt(0).toUpperCase() + category.slice(1)));
    for (const { type, confidence, description } of fixtures.filter(
      (fixture) => fixture.category === category,
    )) {
      print(`  ${type.padEnd(width)}  ${paintConfidence(confidence, paint)}  ${description}`);
    }
    print("");
  }
  print(
    paint(
      "dim",
      "captured: from a real token · typed: in @kinde/webhooks · unverified: no official shape, our reading",
    ),
  );
}

function printSample(
  { type, category, confidence, description, source, data }: EventFixture,
  reporter: Reporter,
): void {
  const { print, paint } = reporter;
  print(`${paint("bold", type)}  ${paint("dim", category)}`);
  print(description);
  print(`Confidence: ${paintConfidence(confidence, paint).trim()}. ${source}.`);
  print("");
  print(`${JSON.stringify(data, undefined, 2)}\n`);
}

function paintConfidence(confidence: EventFixture["confidence"], paint: Reporter["paint"]): string {
  const colours = { captured: "green", typed: "cyan", unverified: "yellow" } as const;
  return paint(colours[confidence], confidence.padEnd("unverified".length));
}
