// Stands for the ngrok command: started with the mode, then the arguments of a command line.
// The lines are as ngrok's documentation and its users show them; what it carries goes over loopback.
import { appendFileSync } from "node:fs";
import { forwardHttp } from "./forward-http.mjs";

export async function runFakeNgrok(directory, mode, args) {
  const note = (what) => appendFileSync(`${directory}/ngrok.log`, `${what}\n`);
  const log = (entry) => process.stdout.write(`${JSON.stringify({ t: "2026-08-01T12:00:00Z", ...entry })}\n`);
  const fail = (err) => {
    log({ lvl: "eror", msg: "failed to reconnect session", obj: "tunnels.session", err });
    log({ lvl: "eror", msg: "terminating with error", obj: "app", err });
    process.exitCode = 1;
  };
  note(`start ${process.pid} ${args.join(" ")}`);
  process.on("SIGTERM", () => {
    note("end");
    process.exit(0);
  });
  log({ lvl: "info", msg: "no configuration paths supplied", err: null });
  const port = Number(args[1]);
  if (mode === "open") {
    const { url } = await forwardHttp(port);
    log({ lvl: "info", msg: "starting web service", obj: "web", addr: "127.0.0.1:4040" });
    log({
      lvl: "info",
      msg: "started tunnel",
      obj: "tunnels",
      name: "command_line",
      addr: `http://localhost:${port}`,
      url,
    });
  } else if (mode === "silent") {
    setInterval(() => {}, 60_000);
  } else if (mode === "stderr") {
    process.stderr.write(
      "ERROR:  Error reading configuration file '/x/ngrok.yml': did not find expected key\nERROR:  \n",
    );
    process.exitCode = 1;
  } else if (mode === "mute") {
    process.exitCode = 7;
  } else {
    fail(mode);
  }
}
