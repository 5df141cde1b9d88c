import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { chromiumArguments, findChromium } from "../helpers/chromium.mjs";
import { startInspectorServer } from "./inspector-server.mjs";
import { compare, runRounds, typical } from "./rounds.mjs";

const deliveryCount = 10_000;
const listed = `document.querySelector(".shown")?.textContent.includes("10,000 of 10,000") && document.querySelector(".row") !== null`;

/** What the inspector's page costs: bytes, and the time until it lists as many deliveries as it takes. */
export async function measureInspector() {
  const size = measureSize();
  const executablePath = findChromium();
  if (executablePath === undefined) {
    console.error("The inspector's time is left out: there is no chromium.");
    return [size];
  }
  const server = await startInspectorServer(deliveryCount);
  const browser = await chromium.launch({ executablePath, args: chromiumArguments });
  try {
    const rounds = await runRounds(15, {
      inspector: () => measurePage(browser, `${server.origin}/_devhook/`, listed),
      bare: () => measurePage(browser, `${server.origin}/bare/`, `document.title === "listed"`),
    });
    const time = compare(rounds, "inspector", "bare");
    const bareMs = typical(rounds, "bare").toFixed(0);
    const inspectorMs = typical(rounds, "inspector").toFixed(0);
    return [
      size,
      {
        what: `inspector: ${deliveryCount} deliveries listed, from navigation on (${inspectorMs} ms)`,
        yardstick: `a bare page that receives and parses the same (${bareMs} ms)`,
        ratio: time,
        atMost: 3,
      },
    ];
  } finally {
    await browser.close();
    await server.stop();
  }
}

function measureSize() {
  const bytes = readdirSync("dist/inspector")
    .map((name) => gzipSync(readFileSync(`dist/inspector/${name}`)).length)
    .reduce((sum, length) => sum + length, 0);
  const ratio = bytes / (60 * 1024);
  return {
    what: `inspector: bytes sent (${(bytes / 1024).toFixed(1)} KB gzip)`,
    yardstick: "60 KB",
    ratio: { median: ratio, min: ratio, max: ratio },
    atMost: 1,
  };
}

/** From navigation until the fact holds, in milliseconds, by the page's own clock. */
async function measurePage(browser, url, fact) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.addInitScript(`localStorage.setItem("kinde-devhook.token", "token")`);
  const page = await context.newPage();
  await page.goto(url);
  const elapsedMs = await page.evaluate(`new Promise((resolve) => {
    const look = () => { if (${fact}) resolve(performance.now()); else requestAnimationFrame(look); };
    look();
  })`);
  await context.close();
  return elapsedMs;
}
