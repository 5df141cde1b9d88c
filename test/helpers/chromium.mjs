import { execFileSync } from "node:child_process";

/** Without windows, and without requests of the browser's own. */
export const chromiumArguments = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of `CHROMIUM_PATH`, or of what is installed; `undefined` where none is. */
export function findChromium() {
  const given = process.env["CHROMIUM_PATH"];
  if (given !== undefined) return given;
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    try {
      return execFileSync("which", [name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
