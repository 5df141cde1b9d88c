/** A tunnel that is lost again and again for a week. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { createSupervision } from "./supervision.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("each outage, and what listened for its end, is forgotten", async () => {
  await using scene = createSupervision();
  const signals: WeakRef<AbortSignal>[] = [];
  const { send } = scene.probe;
  scene.probe.send = (url, signal, timeoutMs) => {
    signals.push(new WeakRef(signal));
    signal.addEventListener("abort", () => {});
    return send(url, signal, timeoutMs);
  };
  await scene.start();
  for (let outage = 1; outage <= 50; outage++) {
    scene.provider.tunnels.at(-1)?.lose(`outage ${outage}`);
    await scene.clock.advance(10_000);
  }
  expect(scene.changes).toHaveLength(100);
  await expect
    .poll(() => {
      collectGarbage();
      return signals.filter((signal) => signal.deref() !== undefined).length;
    })
    .toBeLessThan(10);
});
