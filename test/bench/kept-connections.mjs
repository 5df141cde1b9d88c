import { connect } from "node:net";

/**
 * Asks over several kept connections, one request at a time on each. On node:net and with the least of reading:
 * a client that costs more than the servers would make them look alike.
 * @param {{ connections: number, total: number, request: string }} load the request as it is written
 * @returns answers per second
 */
export async function measureLoad(port, { connections, total, request }) {
  let left = total;
  const takeOne = () => left-- > 0;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, () => askWhile(takeOne, port, request)));
  return (total * 1000) / (performance.now() - startedAt);
}

function askWhile(takeOne, port, request) {
  return new Promise((resolve, reject) => {
    const connection = connect({ host: "127.0.0.1", port, noDelay: true });
    let answerBytes;
    let received = 0;
    const askOrEnd = () => {
      received = 0;
      if (takeOne()) connection.write(request);
      else connection.end();
    };
    connection.on("connect", askOrEnd);
    connection.on("data", (chunk) => {
      // The answers of one server are all of one length.
      answerBytes ??= lengthOfAnswer(chunk.toString("latin1"));
      received += chunk.length;
      if (received >= answerBytes) askOrEnd();
    });
    connection.on("error", reject);
    connection.on("close", resolve);
  });
}

function lengthOfAnswer(start) {
  if (!start.startsWith("HTTP/1.1 200 ")) throw new Error(`the server answered ${start.split("\r\n", 1)[0]}`);
  return start.indexOf("\r\n\r\n") + 4 + Number(/^content-length: (\d+)/im.exec(start)[1]);
}
